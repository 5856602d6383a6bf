// What really happened: decided from evidence, never from the exit status alone. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/error.h"
#include "migrate/traces.h"

namespace belay::migrate {

// Why belay stopped the command, besides --timeout and a signal.
enum class Stop {
  none,
  lock_lost,
  other_server,    // the server was restarted, or another took its place
  waits_for_belay  // the command waits for the lock that belay holds: it takes the same key
};

struct Evidence {
  ChildEnd child;
  Stop stop = Stop::none;
  Facts before, after;
  // Rows of the version table that were to be reached; nothing: the tool is unknown.
  std::optional<std::vector<std::string>> expected;
  std::vector<std::string> revisions_after;  // of the one version table
  TransactionCount transactions;
  bool certainly_counted = false;  // whatever rows the command wrote
  bool all_told = true;            // false: a session may not have told yet what it wrote
  bool others_connected = false;   // somebody but the command and belay, at any time meanwhile
  // Sessions of the command that have not ended.
  std::vector<CommandSession> sessions_left;
  std::string waited_for;  // who kept it waiting for a lock when it was stopped; empty: nobody
  // Of the server, before and after; a promoted standby begins a new one, and may lack commits.
  std::uint32_t timeline_before = 0, timeline_after = 0;

  bool made_anew = false;  // the command dropped the database, and made another of that name

  bool failed_over() const { return timeline_before != timeline_after; }
};

struct Verdict {
  // Nothing: good, exit 0. Otherwise migration_failed_unchanged (30), migration_failed_changed
  // (31), migration_not_reached (32), timed_out (34), lock_lost (21), preflight (17).
  std::optional<ErrorKind> failure;
  bool changed = false;  // schema, revision set, or rows
  enum class Rows { unchanged, changed, not_proved } rows = Rows::unchanged;
  std::string truth;  // what is true now, one sentence
  std::string retry;  // whether a retry is safe, one sentence
  // What taking the run back would not take back: "role app was created meanwhile".
  std::vector<std::string> lasting;
  std::vector<std::string> notes;  // "heads reached, schema as before (guarded or data only)"
};
Verdict judge(const Evidence& evidence);

// Whether a retry does no harm, for a run that was refused or stopped before its command began.
std::string retry_text(ErrorKind kind);

}  // namespace belay::migrate
