// A file system in memory that forgets what was not synced, and fails where it is told to.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "libcore/base/file_system.h"

namespace belay::testing {

// Thread-safe. "/" and "." exist; paths are normalized lexically and there are no links.
class MemoryFileSystem : public FileSystem {
 public:
  MemoryFileSystem();

  std::unique_ptr<ByteSink> create(const Path& path) override;
  std::unique_ptr<ByteSink> open_for_writing(const Path& path,
                                             const Cancellation& cancellation) override;
  std::unique_ptr<ByteSource> open(const Path& path) const override;
  std::unique_ptr<RandomAccessFile> open_random(const Path& path) const override;
  FileStatus status(const Path& path) const override;
  Path resolve(const Path& path) const override { return path; }  // it has no links
  void rename(const Path& from, const Path& to) override;
  void remove(const Path& path) override;
  void make_directories(const Path& path) override;
  void sync_directory(const Path& path) override;
  std::vector<std::string> list(const Path& directory) const override;
  std::uint64_t free_space(const Path& path) const override;
  std::string volatile_kind(const Path&) const override { return ""; }
  std::unique_ptr<Lock> try_lock(const Path& path) override;

  // Every call that changes something counts: create, open_for_writing, write, sync, close,
  // rename, remove, make_directories, sync_directory, try_lock. The Nth from now (1 is the next)
  // throws Error{io}; with `forever` so does every later one, as if the process had been killed.
  // A failing write has written half of its bytes.
  enum class Fault { once, forever };
  void fail_at(std::uint64_t n, Fault fault);
  std::uint64_t operations() const;  // counted since construction

  // No more than this many bytes in all files; a write beyond it fails with "No space left".
  void set_capacity(std::uint64_t bytes);

  // The machine loses power. Unsynced contents are gone; changed names are gone too (`lost`), or
  // have reached the disk before the contents (`kept`), as both happen. Faults are cleared.
  enum class UnsyncedNames { lost, kept };
  void crash(UnsyncedNames names);

  // Test access without counting. put() is durable at once and makes directories.
  void put(const Path& path, std::string content);
  std::string content(const Path& path) const;

 private:
  struct File {
    std::string content, durable;
  };
  using Names = std::map<Path, std::shared_ptr<File>>;
  class Sink;
  class Source;
  class Reader;
  class HeldLock;

  void count(const char* what, const Path& path);  // requires mutex_
  std::shared_ptr<File> find(const char* what, const Path& path) const;
  void require_parent(const char* what, const Path& path) const;
  void write(File& file, const Path& path, std::string_view bytes);
  std::uint64_t used() const;

  mutable std::mutex mutex_;
  Names names_, durable_names_;  // guarded by mutex_, as is everything below
  std::set<Path> directories_;   // directories are durable at once
  std::set<Path> locked_;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;  // 0: never
  Fault fault_ = Fault::once;
  std::uint64_t capacity_ = UINT64_MAX;
};

}  // namespace belay::testing
