// Reads archives: as a stream from start to end, or as a file through its tail.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/base/file_system.h"

namespace belay::archive {

// The table of contents, in memory.
struct Contents {
  DatabaseProperties database;
  std::vector<std::string> roles;
  std::vector<std::pair<std::string, std::string>> extensions;  // name, version
  std::vector<Entry> entries;                                   // entries[i].number == i + 1
  std::vector<DataItem> items;                                  // items[i].number == i + 1
};

// Pulls an archive out of a pipe or a file. Not thread-safe. Every byte is checked: canonical tar,
// order and names of members, hashes, counts. A defect is Error{damaged} that names the member and
// the offset; a newer format or an unknown feature is Error{unusable_backup}.
class StreamReader {
 public:
  // Reads the header and the whole table of contents. `source` must outlive the reader.
  explicit StreamReader(ByteSource& source);
  ~StreamReader();

  // Held by its own hash.
  const Header& header() const;
  const Contents& contents() const;

  struct Chunk {
    int number = 0;     // of the data item
    int index = 0;      // K
    std::string bytes;  // compressed
    MemberRef ref;
  };
  using Event = std::variant<Chunk, DataEnd>;
  // The next chunk or end; nothing when manifest, tail and the end of the file have been read and
  // hold. Only then do manifest() and sha256() mean something, and only then was it a backup.
  std::optional<Event> next();

  const Manifest& manifest() const;
  const Sha256& sha256() const;  // of the whole archive
  std::uint64_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Opens a file through its tail: header, table of contents, manifest and ends are read and checked
// by their hashes; chunks are read one by one on request. Thread-safe after construction.
class ArchiveFile {
 public:
  // `file` must outlive it.
  explicit ArchiveFile(const RandomAccessFile& file);
  ~ArchiveFile();

  const Header& header() const;
  const Contents& contents() const;
  const Manifest& manifest() const;
  const std::vector<DataEnd>& ends() const;  // ends()[i].number == i + 1
  // Compressed bytes whose hash holds.
  std::string read_chunk(const MemberRef& ref) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace belay::archive
