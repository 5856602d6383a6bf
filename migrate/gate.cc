#include "migrate/gate.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace belay::migrate {
namespace {

using Answer = GateDecision::Answer;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, kChecks> kCheckWords = {
    "target", "environment", "identity", "lineage", "revision", "schema",
    "age",    "writes",      "proof",    "usable",  "durable"};

// A key shows that backups of this schema restore; a week of new rows does not change that.
constexpr auto kKeyAge = 24h * 7;

// Which obstacle to tell of an archive that has several.
constexpr std::array kOrder = {CheckId::usable,   CheckId::environment, CheckId::identity,
                               CheckId::proof,    CheckId::age,         CheckId::lineage,
                               CheckId::revision, CheckId::schema};

const Check& at(const std::vector<Check>& checks, CheckId id) {
  return checks.at(static_cast<std::size_t>(id));
}

// Writes are counted and told, and bytes are read when an archive is chosen.
bool blocks(const Check& check) {
  if (check.finding == Finding::fail) return true;
  return check.finding == Finding::unknown && check.id != CheckId::writes &&
         check.id != CheckId::proof;
}

const Check* obstacle(const std::vector<Check>& checks) {
  for (const CheckId id : kOrder) {
    if (blocks(at(checks, id))) return &at(checks, id);
  }
  return nullptr;
}

const Check* stopping(const std::vector<Check>& checks) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [](const Check& check) { return check.stops; });
  return found == checks.end() ? nullptr : &*found;
}

// Another environment may share the repository; its archives are none of this run's business.
bool of_another_environment(const Candidate& candidate, const LiveDatabase& live) {
  return candidate.problem.empty() && candidate.source.environment != live.identity.environment;
}

std::string_view refusal_text(const Check& check) {
  switch (check.id) {
    case CheckId::target:
      return "the command's database is not known";
    case CheckId::durable:
      return "the repository does not last";
    case CheckId::environment:
      return "the archive is of another database";
    case CheckId::identity:
      return check.stops ? "this is not the server that the archive was taken from"
                         : "the archive is of another database";
    case CheckId::lineage:
      if (check.kind == ErrorKind::preflight) return "a standby cannot be migrated";
      if (check.stops) return "the server has gone back behind the archive";
      return "no verified backup is fresh";
    case CheckId::proof:
      if (check.kind == ErrorKind::no_fresh_backup) return "no backup is proved by restoring it";
      return "the archive cannot be relied on";
    case CheckId::usable:
      return "the archive cannot be relied on";
    default:
      return "no verified backup is fresh";
  }
}

std::string_view mend(const Check& check) {
  switch (check.kind) {
    case ErrorKind::other_database:
      return "name the repository of this database with --repo, or its environment with --env";
    case ErrorKind::unusable_backup:
      return "move it away, and take a new one: belay backup --verify compared";
    default:
      return "belay backup --verify compared, or --gate snapshot to take one now";
  }
}

Error refusal_for(const Check& check, std::string_view object) {
  return Error(check.kind, std::string(refusal_text(check)))
      .object(object)
      .cause(check.text)
      .next(check.next.empty() ? mend(check) : check.next);
}

// Which reason to tell if nothing can be used: the nearest miss of this very database; a stranger
// only if there is nothing else.
int distance(const Check& check) {
  switch (check.kind) {
    case ErrorKind::unusable_backup:
      return 0;
    case ErrorKind::other_database:
      return 2;
    default:
      return 1;
  }
}

// Restorability is a property of the schema and of what wrote and would read the archive.
bool is_key(const Candidate& candidate, const LiveDatabase& live, const GateTerms& terms) {
  GateTerms week = terms;
  week.max_age = kKeyAge;
  const std::vector<Check> checks = checks_of(&candidate, live, week);
  for (const CheckId id : {CheckId::usable, CheckId::environment, CheckId::identity, CheckId::proof,
                           CheckId::age, CheckId::schema}) {
    if (blocks(at(checks, id))) return false;
  }
  return candidate.source.server_major() == live.identity.server_major();
}

class Decider {
 public:
  Decider(const std::vector<Candidate>& candidates, const LiveDatabase& live,
          const GateTerms& terms)
      : candidates_(candidates), live_(live), terms_(terms) {
    for (const Candidate& candidate : candidates) {
      checks_.push_back(checks_of(&candidate, live, terms));
    }
  }

