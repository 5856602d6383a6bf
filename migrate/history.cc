#include "migrate/history.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

bool is_rollback(EventKind kind) {
  return kind == EventKind::rollback || kind == EventKind::swapped ||
         kind == EventKind::rollback_done;
}

bool contains(const std::vector<std::uint32_t>& oids, std::uint32_t oid) {
  return std::find(oids.begin(), oids.end(), oid) != oids.end();
}

// Every OID that the name had or gets through swaps, from the one it has now.
std::vector<std::uint32_t> lineage_of(const std::vector<Event>& events,
                                      const JournalIdentity& database) {
  std::vector<std::uint32_t> oids{database.database_oid};
  for (bool grew = true; grew;) {
    grew = false;
    for (const Event& event : events) {
      // Also of a swap that was only begun: killed after its COMMIT, nobody wrote that it was done.
      // And of a command that made the database anew.
      const bool moves = event.kind == EventKind::swapped || event.kind == EventKind::rollback ||
                         (event.kind == EventKind::result && event.new_oid != 0);
      if (!moves || event.database.system_identifier != database.system_identifier) continue;
      const bool before = contains(oids, event.old_oid), after = contains(oids, event.new_oid);
      if (before == after) continue;
      oids.push_back(before ? event.new_oid : event.old_oid);
      grew = true;
    }
  }
  return oids;
}

void apply(const Event& event, Run& run) {
  switch (event.kind) {
    case EventKind::intent:
      run.intent = event;
      break;
    case EventKind::result:
      run.result = event;
      break;
    case EventKind::rollback:
      run.rollback = event;
      run.swapped = run.finished = false;
      run.release.reset();
      break;
    case EventKind::swapped:
      run.swapped = true;
      break;
    case EventKind::rollback_done:
      run.finished = true;
      break;
    case EventKind::release:
      run.release = event;
      break;
    case EventKind::sealed:
    case EventKind::dropped:
      break;  // of a copy (open_copies), not of a run
  }
}

bool failed_and_changed(const Run& run) {
  return run.result && run.result->outcome != "ok" && run.result->changed && !run.rolled_back();
}

// Who takes a run back takes back all that had begun by then; what was released before is held
// anew.
void take_later_ones_along(std::vector<Run>& runs) {
  for (const Run& back : runs) {
    if (!back.rollback_stands()) continue;
    const Moment then = back.rollback->at;
    for (Run& run : runs) {
      if (!run.began || run.intent.at <= back.intent.at || run.intent.at >= then) continue;
      run.with_an_earlier = true;
      if (run.release && run.release->at < then) run.release.reset();
    }
  }
}

bool reached_its_target(const Run& run) {
  return run.result && run.result->outcome == "ok" && run.result->changed && !run.rolled_back();
}

}  // namespace

History::History(const std::vector<Event>& events, const JournalIdentity& database)
    : oids_(lineage_of(events, database)) {
  for (const Event& event : events) {
    // A rollback names the OID that it takes the name from; its run is known by then.
    if (event.database.system_identifier != database.system_identifier ||
        !contains(oids_, event.database.database_oid)) {
      continue;
    }
    auto run = std::find_if(runs_.begin(), runs_.end(),
                            [&](const Run& one) { return one.intent.run == event.run; });
    if (run == runs_.end()) {
      // A rollback to an archive has no run before it; what else has none is not this database's.
      if (event.kind != EventKind::intent && !is_rollback(event.kind)) continue;
      run = runs_.insert(runs_.end(), Run{});
      run->intent.run = event.run;
      run->intent.at = event.at;
      run->intent.database = event.database;
      run->began = event.kind == EventKind::intent;
    }
    apply(event, *run);
  }
  take_later_ones_along(runs_);
}

const Run* History::find(std::string_view name) const {
  for (const Run& run : runs_) {
    if (run.intent.run == name) return &run;
  }
  return nullptr;
}

const Run* History::open_run() const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->open()) return &*run;
  }
  return nullptr;
}

const Run* History::unfinished_rollback() const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (run->rollback && !run->finished) return &*run;
  }
  return nullptr;
}

const Run* History::kept_rollback() const {
  const Run* kept = nullptr;
  for (const Run& run : runs_) {
    if (!run.rollback_stands()) continue;
    if (kept == nullptr || kept->rollback->at < run.rollback->at) kept = &run;
  }
  return kept;
}

const Run* History::standing_rollback() const {
  const Run* standing = kept_rollback();
  if (standing == nullptr) return nullptr;
  for (const Run& run : runs_) {
    const bool idle = run.result && !run.result->changed;
    if (run.began && !idle && run.intent.at > standing->rollback->at) return nullptr;
  }
  return standing;
}

const Run* History::taken_back_by(const RevisionSets& revisions, std::string_view sha256) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!run->began || run->rolled_back() || run->left_all_as_it_was()) continue;
    if (!sha256.empty() && run->intent.archive_sha256 == sha256) return &*run;
    if (!run->result) continue;
    const bool moved = run->result->after != run->intent.before;
    if (moved && run->intent.before == revisions) return &*run;
    if (run->result->after == revisions) return nullptr;  // the archive may be younger than the run
  }
  return nullptr;
}

std::optional<Hold> History::hold() const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!run->began) continue;
    if (reached_its_target(*run)) return std::nullopt;
    if (run->release) continue;
    if (run->rolled_back()) {
      return Hold{run->intent.run, run->intent.target, true,
                  fmt::format("run {} was rolled back{}", run->intent.run,
                              run->with_an_earlier ? " with an earlier one" : "")};
    }
    if (failed_and_changed(*run)) {
      return Hold{run->intent.run, run->intent.target, false,
                  fmt::format("run {} failed and left the database changed", run->intent.run)};
    }
  }
  return std::nullopt;
}

std::map<std::string, std::string> History::needed_archives() const {
  const Run* last = nullptr;
  for (const Run& run : runs_) {
    if (run.began) last = &run;
  }
  const std::optional<Hold> held = hold();
  std::map<std::string, std::string> needed;
  for (const Run& run : runs_) {
    if (run.intent.archive.empty()) continue;
    if (&run == last || run.open() || (held && held->run == run.intent.run) ||
        (run.rollback && !run.finished)) {
      needed[run.intent.archive] = run.intent.run;
    }
  }
  return needed;
}

bool History::in_lineage(std::uint32_t oid) const { return contains(oids_, oid); }

std::vector<Event> open_copies(const std::vector<Event>& events) {
  std::vector<Event> copies;
  for (const Event& event : events) {
    if (event.kind == EventKind::sealed) {
      copies.push_back(event);
      continue;
    }
    const bool dropped = event.kind == EventKind::dropped;
    if (!dropped && !is_rollback(event.kind)) continue;
    const std::uint32_t oid = dropped ? event.copy_oid : event.new_oid;
    const std::string& system = dropped ? event.copy_system : event.database.system_identifier;
    std::erase_if(copies, [&](const Event& copy) {
      return copy.copy_oid == oid && copy.copy_system == system;
    });
  }
  return copies;
}

bool holds_back(const Hold& hold, const DeployTarget& target, bool something_pending) {
  return hold.target.same_deploy(target) || (!hold.rolled_back && !something_pending);
}

}  // namespace belay::migrate
