// What tables hold: how to read it, and its digest. The dump, the drill and `compare` read rows
// with the same statements, so that equal contents have equal digests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/digest.h"
#include "libcore/base/progress.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/connection.h"

namespace belay::catalog {

// Pages [first, end) of a table by ctid; end 0: to the last page.
struct PageRange {
  std::uint64_t first = 0, end = 0;
};

// Binary where no stored or generated column's bytes hold an OID from 16384 up and every type has a
// binary form that is stable (postgres-objects: built-in scalars, arrays and ranges of them, enums,
// and domains over these). Decided from type facts read with the catalog.
struct TableFormats {
  std::vector<Oid> binary_safe;  // sorted type OIDs for which binary is safe
};
// One round trip: classifies every type that a table column uses.
TableFormats read_formats(pg::Connection& connection);
bool binary_is_safe(const Table& table, const TableFormats& formats);

// f(table) for each table that has rows of its own.
template <typename F>
void for_each_filled_table(const Catalog& catalog, F&& f) {
  for (const Table& table : catalog.tables) {
    if (table.kind == TableKind::ordinary) f(table);
  }
  for (const ExtensionTable& table : catalog.extension_tables) {
    if (table.configuration) f(table);
  }
}
// Those whose state is contents.
std::vector<Sequence> sequences_with_states(const Catalog& catalog);

// COPY (SELECT stored columns, then generated columns FROM ONLY t [WHERE ctid ...]) TO STDOUT, or
// COPY t (columns) TO STDOUT where there is neither a generated column nor a range.
std::string copy_out_statement(const Table& table, bool binary, const PageRange* range);
// COPY t (stored columns) FROM STDIN.
std::string copy_in_statement(const QualifiedName& table, const std::vector<std::string>& columns,
                              bool binary);

// Digest of the rows that `sql` (a COPY ... TO STDOUT) gives.
ContentDigest digest_rows(pg::Connection& connection, const std::string& sql, bool binary,
                          const std::string& encoding, Progress& progress,
                          const std::string& object);

// Rows (schema, name, last_value, is_called) of all given sequences, as COPY statements of at most
// 500 sequences each, in text.
std::vector<std::string> sequence_state_statements(const std::vector<Sequence>& sequences);
// Rows (oid, offset, bytes) of large objects in pieces of kLargeObjectPiece bytes, as COPY
// statements over batches of objects; an empty object gives one row with an empty piece.
inline constexpr int kLargeObjectPiece = 256 * 1024;
std::vector<std::string> large_object_statements(const std::vector<LargeObject>& objects);

// Rows of planner_statistics.18.sql: what ANALYZE gathered on `tables` (materialized views among
// them), each alone and with its indexes, and on `roots`, each with all that inherits from it. For
// servers from kStatisticsFrom on: older ones could not take them in again.
inline constexpr int kStatisticsFrom = 18;
std::string planner_statistics_statement(const std::vector<Oid>& tables,
                                         const std::vector<Oid>& roots, int server_major);

// Revisions in version tables of Alembic (any table named alembic_version, or with a column
// version_num as its only column): "schema.table" -> sorted revisions. A table without rows is as
// good as none, and one with more than 1000 is no version table.
std::map<std::string, std::vector<std::string>> read_revisions(pg::Connection& connection,
                                                               const Catalog& catalog);

}  // namespace belay::catalog
