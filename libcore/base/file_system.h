// Files, as a seam: the real one, and fakes that fail or forget in tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/cancellation.h"

namespace belay {

using Path = std::filesystem::path;

// A sequence of bytes that is being written. Not thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Writes all of it or throws Error{io}.
  virtual void write(std::string_view bytes) = 0;
  // Everything written is durable on return (a no-op where that has no meaning, as for a pipe).
  virtual void sync() = 0;
  // Closes and reports what close() reports; afterwards only the destructor may follow.
  virtual void close() = 0;
};

// A sequence of bytes that is being read from start to end. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` bytes into `buffer`; 0 only at the end. Throws Error{io}.
  virtual std::size_t read(char* buffer, std::size_t size) = 0;
};

// A file that can be read anywhere. Thread-safe: reads carry their own position.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  virtual std::uint64_t size() const = 0;
  // Exactly the bytes that exist in [offset, offset + length); fewer only at the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const = 0;
};

struct FileStatus {
  enum class Type { none, regular, directory, other } type = Type::none;
  std::uint64_t size = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // A new file of mode 0600; Error{io} if it exists.
  virtual std::unique_ptr<ByteSink> create(const Path& path) = 0;
  // What is there already and cannot be replaced by a rename: a fifo or a device. Opening it and
  // writing to it may wait for a reader, until cancelled.
  virtual std::unique_ptr<ByteSink> open_for_writing(const Path& path,
                                                     const Cancellation& cancellation) = 0;
  virtual std::unique_ptr<ByteSource> open(const Path& path) const = 0;
  virtual std::unique_ptr<RandomAccessFile> open_random(const Path& path) const = 0;
  virtual FileStatus status(const Path& path) const = 0;  // follows links; type none if absent
  // Where the links at `path` lead, whether something is there or not; a rename replaces a link.
  virtual Path resolve(const Path& path) const = 0;
  virtual void rename(const Path& from, const Path& to) = 0;
  virtual void remove(const Path& path) = 0;            // no error if absent
  virtual void make_directories(const Path& path) = 0;  // mode 0700 for what it creates
  virtual void sync_directory(const Path& path) = 0;
  virtual std::vector<std::string> list(const Path& directory) const = 0;  // names, sorted
  virtual std::uint64_t free_space(const Path& path) const = 0;            // bytes
  // The kind of file system that is there, or would be, if it goes with a container or the next
  // start: "overlay", "tmpfs". Empty: it lasts.
  virtual std::string volatile_kind(const Path& path) const = 0;
  // An exclusive lock on `path` (created if absent), held until destroyed; null if another holds
  // it.
  class Lock {
   public:
    virtual ~Lock() = default;
  };
  virtual std::unique_ptr<Lock> try_lock(const Path& path) = 0;
};

FileSystem& real_file_system();

// Standard output and input of this process, for archives that go through pipes. Writing waits for
// the reader, until cancelled.
std::unique_ptr<ByteSink> standard_output(const Cancellation& cancellation);
std::unique_ptr<ByteSource> standard_input();

// Whole small files; throws Error{damaged} if larger than `limit` bytes.
std::string read_file(const FileSystem& files, const Path& path, std::uint64_t limit);
// Temporary name, sync, rename, sync of the directory: afterwards `path` is the old or the new
// content, never a mixture. Error{io} for a device or a fifo, which a rename would replace.
void publish_file(FileSystem& files, const Path& path, std::string_view content);

}  // namespace belay
