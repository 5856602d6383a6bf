// Resets a version table of Alembic: in one transaction, and without Alembic.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/clock.h"
#include "libcore/base/name.h"
#include "libcore/pg/connection.h"
#include "migrate/revision_graph.h"
#include "migrate/version_tables.h"

namespace belay::migrate {

// What the table will hold: exactly these rows, whatever it held before.
struct StampPlan {
  QualifiedName table;
  bool exists = true;
  std::vector<std::string> before;     // as it was seen; the lock may show more
  std::vector<std::string> revisions;  // sorted; empty: base

  // Where there is no table, base needs none.
  bool creates() const { return !exists && !revisions.empty(); }
};

struct Stamped {
  std::vector<std::string> before, after;
  bool changed() const { return before != after; }
};

// The rows that `arguments` mean: head, heads, base, ids whole or abbreviated, branch@head. `graph`
// null: there is no project to look into, and only base is known. With `force` what is unknown is
// taken as it is written. Error{preflight} for what means nothing, Error{several_heads}.
std::vector<std::string> rows_of_stamp(const RevisionGraph* graph,
                                       const std::vector<std::string>& arguments, bool force);

// Where Alembic would create its table: `schema`, or where it is empty the first schema of the
// role's search_path. Error{preflight} if there is none.
QualifiedName new_version_table(pg::Connection& connection, const std::string& schema,
                                const std::string& table);

// Error{preflight} for a revision that the table's column cannot hold.
void check_fits(pg::Connection& connection, const StampPlan& plan);

// Carries the plan out and commits, or leaves everything as it was. The table is locked against
// other writers, polled: Error{lock_timeout} after `wait`. `connection` is of kind admin, outside a
// transaction.
Stamped stamp(pg::Connection& connection, const StampPlan& plan, std::chrono::milliseconds wait,
              Clock& clock, const Cancellation& cancellation);

}  // namespace belay::migrate
