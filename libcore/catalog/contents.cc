#include "libcore/catalog/contents.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {
namespace {

// Statements stay readable in the server's log, and below any limit on their length.
constexpr std::size_t kSequencesInStatement = 500;
constexpr std::size_t kLargeObjectsInStatement = 1000;
constexpr int kOldestServer = 13;
// More are no heads of a history: that table only looks like a version table.
constexpr int kMostRevisions = 1000;

std::string column_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) {
    if (!list.empty()) list += ", ";
    list += quote_identifier(column);
  }
  return list;
}

std::vector<std::string> names_of(const Table& table, bool generated) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    if ((column.generated != 0) == generated) names.push_back(column.name);
  }
  return names;
}

// `query` with these, in their order, for its empty arrays: COPY takes no parameters.
std::string with_lists(std::string_view query, std::initializer_list<std::string> lists) {
  constexpr std::string_view kEmpty = "'{}'";
  std::string filled;
  for (const std::string& list : lists) {
    const std::size_t at = query.find(kEmpty);
    if (at == std::string_view::npos) {
      throw Error(ErrorKind::internal, "the query has no place for a list")
          .object(query.substr(0, 40));
    }
    filled += query.substr(0, at);
    filled += quote_literal("{" + list + "}");
    query.remove_prefix(at + kEmpty.size());
  }
  return filled.append(query);
}

std::string_view to_stdout(bool binary) {
  return binary ? " TO STDOUT (FORMAT binary)" : " TO STDOUT";
}

}  // namespace

TableFormats read_formats(pg::Connection& connection) {
  const pg::Result rows =
      connection.query(pg::select_sql(embedded_sql(), "binary_types", connection.server_major()));
  TableFormats formats;
  formats.binary_safe.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) formats.binary_safe.push_back(rows.oid(row, 0));
  return formats;
}

bool binary_is_safe(const Table& table, const TableFormats& formats) {
  return std::all_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
    return std::binary_search(formats.binary_safe.begin(), formats.binary_safe.end(),
                              column.type_oid);
  });
}

std::string copy_out_statement(const Table& table, bool binary, const PageRange* range) {
  const std::vector<std::string> stored = names_of(table, false);
  const std::vector<std::string> generated = names_of(table, true);
  if (generated.empty() && range == nullptr && table.condition.empty()) {
    const std::string list = stored.empty() ? "" : fmt::format(" ({})", column_list(stored));
    return fmt::format("COPY {}{}{}", quote_name(table.name), list, to_stdout(binary));
  }
  std::vector<std::string> columns = stored;
  columns.insert(columns.end(), generated.begin(), generated.end());
  // An extension's own SQL, which begins with WHERE; run as it stands, as the server's own dump
  // does.
  std::string where = table.condition.empty() ? "" : ' ' + table.condition;
  if (range != nullptr) {
    if (!table.condition.empty()) {
      throw Error(ErrorKind::internal, "a configuration table is never read in ranges");
    }
    where = fmt::format(" WHERE ctid >= '({},0)'::pg_catalog.tid", range->first);
    if (range->end != 0) where += fmt::format(" AND ctid < '({},0)'::pg_catalog.tid", range->end);
  }
  return fmt::format("COPY (SELECT {} FROM ONLY {}{}){}", column_list(columns),
                     quote_name(table.name), where, to_stdout(binary));
}

std::string copy_in_statement(const QualifiedName& table, const std::vector<std::string>& columns,
                              bool binary) {
  const std::string list = columns.empty() ? "" : fmt::format(" ({})", column_list(columns));
  return fmt::format("COPY {}{} FROM STDIN{}", quote_name(table), list,
                     binary ? " (FORMAT binary)" : "");
}

