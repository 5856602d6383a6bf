#include "migrate/aftermath.h"

#include <chrono>

#include "libcore/pg/snapshot.h"
#include "migrate/traces.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

constexpr auto kBackendPatience = 30s;
constexpr auto kServerPatience = 30s;  // for a server that restarts, or a standby's promotion

bool rests_on_counters(const Evidence& evidence) {
  const TransactionCount& transactions = evidence.transactions;
  if (transactions.complete && transactions.committed == 0) return false;
  const Verdict verdict = judge(evidence);
  return !verdict.changed && verdict.rows == Verdict::Rows::unchanged;
}

}  // namespace

Aftermath look_at_aftermath(const RunOptions& options, const Look& look, const std::string& run,
                            const Facts& before, const ChildEnd& end, Environment& environment) {
  const Cancellation undisturbed;  // also after a signal: what is true now must be known
  pg::Connection connection = connect(options, nullptr, kServerPatience);
  pg::Connection as_command = connect_as_command(options, nullptr, kServerPatience);
  if (end.timed_out || end.cancelled || end.abandoned) end_sessions(as_command, run);
  Aftermath found;
  Evidence& evidence = found.evidence;
  evidence.child = end;
  evidence.sessions_left =
      sessions_left(as_command, run, kBackendPatience, environment.clock, undisturbed);
  const SourceIdentity now = pg::read_identity(connection);
  found.database_oid = now.database_oid;
  evidence.made_anew = now.database_oid != look.identity.database_oid;
  evidence.timeline_before = look.identity.timeline;
  evidence.timeline_after = now.timeline;
  evidence.before = before;
  evidence.after = read_facts(connection, environment.clock, environment.progress);
  evidence.transactions = count_transactions(connection, before.snapshot, evidence.after.snapshot);
  evidence.certainly_counted = certainly_counted(as_command);
  evidence.others_connected = !look_at_sessions(as_command, run).others.empty();
  found.reached = look_at_revisions(options, as_command);
  evidence.expected = look.expected;
  evidence.revisions_after = found.reached.current;
  // Some versions leave the row of an ancestor behind; it says nothing more.
  if (look.expected && options.project) {
    evidence.revisions_after = options.project->graph.effective(evidence.revisions_after);
  }
  if (rests_on_counters(evidence)) {
    evidence.all_told =
        wait_for_counters(connection, as_command, before.server_clock, environment.clock);
    evidence.after = read_facts(connection, environment.clock, environment.progress);
  }
  return found;
}

}  // namespace belay::migrate
