#include "migrate/gate.h"

#include <fmt/format.h>

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

// Clocks of one server do not jump by more, so a snapshot from later than that is no fact.
constexpr auto kClockTolerance = 30s;

enum class Standing { fresh, stale, unproved, other, unusable };

struct Judged {
  Standing standing = Standing::fresh;
  std::string why;
};

bool same_lineage(const Candidate& candidate, const LiveDatabase& live) {
  return candidate.source.system_identifier == live.identity.system_identifier &&
         (candidate.source.database_oid == live.identity.database_oid ||
          live.in_lineage(candidate.source.database_oid));
}

std::string age_text(std::chrono::microseconds age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  return minutes < 120 ? fmt::format("{} minutes", minutes) : fmt::format("{} hours", minutes / 60);
}

std::string staleness(const Candidate& candidate, const LiveDatabase& live,
                      std::chrono::milliseconds max_age) {
  const auto age = live.now - candidate.taken;
  if (age < -kClockTolerance) return "its snapshot lies in the future of the server's clock";
  if (age > max_age) return fmt::format("it is {} old", age_text(age));
  if (candidate.source.timeline != live.identity.timeline) {
    return fmt::format("the server went from timeline {} to {} since", candidate.source.timeline,
                       live.identity.timeline);
  }
  if (candidate.revisions != live.revisions) return "the revisions have changed since";
  if (candidate.fingerprint != live.fingerprint) return "the schema has changed since";
  return {};
}

Judged judge(const Candidate& candidate, const LiveDatabase& live,
             std::chrono::milliseconds max_age) {
  if (!candidate.problem.empty()) return {Standing::unusable, candidate.problem};
  if (candidate.source.environment != live.identity.environment) {
    return {Standing::other, fmt::format("it is of the environment '{}', this run is of '{}'",
                                         candidate.source.environment, live.identity.environment)};
  }
  if (!same_lineage(candidate, live)) {
    return {Standing::other,
            fmt::format("it is of database OID {} on system {}, this is OID {} on system {}",
                        candidate.source.database_oid, candidate.source.system_identifier,
                        live.identity.database_oid, live.identity.system_identifier)};
  }
  if (candidate.swapped) {
    return {Standing::unusable, "its receipt is of other bytes: the file was replaced or changed"};
  }
  if (!candidate.compared) {
    return {Standing::unproved, "no receipt proves that it restores (level compared)"};
  }
  if (!candidate.whole) return {Standing::unproved, "something was left out of it"};
  const std::string why = staleness(candidate, live, max_age);
  return why.empty() ? Judged{} : Judged{Standing::stale, why};
}

// Nothing at all was committed on that server since: the strongest form of fresh.
bool nothing_committed_since(const Candidate& candidate, const LiveDatabase& live) {
  return !candidate.source.snapshot.empty() && candidate.source.snapshot == live.identity.snapshot;
}

Error refusal_for(const Candidate& candidate, const Judged& judged) {
  const auto refuse = [&](ErrorKind kind, std::string what) {
    return Error(kind, std::move(what)).object(candidate.path.native()).cause(judged.why);
  };
  switch (judged.standing) {
    case Standing::other:
      return refuse(ErrorKind::other_database, "the archive is of another database")
          .next("name the repository of this database with --repo, or its environment with --env");
    case Standing::unusable:
      return refuse(ErrorKind::unusable_backup, "the archive cannot be relied on")
          .next("move it away, and take a new one: belay backup --verify compared");
    case Standing::unproved:
      return refuse(ErrorKind::no_fresh_backup, "no backup is proved by restoring it")
          .next(fmt::format("belay verify {} --level compared", candidate.path.native()));
    case Standing::stale:
    case Standing::fresh:
      break;
  }
  return refuse(ErrorKind::no_fresh_backup, "no verified backup is fresh")
      .next("belay backup --verify compared, or --gate snapshot to take one now");
}

// Which reason to tell if nothing can be used: the nearest miss of this very database; a stranger
// only if there is nothing else.
int rank(Standing standing) {
  switch (standing) {
    case Standing::unusable:
      return 0;
    case Standing::unproved:
    case Standing::stale:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

GateDecision decide(const std::vector<Candidate>& candidates, const LiveDatabase& live,
                    GateMode mode, std::chrono::milliseconds max_age, bool named) {
  GateDecision decision;
  std::optional<std::size_t> reason;
  std::vector<Judged> verdicts;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    verdicts.push_back(judge(candidates[i], live, max_age));
    const Judged& judged = verdicts.back();
    // Another environment may share the repository; its archives are none of this run's business.
    if (!named && candidates[i].problem.empty() &&
        candidates[i].source.environment != live.identity.environment) {
      continue;
    }
    const bool strict = mode == GateMode::snapshot && !named;
    if (judged.standing == Standing::fresh &&
        (!strict || nothing_committed_since(candidates[i], live))) {
      decision.use = i;
      return decision;
    }
    if (judged.standing == Standing::unusable) {
      decision.unreliable.push_back(fmt::format("{}: {}", candidates[i].path.native(), judged.why));
    }
    if (!reason || rank(judged.standing) < rank(verdicts[*reason].standing)) reason = i;
  }
  if (mode == GateMode::snapshot && !named) return decision;
  decision.refusal =
      reason ? refusal_for(candidates[*reason], verdicts[*reason])
             : Error(ErrorKind::no_fresh_backup, "there is no backup of this database")
                   .object(live.identity.database)
                   .next("belay backup --verify compared, or --gate snapshot to take one now");
  return decision;
}

}  // namespace belay::migrate