  GateDecision decide() {
    if (terms_.mode == GateMode::off) return off();
    if (stop()) return std::move(decision_);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (passed_over(i)) continue;
      const Check* why = obstacle(checks_[i]);
      if (why == nullptr && strong_enough(i)) return use(i);
      note(i, why);
    }
    return use_none();
  }

 private:
  bool passed_over(std::size_t i) const {
    return !terms_.named && of_another_environment(candidates_[i], live_);
  }

  // A new snapshot costs little beside a backup that is not of this moment.
  bool strong_enough(std::size_t i) const {
    const bool may_take = terms_.mode != GateMode::require && !terms_.named;
    return !may_take || writes_since(candidates_[i], live_) == Writes::none_proved;
  }

  GateDecision off() {
    decision_.answer = Answer::off;
    decision_.checks = checks_of(nullptr, live_, terms_);
    return std::move(decision_);
  }

  bool stop() {
    const std::vector<Check> of_run = checks_of(nullptr, live_, terms_);
    if (const Check* check = stopping(of_run)) {
      refuse(refusal_for(*check, live_.identity.database));
      decision_.checks = of_run;
      return true;
    }
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Check* check = passed_over(i) ? nullptr : stopping(checks_[i]);
      if (check == nullptr) continue;
      tell(i);
      refuse(refusal_for(*check, candidates_[i].path.native()));
      return true;
    }
    return false;
  }

  void tell(std::size_t i) {
    decision_.about = i;
    decision_.checks = checks_[i];
    if (candidates_[i].problem.empty()) decision_.writes = writes_since(candidates_[i], live_);
  }

  void refuse(Error error) {
    decision_.answer = Answer::refuse;
    decision_.refusal = std::move(error);
  }

  GateDecision use(std::size_t i) {
    tell(i);
    decision_.answer = Answer::use;
    decision_.use = i;
    return std::move(decision_);
  }

  void note(std::size_t i, const Check* why) {
    if (why != nullptr && why->kind == ErrorKind::unusable_backup) {
      decision_.unreliable.push_back(
          fmt::format("{}: {}", candidates_[i].path.native(), why->text));
    }
    const int far = why == nullptr ? 0 : distance(*why);
    if (!nearest_ || far < distance_) {
      nearest_ = i;
      distance_ = far;
    }
  }

  GateDecision use_none() {
    if (nearest_) {
      tell(*nearest_);
    } else {
      decision_.checks = checks_of(nullptr, live_, terms_);
    }
    if (terms_.mode == GateMode::snapshot && !terms_.named) {
      decision_.answer = Answer::take;
    } else if (terms_.mode == GateMode::two_key && !terms_.named) {
      find_key();
    } else if (nearest_) {
      refuse(refusal_for(*obstacle(checks_[*nearest_]), candidates_[*nearest_].path.native()));
    } else {
      refuse(Error(ErrorKind::no_fresh_backup, "there is no backup of this database")
                 .object(live_.identity.database)
                 .next("belay backup --verify compared, or --gate snapshot to take one now"));
    }
    return std::move(decision_);
  }

  void find_key() {
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (passed_over(i) || !is_key(candidates_[i], live_, terms_)) continue;
      tell(i);
      decision_.answer = Answer::take_readable;
      decision_.use = i;
      return;
    }
    refuse(Error(ErrorKind::no_fresh_backup, "no compared backup of this schema is at hand")
               .object(live_.identity.database)
               .cause("with two keys, one not older than 7 days must show that its like restores")
               .next("belay backup --verify compared, or --gate snapshot to drill one now"));
  }

  const std::vector<Candidate>& candidates_;
  const LiveDatabase& live_;
  const GateTerms& terms_;
  std::vector<std::vector<Check>> checks_;
  GateDecision decision_;
  std::optional<std::size_t> nearest_;
  int distance_ = 0;
};

}  // namespace

std::string_view to_word(GateMode mode) {
  constexpr std::array<std::string_view, 4> kWords = {"snapshot", "require", "two-key", "off"};
  return kWords.at(static_cast<std::size_t>(mode));
}

std::string_view to_word(CheckId id) { return kCheckWords.at(static_cast<std::size_t>(id)); }

std::string_view to_word(Finding finding) {
  constexpr std::array<std::string_view, 4> kWords = {"pass", "warn", "fail", "unknown"};
  return kWords.at(static_cast<std::size_t>(finding));
}

std::string_view to_word(Writes writes) {
  constexpr std::array<std::string_view, 4> kWords = {"none-proved", "none-observed", "some",
                                                      "unknown"};
  return kWords.at(static_cast<std::size_t>(writes));
}

bool GateDecision::must_read(const std::vector<Candidate>& candidates) const {
  return answer == Answer::use && candidates.at(*use).bytes == Bytes::not_read;
}

GateDecision decide(const std::vector<Candidate>& candidates, const LiveDatabase& live,
                    const GateTerms& terms) {
  return Decider(candidates, live, terms).decide();
}

}  // namespace belay::migrate
