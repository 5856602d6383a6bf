#include "librestore/compare.h"

#include <algorithm>
#include <utility>

#include "libcore/archive/chunk.h"
#include "libcore/archive/entry_kind.h"
#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "librestore/copy_text.h"
#include "librestore/plan.h"
#include "librestore/snapshot_digests.h"

namespace belay::restore {
namespace {

constexpr std::string_view kAbsent = "absent";

std::vector<std::string> stored_columns(const catalog::Table& table) {
  std::vector<std::string> columns;
  for (const catalog::Column& column : table.columns) {
    if (column.generated == 0) columns.push_back(column.name);
  }
  return columns;
}

// Adds what one table holds to what is known under its name.
void add_table(Side& side, const QualifiedName& name, const Side::Table& part) {
  const auto [at, is_new] = side.tables.try_emplace(name, part);
  if (is_new) return;
  Side::Table& sum = at->second;
  sum.stored += part.stored;
  if (sum.columns != part.columns || sum.binary != part.binary) sum.rows_only = true;
}

void read_sequences(const archive::ArchiveFile& archive, const archive::DataItem& item,
                    const archive::DataEnd& end, Side& side) {
  for (const archive::MemberRef& ref : end.chunks) {
    archive::RowScanner scanner(item.format, [&](std::string_view row) {
      const std::vector<std::optional<std::string>> fields = copy_fields(row);
      if (fields.size() != 4) {
        throw Error(ErrorKind::damaged, "a sequence's state does not have four fields")
            .object(ref.name);
      }
      side.sequences[{fields[0].value_or(""), fields[1].value_or("")}] =
          fields[2].value_or("") + "," + fields[3].value_or("");
    });
    archive::decode_chunk(archive.read_chunk(ref), item.compression,
                          [&](std::string_view piece) { scanner.feed(piece); });
    scanner.finish();
  }
}

std::string text_of(const Side::Table& table) {
  return describe(table.stored) + (table.binary ? " (binary)" : "");
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text = "columns ";
  for (const std::string& name : names) {
    if (!text.ends_with(' ')) text += ",";
    text += quote_identifier_pretty(name);
  }
  return text;
}

void add_line(Comparison& comparison, std::string object, std::string left, std::string right,
              bool equal) {
  comparison.equal = comparison.equal && equal;
  comparison.lines.push_back({std::move(object), std::move(left), std::move(right), equal});
}

// One line for every name of either map. `same` and `text` look at two values.
template <typename Value, typename Text, typename Same>
void compare_maps(Comparison& comparison, std::string_view kind,
                  const std::map<QualifiedName, Value>& left,
                  const std::map<QualifiedName, Value>& right, const Text& text, const Same& same) {
  std::set<QualifiedName> names;
  for (const auto& [name, value] : left) names.insert(name);
  for (const auto& [name, value] : right) names.insert(name);
  for (const QualifiedName& name : names) {
    const auto at_left = left.find(name), at_right = right.find(name);
    const bool both = at_left != left.end() && at_right != right.end();
    add_line(comparison, std::string(kind) + " " + quote_name_pretty(name),
             at_left == left.end() ? std::string(kAbsent) : text(at_left->second),
             at_right == right.end() ? std::string(kAbsent) : text(at_right->second),
             both && same(at_left->second, at_right->second));
  }
}

bool read_in_binary(const Side& side, const QualifiedName& table) {
  const auto found = side.tables.find(table);
  return found != side.tables.end() && found->second.binary;
}

// What has rows or a state of its own.
bool is_filled(const archive::Entry& entry) {
  return archive::has_rows(entry) || archive::is_sequence(entry);
}

template <typename Value>
std::map<QualifiedName, Value> without(std::map<QualifiedName, Value> map,
                                       const std::set<QualifiedName>& names) {
  for (const QualifiedName& name : names) map.erase(name);
  return map;
}

// `unknown`: what one of the two cannot tell.
void compare_tables(Comparison& comparison, const Side& left, const Side& right,
                    const std::set<QualifiedName>& unknown) {
  std::set<QualifiedName> other_columns;
  for (const auto& [name, table] : left.tables) {
    const auto other = right.tables.find(name);
    if (other == right.tables.end()) continue;
    if (table.rows_only || other->second.rows_only) {
      comparison.not_compared.push_back("rows of table " + quote_name_pretty(name) +
                                        ", only their number: its partitions differ in columns");
      continue;
    }
    if (other->second.columns == table.columns) continue;
    add_line(comparison, "table " + quote_name_pretty(name), list_of(table.columns),
             list_of(other->second.columns), false);
    other_columns.insert(name);
  }
  // Digests over different columns say nothing more.
  other_columns.insert(unknown.begin(), unknown.end());
  compare_maps(
      comparison, "table", without(left.tables, other_columns),
      without(right.tables, other_columns), [](const Side::Table& table) { return text_of(table); },
      [](const Side::Table& a, const Side::Table& b) {
        if (a.rows_only || b.rows_only) return a.stored.rows == b.stored.rows;
        return a.binary == b.binary && a.stored == b.stored;
      });
}

void compare_contents(Comparison& comparison, const Side& left, const Side& right) {
  if (!left.has_contents || !right.has_contents) {
    const Side& schema_only = left.has_contents ? right : left;
    comparison.not_compared.push_back("contents: " + schema_only.title + " holds the schema only");
    comparison.nothing_compared = true;
    return;
  }
  std::set<QualifiedName> unknown = left.without_contents;
  unknown.insert(right.without_contents.begin(), right.without_contents.end());
  compare_tables(comparison, left, right, unknown);
  comparison.nothing_compared =
      without(left.tables, unknown).empty() && without(right.tables, unknown).empty();
  compare_maps(
      comparison, "sequence", without(left.sequences, unknown), without(right.sequences, unknown),
      [](const std::string& state) { return state; },
      [](const std::string& a, const std::string& b) { return a == b; });
  if (left.large_objects.rows == 0 && right.large_objects.rows == 0) return;
  add_line(comparison, "large objects", describe(left.large_objects), describe(right.large_objects),
           left.large_objects == right.large_objects);
}

}  // namespace

Side side_of_archive(const archive::ArchiveFile& archive) {
  Side side;
  const archive::Header& header = archive.header();
  side.title = "archive of " + quote_identifier_pretty(header.source.database) + ", " +
               header.source.server_clock;
  side.fingerprint = archive.manifest().fingerprint;
  side.server_major = header.source.server_major();
  side.encoding = archive.contents().database.encoding;
  side.lc_monetary = archive.contents().database.lc_monetary;
  side.has_contents = !archive.manifest().schema_only;
  side.left_out = archive.manifest().left_out;
  for (const archive::DataItem& item : archive.contents().items) {
    const archive::DataEnd& end = archive.ends().at(static_cast<std::size_t>(item.number - 1));
    switch (item.kind) {
      case archive::DataKind::table: {
        const bool direct = item.load_root.name.empty();
        add_table(side, direct ? QualifiedName{item.schema, item.name} : item.load_root,
                  {end.stored, item.format == archive::CopyFormat::binary, item.columns});
        break;
      }
      case archive::DataKind::sequence_states:
        read_sequences(archive, item, end, side);
        break;
      case archive::DataKind::large_objects:
        side.large_objects += end.stored;
        break;
      case archive::DataKind::planner_statistics:
        break;  // of how to plan, not of what is there
    }
  }
  for (const archive::Entry& entry : archive.contents().entries) {
    const QualifiedName name{entry.schema, entry.name};
    if (is_filled(entry) && !side.tables.contains(name) && !side.sequences.contains(name)) {
      side.without_contents.insert(name);
    }
  }
  return side;
}

Side side_of_database(const pg::ConnectTarget& database, const Side* other, int jobs,
                      Environment& environment) {
  environment.progress.stage("read " + database.describe(), 0, 0);
  const RowSettings settings =
      other ? RowSettings{other->encoding, other->lc_monetary} : RowSettings{};
  SnapshotDigests digests(database, jobs, settings, environment);
  const catalog::Catalog& catalog = digests.catalog();
  Side side;
  side.title = database.describe();
  side.fingerprint = catalog::fingerprint(catalog);
  side.server_major = catalog.identity.server_major();
  side.encoding = digests.encoding();
  side.lc_monetary = other ? other->lc_monetary : catalog.database.lc_monetary;

  std::vector<DigestTask> tasks;
  std::vector<std::pair<QualifiedName, Side::Table>> parts;
  catalog::for_each_filled_table(catalog, [&](const catalog::Table& table) {
    const QualifiedName name = comparison_name(catalog, table);
    if (other && other->without_contents.contains(name)) return;
    if (table.persistence == 'u' && catalog.identity.in_recovery) {
      side.left_out.push_back("contents of unlogged table " + quote_name_pretty(table.name) +
                              ": a standby has none");
      side.without_contents.insert(name);
      return;
    }
    const bool binary =
        other && read_in_binary(*other, name) && catalog::binary_is_safe(table, digests.formats());
    tasks.push_back(digests.table_task(table, binary, false));
    parts.push_back({name, {{}, binary, stored_columns(table)}});
  });
  tasks.push_back(digests.large_object_task());
  const std::vector<ContentDigest> found = digests.digest(tasks);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].second.stored = found[i];
    add_table(side, parts[i].first, parts[i].second);
  }
  side.large_objects = found.back();
  side.sequences = digests.sequence_states();
  for (const catalog::Sequence& sequence : catalog::sequences_with_states(catalog)) {
    if (sequence.persistence != 'u' || !catalog.identity.in_recovery) continue;
    side.left_out.push_back("state of unlogged sequence " + quote_name_pretty(sequence.name) +
                            ": a standby has none");
    side.without_contents.insert(sequence.name);
  }
  return side;
}

Comparison compare(const Side& left, const Side& right) {
  Comparison comparison;
  for (const Side* side : {&left, &right}) {
    for (const std::string& reason : side->left_out)
      comparison.not_compared.push_back(side->title + ": " + reason);
  }
  compare_contents(comparison, left, right);
  if (left.server_major == right.server_major) {
    add_line(comparison, "schema", left.fingerprint.hex(), right.fingerprint.hex(),
             left.fingerprint == right.fingerprint);
  } else {
    comparison.not_compared.push_back("schema: server " + std::to_string(left.server_major) +
                                      " and server " + std::to_string(right.server_major));
  }
  return comparison;
}

}  // namespace belay::restore
