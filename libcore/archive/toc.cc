#include "libcore/archive/toc.h"

#include <utility>

#include <fmt/format.h>

#include "libcore/archive/compression.h"
#include "libcore/archive/members.h"
#include "libcore/archive/toc_line.h"

namespace belay::archive {
namespace {

// Small beside the rows, and read by everything: worth more than the fastest level.
constexpr int kTocLevel = 6;

void require(bool ok, std::string_view what, std::string_view cause) {
  if (ok) return;
  throw Error(ErrorKind::internal, "the table of contents cannot be written")
      .object(what)
      .cause(cause);
}

std::string title(std::string_view kind, std::string_view schema, std::string_view name) {
  return schema.empty() ? fmt::format("{} {}", kind, name)
                        : fmt::format("{} {}.{}", kind, schema, name);
}

}  // namespace

TocWriter::TocWriter(std::function<void(std::string piece)> on_piece)
    : on_piece_(std::move(on_piece)) {}

void TocWriter::add_database(const DatabaseProperties& properties,
                             const std::vector<RoleDefinition>& roles) {
  require(!database_seen_, "database", "it is there already");
  database_seen_ = true;
  const std::string what = title("database", "", properties.name);
  nlohmann::json line = to_json(properties);
  if (!roles.empty()) line["roles"] = to_json(roles);
  add_line(dump_json(line, what), what);
}

void TocWriter::add_role(std::string_view name) {
  ++roles_;
  const std::string what = title("role", "", name);
  add_line(dump_json({{"type", "role"}, {"name", name}}, what), what);
}

void TocWriter::add_extension(std::string_view name, std::string_view version) {
  ++extensions_;
  const std::string what = title("extension", "", name);
  add_line(dump_json({{"type", "extension"}, {"name", name}, {"version", version}}, what), what);
}

void TocWriter::add_entry(const Entry& entry) {
  const std::string what = title(entry.kind, entry.schema, entry.name);
  require(entry.number == ++entries_, what, "entries are not numbered in order");
  require(defect(entry).empty(), what, defect(entry));
  add_line(dump_json(to_json(entry), what), what);
}

void TocWriter::add_data_item(const DataItem& item) {
  const std::string what = title(to_word(item.kind), item.schema, item.name);
  require(item.number == ++items_, what, "data items are not numbered in order");
  require(defect(item).empty(), what, defect(item));
  require(item.entry <= entries_, what, "its entry does not come before it");
  add_line(dump_json(to_json(item), what), what);
}

void TocWriter::end() {
  const nlohmann::json line = {{"type", "end"},
                               {"roles", roles_},
                               {"extensions", extensions_},
                               {"entries", entries_},
                               {"items", items_}};
  add_line(dump_json(line, "end"), "end");
  flush();
}

void TocWriter::add_line(const std::string& line, std::string_view what) {
  require(database_seen_, what, "the database must come first");
  const std::uint64_t size = line.size() + 1;
  bytes_ += size;
  if (size > kMaxTocLineBytes || bytes_ > kMaxTocBytes) {
    throw Error(ErrorKind::backup_failed, "the table of contents becomes too large")
        .object(what)
        .cause("a line may have 64 MB, the whole 1 GB");
  }
  if (lines_.size() + size > kTocPieceBytes) flush();
  lines_ += line;
  lines_ += '\n';
}

void TocWriter::flush() {
  if (lines_.empty()) return;
  require(++pieces_ <= kMaxTocPieces, "end", "it has too many pieces");
  on_piece_(compress(lines_, Compression::zstd, kTocLevel));
  lines_.clear();
}

void TocReader::add_piece(std::string_view piece, const Where& where) {
  ++pieces_;
  std::string lines;
  in_member(where, [&] {
    decode_chunk(piece, Compression::zstd, [&](std::string_view bytes) {
      if (lines.size() + bytes.size() > kMaxTocLineBytes) throw_damaged("it expands too much");
      lines += bytes;
    });
  });
  bytes_ += lines.size();
  if (bytes_ > kMaxTocBytes) throw_damaged(where, "the table of contents is larger than 1 GB");
  if (lines.empty() || lines.back() != '\n') throw_damaged(where, "its last line is not complete");
  std::string_view rest = lines;
  const bool large = rest.size() > kTocPieceBytes;
  for (std::size_t end = rest.find('\n'); !rest.empty(); end = rest.find('\n')) {
    if (large && end + 1 < lines.size()) throw_damaged(where, "it is larger than 1 MB");
    if (complete_) throw_damaged(where, "there are lines after the last one");
    add_line(rest.substr(0, end), where);
    rest.remove_prefix(end + 1);
  }
}

void TocReader::add_line(std::string_view line, const Where& where) {
  const nlohmann::json document = parse_json(line, where);
  const Fields fields(document, where);
  const std::string type = fields.text("type");
  if ((type == "database") == database_seen_) {
    fields.refuse("type", "the database must be the first line, and only that");
  }
  if (type == "database") {
    contents_.database = database_of(fields);
    contents_.role_definitions = role_definitions_of(fields);
    database_seen_ = true;
  } else if (type == "role") {
    contents_.roles.push_back(fields.text("name"));
  } else if (type == "extension") {
    contents_.extensions.emplace_back(fields.text("name"), fields.text("version"));
  } else if (type == "entry") {
    const Entry& entry = contents_.entries.emplace_back(entry_of(fields));
    if (static_cast<std::size_t>(entry.number) != contents_.entries.size()) {
      fields.refuse("number", "entries are not numbered in order");
    }
    if (!defect(entry).empty()) fields.refuse("depends_on", defect(entry));
  } else if (type == "item") {
    const DataItem& item = contents_.items.emplace_back(item_of(fields));
    if (static_cast<std::size_t>(item.number) != contents_.items.size()) {
      fields.refuse("number", "items are not numbered in order");
    }
    if (!defect(item).empty()) fields.refuse("kind", defect(item));
    if (static_cast<std::size_t>(item.entry) > contents_.entries.size()) {
      fields.refuse("entry", "it does not come before the item");
    }
  } else if (type == "end") {
    if (fields.number("roles") != contents_.roles.size() ||
        fields.number("extensions") != contents_.extensions.size() ||
        fields.number("entries") != contents_.entries.size() ||
        fields.number("items") != contents_.items.size()) {
      fields.refuse("type", "the last line counts other lines than there are");
    }
    complete_ = true;
  } else {
    fields.refuse("type", "an unknown one");
  }
}

}  // namespace belay::archive