ContentDigest digest_rows(pg::Connection& connection, const std::string& sql, bool binary,
                          const std::string& encoding, Progress& progress,
                          const std::string& object) {
  constexpr std::uint64_t kReportBytes = 8u << 20;
  ContentDigest digest;
  std::uint64_t unreported = 0;
  pg::CopyOut rows = connection.copy_out(sql, binary, encoding);
  while (const std::optional<std::string_view> row = rows.next()) {
    digest.add_row(*row);
    unreported += row->size();
    if (unreported >= kReportBytes) {
      progress.advance(object, 0, unreported);
      unreported = 0;
    }
  }
  progress.advance(object, 1, unreported);
  return digest;
}

std::vector<Sequence> sequences_with_states(const Catalog& catalog) {
  std::vector<Sequence> sequences = catalog.sequences;
  sequences.insert(sequences.end(), catalog.extension_sequences.begin(),
                   catalog.extension_sequences.end());
  return sequences;
}

std::vector<std::string> sequence_state_statements(const std::vector<Sequence>& sequences) {
  std::vector<std::string> statements;
  std::string selects;
  std::size_t count = 0;
  for (const Sequence& sequence : sequences) {
    if (!selects.empty()) selects += " UNION ALL ";
    selects += fmt::format(
        "SELECT {}::pg_catalog.text, {}::pg_catalog.text, last_value, is_called FROM {}",
        quote_literal(sequence.name.schema), quote_literal(sequence.name.name),
        quote_name(sequence.name));
    if (++count % kSequencesInStatement == 0) {
      statements.push_back(fmt::format("COPY ({}) TO STDOUT", selects));
      selects.clear();
    }
  }
  if (!selects.empty()) statements.push_back(fmt::format("COPY ({}) TO STDOUT", selects));
  return statements;
}

std::vector<std::string> large_object_statements(const std::vector<LargeObject>& objects) {
  static_assert(kLargeObjectPiece == 262144, "as in large_object_pieces.sql");
  const std::string_view query =
      pg::select_sql(embedded_sql(), "large_object_pieces", kOldestServer);
  std::vector<std::string> statements;
  for (std::size_t first = 0; first < objects.size(); first += kLargeObjectsInStatement) {
    const std::size_t end = std::min(objects.size(), first + kLargeObjectsInStatement);
    std::string oids;
    for (std::size_t index = first; index < end; ++index) {
      if (!oids.empty()) oids += ",";
      oids += objects[index].name.name;
    }
    statements.push_back(fmt::format("COPY ({}) TO STDOUT", with_lists(query, {oids})));
  }
  return statements;
}

std::string planner_statistics_statement(const std::vector<Oid>& tables,
                                         const std::vector<Oid>& roots, int server_major) {
  const std::string_view query = pg::select_sql(embedded_sql(), "planner_statistics", server_major);
  return fmt::format("COPY ({}) TO STDOUT",
                     with_lists(query, {fmt::format("{}", fmt::join(tables, ",")),
                                        fmt::format("{}", fmt::join(roots, ","))}));
}

std::map<std::string, std::vector<std::string>> read_revisions(pg::Connection& connection,
                                                               const Catalog& catalog) {
  std::vector<std::string> names;
  std::vector<pg::Statement> statements;
  for (const Table& table : catalog.tables) {
    if (!is_version_table(table)) continue;
    names.push_back(quote_name_pretty(table.name));
    statements.push_back({fmt::format("SELECT DISTINCT version_num::pg_catalog.text FROM {} "
                                      "WHERE version_num IS NOT NULL LIMIT {}",
                                      quote_name(table.name), kMostRevisions + 1),
                          {}});
  }
  std::map<std::string, std::vector<std::string>> revisions;
  if (statements.empty()) return revisions;
  const std::vector<pg::Result> results = connection.run_batch(statements);
  for (std::size_t index = 0; index < results.size(); ++index) {
    if (results[index].rows() == 0 || results[index].rows() > kMostRevisions) continue;
    std::vector<std::string>& found = revisions[names[index]];
    for (int row = 0; row < results[index].rows(); ++row) {
      found.push_back(results[index].string(row, 0));
    }
    // Sorted here: the server would sort by its own collation.
    std::sort(found.begin(), found.end());
  }
  return revisions;
}

}  // namespace belay::catalog
