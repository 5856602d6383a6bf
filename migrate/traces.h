// What a command left in the database: facts taken before and after it, for the verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/clock.h"
#include "libcore/base/digest.h"
#include "libcore/base/progress.h"
#include "libcore/catalog/canonical.h"
#include "libcore/pg/connection.h"
#include "migrate/journal.h"

namespace belay::migrate {

// Version tables of migration tools are left out of the fingerprint and of the counters.
struct Facts {
  RevisionSets revisions;
  Sha256 fingerprint;
  std::vector<catalog::CanonicalObject> objects;  // what it is the fingerprint of
  int server_major = 0;
  std::string snapshot;  // pg_current_snapshot(), the first fact before and the last one after
  // Cumulative counters of one table, or of all large objects; they count rolled back rows, too.
  struct Counters {
    std::uint64_t inserted = 0, updated = 0, deleted = 0;
    std::uint32_t relfilenode = 0;  // TRUNCATE and rewrites
    bool operator==(const Counters&) const = default;
  };
  using CounterMap = std::map<std::string, Counters>;  // by "schema.table"
  CounterMap counters;
  std::string stats_reset, postmaster_start;  // if either moved, counters prove nothing
  bool counting = true;                       // false: the server was told not to count
  std::string server_clock;                   // after the counters were read
  std::map<std::string, std::string>
      sequences;                          // last values; they move in what is rolled back, too
  std::string belongings;                 // of the database itself: catalog::canonical_database()
  std::set<std::string> prepared;         // names of prepared transactions
  std::set<std::string> invalid_indexes;  // quoted names; no part of the fingerprint
  // Of the whole server, which nothing here takes back: "role app", "tablespace fast".
  std::set<std::string> beside;
};
using CounterMap = Facts::CounterMap;
// When the server has written down what it has counted.
CounterMap settled_counters(pg::Connection& connection, Clock& clock);
// Waits until every session has told what it counted since that moment of the server: one that ends
// does at once, an idle one late, such as a pooler keeps. False: one may not have told. `own` and
// `other` are asked to tell their own: a pooler may have lent them what it kept.
bool wait_for_counters(pg::Connection& own, pg::Connection& other, const std::string& since,
                       Clock& clock);
// `connection` is of kind catalog, outside a transaction. Reads the whole catalog without locks.
Facts read_facts(pg::Connection& connection, Clock& clock, Progress& progress);

// Whether every row is counted that the role of this session writes: it cannot tell the server not
// to.
bool certainly_counted(pg::Connection& as_command);

// How the transactions that ended between two snapshots ended.
struct TransactionCount {
  std::uint64_t committed = 0, aborted = 0, in_progress = 0;
  bool complete = true;  // false: too many to ask, or too old
};
TransactionCount count_transactions(pg::Connection& connection, const std::string& before,
                                    const std::string& after);

// A session that is, or may be, the command's.
struct CommandSession {
  int pid = 0;
  bool idle = false;  // it does nothing, and is not in a transaction
  std::string text;   // for people: "process 4711 (belay/RUN, idle, connected since 14:30:00 UTC)"
};

// Client backends in the database that are not belay's; autovacuum and other workers do not count.
struct Sessions {
  std::set<int> command;  // pids with application_name belay/RUN, as PGAPPNAME gives it
  std::set<int> others;   // all the rest
  // The command's by name, and whoever works on version tables: not every driver gives the name.
  std::vector<CommandSession> working;
};
Sessions look_at_sessions(pg::Connection& connection, const std::string& run);

// Waits for the sessions of a run whose command has ended, and returns those that are left: idle
// ones after kIdlePatience, since only a process that lives on keeps one; others after `wait`.
inline constexpr std::chrono::seconds kIdlePatience{2};
std::vector<CommandSession> sessions_left(pg::Connection& connection, const std::string& run,
                                          std::chrono::milliseconds wait, Clock& clock,
                                          const Cancellation& cancellation);
std::string to_text(const std::vector<CommandSession>& sessions);

// Sessions of others that keep a snapshot of this database open without working, and dumps.
std::vector<CommandSession> look_at_open_snapshots(pg::Connection& connection);

// Ends the sessions of a run whose command was stopped: one at work does not notice that its client
// is gone; it would keep its locks, or wait for some, and could still commit. What this role may
// not end is left, and found by sessions_left().
void end_sessions(pg::Connection& connection, const std::string& run);

// A session that waits for another's lock.
struct LockWait {
  int pid = 0;
  bool command = false;  // by its application name
  int blocker = 0;
  std::string blocker_text;  // as CommandSession::text
};
std::vector<LockWait> look_at_lock_waits(pg::Connection& connection, const std::string& run);

}  // namespace belay::migrate
