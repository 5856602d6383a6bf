// What a command left in the database: facts taken before and after it, for the verdict.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/clock.h"
#include "libcore/base/digest.h"
#include "libcore/base/progress.h"
#include "libcore/pg/connection.h"
#include "migrate/journal.h"

namespace belay::migrate {

// Version tables of migration tools are left out of the fingerprint and of the counters.
struct Facts {
  RevisionSets revisions;
  Sha256 fingerprint;
  std::string snapshot;  // pg_current_snapshot(), the first fact before and the last one after
  // Cumulative counters of one table; they count rolled back rows, too.
  struct Counters {
    std::uint64_t inserted = 0, updated = 0, deleted = 0;
    std::uint32_t relfilenode = 0;  // TRUNCATE and rewrites
    bool operator==(const Counters&) const = default;
  };
  std::map<std::string, Counters> counters;   // "schema.table"
  std::string stats_reset, postmaster_start;  // if either moved, counters prove nothing
};
// `connection` is of kind catalog, outside a transaction. Reads the whole catalog without locks.
Facts read_facts(pg::Connection& connection, Clock& clock, Progress& progress);

// How the transactions that ended between two snapshots ended.
struct TransactionCount {
  std::uint64_t committed = 0, aborted = 0, in_progress = 0;
  bool complete = true;  // false: too many to ask, or too old
};
TransactionCount count_transactions(pg::Connection& connection, const std::string& before,
                                    const std::string& after);

// Sessions in the database that are neither belay's nor, by their application name, the command's.
struct Sessions {
  std::set<int> command;  // pids with application_name belay/RUN, as PGAPPNAME gives it
  std::set<int> others;   // client backends; autovacuum and other background workers do not count
};
Sessions look_at_sessions(pg::Connection& connection, const std::string& run);

// Waits until no backend of the run is left; false if some still live after `wait`.
bool command_backends_gone(pg::Connection& connection, const std::string& run,
                           std::chrono::milliseconds wait, Clock& clock,
                           const Cancellation& cancellation);

}  // namespace belay::migrate
