// What the planner knows of a restored database. Rows that the archive brought wait in a temporary
// table of a session until nothing changes tables and indexes any more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/base/name.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

// A server older than that takes none in.
inline constexpr int kTakesStatisticsFrom = 18;

struct PlannerStatistics {
  std::uint64_t taken = 0;             // relations and columns
  std::vector<std::string> refused;    // each a line that names it
  std::vector<QualifiedName> analyze;  // of which the planner knows nothing, or too little
};

// Once, before rows are copied with copy_planner_statistics.sql.
void make_statistics_table(pg::Connection& session);

struct StatisticsImport {
  int source_version = 0;        // 180006
  bool as_owners = false;        // for a superuser's session: user code runs as the owner
  bool one_transaction = false;  // the caller's
};

// Takes them in, a few hundred at a time, and drops the temporary table. What the server refuses is
// told, and nothing fails: the planner would do without.
PlannerStatistics take_in_statistics(pg::Connection& session, const StatisticsImport& import,
                                     Environment& environment);

}  // namespace belay::restore
