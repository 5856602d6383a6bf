// The table of contents: from values to lines and pieces, and back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libcore/archive/damage.h"
#include "libcore/archive/format.h"
#include "libcore/archive/reader.h"

namespace belay::archive {

// Collects lines into pieces of at most 1 MB and gives each away compressed. Checks what a reader
// will check, so that a mistake of the caller is found before the first row is read.
class TocWriter {
 public:
  explicit TocWriter(std::function<void(std::string piece)> on_piece);

  void add_database(const DatabaseProperties& properties, const std::vector<RoleDefinition>& roles);
  void add_role(std::string_view name);
  void add_extension(std::string_view name, std::string_view version);
  void add_entry(const Entry& entry);
  void add_data_item(const DataItem& item);
  void end();

 private:
  void add_line(const std::string& line, std::string_view what);
  void flush();

  std::function<void(std::string)> on_piece_;
  std::string lines_;
  bool database_seen_ = false;
  std::uint64_t bytes_ = 0;
  int pieces_ = 0, roles_ = 0, extensions_ = 0, entries_ = 0, items_ = 0;
};

// Takes pieces in their order until the last line has come.
class TocReader {
 public:
  // Compressed, as it stands in the archive.
  void add_piece(std::string_view piece, const Where& where);
  bool complete() const { return complete_; }
  int pieces() const { return pieces_; }
  // Requires: complete().
  Contents take() { return std::move(contents_); }

 private:
  void add_line(std::string_view line, const Where& where);

  Contents contents_;
  bool database_seen_ = false;
  bool complete_ = false;
  std::uint64_t bytes_ = 0;
  int pieces_ = 0;
};

}  // namespace belay::archive
