// Writes an archive to a sink, without seeking. Format: docs/archive-format.md.
#pragma once

#include <memory>
#include <string_view>

#include "libcore/archive/format.h"
#include "libcore/base/file_system.h"
#include "libcore/base/role_definition.h"

namespace belay::archive {

// Order: add_database, add_entry..., add_data_item..., end_toc, then append_chunk and end_data in
// any interleaving, then finish. append_chunk and end_data are thread-safe; the rest belongs to one
// thread. A Writer that failed stays failed: later calls throw the same error.
class Writer {
 public:
  // Writes the header. `sink` must outlive the Writer.
  Writer(ByteSink& sink, Header header);
  ~Writer();

  void add_database(const DatabaseProperties& properties,
                    const std::vector<RoleDefinition>& roles = {});
  void add_role(std::string_view name);  // a role that some statement names
  void add_extension(std::string_view name, std::string_view version);
  void add_entry(const Entry& entry);
  void add_data_item(const DataItem& item);
  void end_toc();

  // Appends chunk K (counted here) of data item `number` and returns where it landed.
  MemberRef append_chunk(int number, std::string_view chunk);
  // After the item's last chunk. `end.chunks` is filled from what was appended.
  void end_data(DataEnd end);

  struct Written {
    Sha256 sha256;  // of the whole file
    std::uint64_t size = 0;
  };
  // Completes manifest.header, .toc and .ends, .rows, .bytes and .archive_id, writes the manifest,
  // the tail and the two zero blocks, and syncs the sink. Nothing may follow.
  Written finish(Manifest manifest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Where an archive becomes visible. For a regular file: temporary name beside it, and commit()
// syncs, renames and syncs the directory, removing first the receipt of what it replaces.
// For stdout ("-"), a fifo or a device: commit() only closes. Destroying it uncommitted removes the
// temporary file.
class Publication {
 public:
  Publication(FileSystem& files, Path destination, const Cancellation& cancellation);
  ~Publication();
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  ByteSink& sink();
  bool is_regular_file() const;
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::archive
