#include "migrate/readiness.h"

#include <fmt/format.h>

#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

// Revisions are not known: then the last run must have been this one.
bool last_run_was_good(const History& history, const DeployTarget& target) {
  for (auto run = history.runs().rbegin(); run != history.runs().rend(); ++run) {
    if (!run->began) continue;
    return run->result && run->result->outcome == "ok" && !run->rolled_back() &&
           run->intent.target.same_deploy(target);
  }
  return false;
}

}  // namespace

std::optional<Error> held_back(const RunOptions& options, const History& history, const Look& look,
                               bool pending) {
  if (const Run* run = history.unfinished_rollback()) {
    return Error(ErrorKind::held, "a rollback of this database was not finished")
        .object(run->intent.run)
        .next("belay rollback --resume " + here(options, look));
  }
  const std::optional<Hold> hold = history.hold();
  if (!hold || !holds_back(*hold, deploy_target(options, look), pending)) return std::nullopt;
  return Error(ErrorKind::held, "this deploy is held")
      .object(look.identity.database)
      .cause(hold->reason)
      .next("mend the migration, or let it run again: belay release --reason TEXT " +
            here(options, look));
}

std::optional<Error> not_ready(const RunOptions& options, const History& history, const Look& look,
                               bool at_work) {
  const std::string& database = look.identity.database;
  if (const Run* run = history.open_run()) {
    if (at_work) {
      return Error(ErrorKind::busy, "a migration is at work")
          .object(run->intent.run)
          .next("wait for it to end");
    }
    return Error(ErrorKind::drift, "a migration was killed, and nobody has looked at what it did")
        .object(run->intent.run)
        .next("run belay migrate again: it looks first");
  }
  const bool pending = look.expected && look.pending;
  if (std::optional<Error> held = held_back(options, history, look, pending)) return held;
  if (pending) {
    return Error(ErrorKind::migration_not_reached, "the database is not at these migrations")
        .object(database)
        .cause(fmt::format("at {} instead of {}", to_text(look.revisions.current),
                           to_text(*look.expected)))
        .next("belay migrate");
  }
  if (!look.expected && !last_run_was_good(history, deploy_target(options, look))) {
    return Error(ErrorKind::migration_not_reached,
                 "the last run was not a good one of this command")
        .object(database)
        .next("belay migrate with this command; what was run: belay runs " + here(options, look));
  }
  return std::nullopt;
}

}  // namespace belay::migrate
