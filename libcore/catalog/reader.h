// Reads a whole database's catalog in a handful of round trips.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "libcore/base/progress.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/connection.h"

namespace belay::catalog {

// From here on (about 800 tables) a second session gains more than connecting costs.
inline constexpr std::int64_t kLargeCatalogBytes = 4 << 20;

struct ReadOptions {
  // ACCESS SHARE locks on tables before the snapshot is taken, so that nothing that is read can
  // change under it. Without: a plain look (schema, compare, doctor).
  bool lock_tables = true;
  // How long to wait for locks in total; then Error{lock_timeout} naming the blocker. A single wait
  // is shorter than the server's deadlock_timeout: the reader lets go of everything and starts
  // again, so that no session that changes the schema is killed because of it.
  std::chrono::milliseconds lock_timeout{30000};
  bool large_objects = true;
  // Table::bytes and pages, by which rows are shared out: the server must open each table.
  bool table_sizes = false;
  // A second session for the length of the reading, if pg_attribute has that many bytes.
  std::optional<std::int64_t> second_session_from;
};

// Protocol (facts in docs/design.md): list tables in autocommit on this connection, begin the
// snapshot transaction, lock, freeze the snapshot by the first query, list again and start over if
// something came or changed (bounded), then everything else in one pipelined batch (two at the same
// time, with a second session). On return the
// snapshot transaction of `connection` is open: export_snapshot() may follow. Requires: a session
// of kind catalog outside a transaction. Objects that cannot be carried are in
// Catalog::unsupported, not an error here.
Catalog read_catalog(pg::Connection& connection, const ReadOptions& options, Progress& progress);

// What stands behind ON for each object of a superuser's that the database did not make and whose
// privileges or owner were changed: only a superuser can do so again.
std::vector<std::string> changed_superuser_objects(pg::Connection& connection);

}  // namespace belay::catalog
