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
#include "libcore/base/role_definition.h"

namespace belay::archive {

// The table of contents, in memory.
struct Contents {
  DatabaseProperties database;
  std::vector<std::string> roles;                               // that statements name
  std::vector<RoleDefinition> role_definitions;                 // --roles; may hold secrets
  std::vector<std::pair<std::string, std::string>> extensions;  // name, version
  std::vector<Entry> entries;                                   // entries[i].number == i + 1
  std::vector<DataItem> items;                                  // items[i].number == i + 1
};

// Gives chunks and ends one after another, as a restore takes them. Not thread-safe.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual const Header& header() const = 0;
  virtual const Contents& contents() const = 0;

  struct Chunk {
    int number = 0;     // of the data item
    int index = 0;      // K
    std::string bytes;  // compressed
    MemberRef ref;
  };
  using Event = std::variant<Chunk, DataEnd>;
  // Nothing at the end. Only then does everything hold that was read.
  virtual std::optional<Event> next() = 0;

  // The rest means something only after the end.
  virtual const Manifest& manifest() const = 0;
  // Of the whole archive; zero if only parts of it were read.
  virtual const Sha256& sha256() const = 0;
  virtual std::uint64_t size() const = 0;  // bytes of the archive
};

// Pulls an archive out of a pipe or a file. Every byte is checked: canonical tar, order and names
// of members, hashes, counts. A defect is Error{damaged} that names the member and the offset; a
// newer format or an unknown feature is Error{unusable_backup}.
class StreamReader final : public Reader {
 public:
  // Reads the header and the whole table of contents. `source` must outlive the reader.
  explicit StreamReader(ByteSource& source);
  ~StreamReader() override;

  // Header and contents are held by their own hashes.
  const Header& header() const override;
  const Contents& contents() const override;
  // The end has come when manifest, tail and the end of the file have been read and hold: only
  // then was it a backup.
  std::optional<Event> next() override;

  const Manifest& manifest() const override;
  const Sha256& sha256() const override;
  std::uint64_t size() const override;

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

// Some data items of a file, and nothing else of it but what ArchiveFile reads. Each member is
// checked by its hash.
class PartReader final : public Reader {
 public:
  // `items` by index of the data item. `file` must outlive the reader.
  PartReader(const ArchiveFile& file, std::uint64_t size, std::vector<bool> items);

  const Header& header() const override { return file_.header(); }
  const Contents& contents() const override { return file_.contents(); }
  std::optional<Event> next() override;

  const Manifest& manifest() const override { return file_.manifest(); }
  const Sha256& sha256() const override { return no_hash_; }
  std::uint64_t size() const override { return size_; }

 private:
  const ArchiveFile& file_;
  const std::uint64_t size_;
  const std::vector<bool> items_;
  const Sha256 no_hash_;
  std::size_t item_ = 0, chunk_ = 0;  // what comes next
};

}  // namespace belay::archive
