#include "migrate/gate_facts.h"

#include "libcore/catalog/activity.h"
#include "libcore/pg/snapshot.h"
#include "migrate/embedded_sql.h"
#include "migrate/traces.h"

namespace belay::migrate {
namespace {

LiveDatabase read_live(pg::Connection& connection, const History& history,
                       const std::string& environment_label, Environment& environment) {
  LiveDatabase live;
  const Facts facts = read_facts(connection, environment.clock, environment.progress);
  live.settled =
      connection.query(sql_for(connection, "counters_settled"), {"-infinity"}).boolean(0, 0);
  live.activity = catalog::read_activity(connection);
  live.revisions = facts.revisions;
  live.fingerprint = facts.fingerprint.hex();
  // Last: what was committed before it, the others have shown.
  live.identity = pg::read_identity(connection);
  live.identity.environment = environment_label;
  live.now = from_iso8601(live.identity.server_clock);
  live.counting_since =
      from_iso8601(connection.query(sql_for(connection, "server_counting_since")).string(0, 0));
  live.in_lineage = [&history](std::uint32_t oid) { return history.in_lineage(oid); };
  const std::string now = live.identity.snapshot;
  live.committed_since = [&connection,
                          now](const std::string& then) -> std::optional<std::uint64_t> {
    const TransactionCount count = count_transactions(connection, then, now);
    if (!count.complete) return std::nullopt;
    return count.committed;
  };
  return live;
}

}  // namespace

Evaluation evaluate(Archives& archives, pg::Connection& connection, const History& history,
                    const std::string& environment_label, const GateTerms& terms,
                    Environment& environment) {
  Evaluation evaluation;
  evaluation.candidates = archives.candidates();
  const LiveDatabase live = read_live(connection, history, environment_label, environment);
  evaluation.decision = decide(evaluation.candidates, live, terms);
  while (evaluation.decision.must_read(evaluation.candidates)) {
    archives.read_bytes(evaluation.candidates.at(*evaluation.decision.use));
    evaluation.decision = decide(evaluation.candidates, live, terms);
  }
  return evaluation;
}

}  // namespace belay::migrate
