#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "libcore/base/shell_word.h"

#include "migrate/gate.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

// The clock of one server does not jump by more while it runs; while it starts, it is set.
constexpr auto kClockTolerance = 30s;
constexpr auto kStartTolerance = 5s;

Check passed(CheckId id, std::string text) { return {id, Finding::pass, std::move(text), {}, {}}; }
Check warned(CheckId id, std::string text) { return {id, Finding::warn, std::move(text), {}, {}}; }
Check unknown(CheckId id, std::string text, ErrorKind kind = ErrorKind::no_fresh_backup) {
  return {id, Finding::unknown, std::move(text), kind, {}};
}
Check failed(CheckId id, ErrorKind kind, std::string text, std::string next = {}) {
  return {id, Finding::fail, std::move(text), kind, std::move(next)};
}
Check stopped(CheckId id, ErrorKind kind, std::string text, std::string next) {
  return {id, Finding::fail, std::move(text), kind, std::move(next), true};
}

std::string age_text(std::chrono::microseconds age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  return minutes < 120 ? fmt::format("{} minutes", minutes) : fmt::format("{} hours", minutes / 60);
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "16/B374D848"; nothing if it is not a position.
std::optional<std::uint64_t> wal_bytes(std::string_view position) {
  const std::size_t slash = position.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = number(position.substr(0, slash), 16);
  const auto low = number(position.substr(slash + 1), 16);
  if (!high || !low) return std::nullopt;
  return *high << 32 | *low;
}

// xmax of "xmin:xmax:xip": transactions that began before the snapshot.
std::optional<std::uint64_t> transactions_begun(std::string_view snapshot) {
  const std::size_t first = snapshot.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = snapshot.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return number(snapshot.substr(first + 1, second - first - 1), 10);
}

bool same_lineage(const SourceIdentity& archive, const LiveDatabase& live) {
  return archive.system_identifier == live.identity.system_identifier &&
         (archive.database_oid == live.identity.database_oid ||
          live.in_lineage(archive.database_oid));
}

bool differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

bool counters_lost(const std::optional<Activity>& before, const Activity& now) {
  return before && (before->stats_reset != now.stats_reset || now.inserted < before->inserted ||
                    now.updated < before->updated || now.deleted < before->deleted);
}

Check check_environment(const SourceIdentity& archive, const LiveDatabase& live) {
  const std::string& label = live.identity.environment;
  if (archive.environment == label) {
    return passed(CheckId::environment, label.empty() ? "neither has a label" : label);
  }
  return failed(CheckId::environment, ErrorKind::other_database,
                fmt::format("it is of the environment '{}', this run is of '{}'",
                            archive.environment, label));
}

// A clone has the same system identifier and OID. What a server cannot be is one that ran already
// when the archive was taken, and is not the one that it was taken from.
Check check_server(const Candidate& candidate, const LiveDatabase& live, const GateTerms& terms) {
  const SourceIdentity &then = candidate.source, &now = live.identity;
  constexpr CheckId kId = CheckId::identity;
  if (then.in_recovery || then.postmaster_start.empty()) {
    return passed(kId, "the same system and database");
  }
  if (then.postmaster_start == now.postmaster_start) {
    return passed(kId, "the same server, not restarted since");
  }
  if (then.timeline != now.timeline) return passed(kId, "the same system and database");
  std::string foreign;
  if (from_iso8601(now.postmaster_start) < candidate.taken - kStartTolerance) {
    foreign = fmt::format(
        "this server runs since {}, and the archive was taken later from one that runs since {}: "
        "one is a clone of the other",
        now.postmaster_start, then.postmaster_start);
  } else if (differ(then.data_directory, now.data_directory)) {
    foreign = fmt::format("the data directory was {}, here it is {}: a clone, or it was moved",
                          then.data_directory, now.data_directory);
  }
  if (!foreign.empty()) {
    if (terms.target_confirmed) return warned(kId, foreign);
    return stopped(kId, ErrorKind::other_database, foreign,
                   "if this is a clone, give it a label (--env) and a repository of its own; if it "
                   "is the same server, say so with --target-confirmed");
  }
  const bool moved = differ(then.server_address, now.server_address);
  const bool lost =
      counters_lost(candidate.activity, live.activity) || live.counting_since > candidate.taken;
  const std::string what =
      moved ? fmt::format("the server was restarted, and its address was {}, now {}",
                          then.server_address, now.server_address)
            : "the same server, restarted since";
  if (!lost || terms.target_confirmed) return moved ? warned(kId, what) : passed(kId, what);
  Check check = unknown(kId,
                        what + (moved ? "; it has lost its counters, as a clone does, or a crash"
                                      : "; it has lost its counters, as by a crash, or as one that "
                                        "was taken back to an older copy and went on"),
                        moved ? ErrorKind::other_database : ErrorKind::no_fresh_backup);
  check.next = "belay backup --verify compared; or --target-confirmed if it is the same server";
  return check;
}

Check check_identity(const Candidate& candidate, const LiveDatabase& live, const GateTerms& terms) {
  const SourceIdentity& archive = candidate.source;
  if (same_lineage(archive, live)) return check_server(candidate, live, terms);
  return failed(CheckId::identity, ErrorKind::other_database,
                fmt::format("it is of database OID {} on system {}, this is OID {} on system {}",
                            archive.database_oid, archive.system_identifier,
                            live.identity.database_oid, live.identity.system_identifier));
}

// WAL positions and transaction numbers only ever grow, through failovers, too.
std::string gone_back(const SourceIdentity& then, const SourceIdentity& now) {
  if (now.timeline < then.timeline) {
    return fmt::format("the server is on timeline {}, the archive is of timeline {}", now.timeline,
                       then.timeline);
  }
  const auto written_then = wal_bytes(then.wal_position), written = wal_bytes(now.wal_position);
  if (written_then && written && *written < *written_then) {
    return fmt::format("the server's WAL is at {}, the archive was taken at {}", now.wal_position,
                       then.wal_position);
  }
  const auto begun_then = transactions_begun(then.snapshot),
             begun = transactions_begun(now.snapshot);
  if (begun_then && begun && *begun < *begun_then) {
    return fmt::format("the server's next transaction is {}, the archive has seen {}", *begun,
                       *begun_then);
  }
  return {};
}

Check check_lineage(const Candidate* candidate, const LiveDatabase& live) {
  constexpr CheckId kId = CheckId::lineage;
  const SourceIdentity& now = live.identity;
  if (now.in_recovery) {
    return stopped(kId, ErrorKind::preflight, "this server is a standby",
                   "name the primary with -d");
  }
  if (candidate == nullptr) return passed(kId, fmt::format("timeline {}", now.timeline));
  const SourceIdentity& then = candidate->source;
  if (!same_lineage(then, live)) return unknown(kId, "it is of another database");
  const std::string back = gone_back(then, now);
  if (!back.empty()) {
    return stopped(
        kId, ErrorKind::other_database, back,
        "find out what was lost; if that is meant, move the archives taken after that moment away");
  }
  if (then.timeline != now.timeline) {
    return failed(kId, ErrorKind::no_fresh_backup,
                  fmt::format("failover: the server went from timeline {} to {} since",
                              then.timeline, now.timeline));
  }
  return passed(kId, fmt::format("timeline {}", now.timeline));
}

Check check_revision(const Candidate& candidate, const LiveDatabase& live) {
  if (candidate.revisions == live.revisions) return passed(CheckId::revision, "the same revisions");
  return failed(CheckId::revision, ErrorKind::no_fresh_backup, "the revisions have changed since");
}

Check check_schema(const Candidate& candidate, const LiveDatabase& live) {
  if (candidate.fingerprint == live.fingerprint) return passed(CheckId::schema, "the same schema");
  return failed(CheckId::schema, ErrorKind::no_fresh_backup,
                candidate.revisions == live.revisions
                    ? "the schema has changed since, past the migrations"
                    : "the schema has changed since");
}

// Both moments are the server's: the clock of this machine does not count.
Check check_age(const Candidate& candidate, const LiveDatabase& live, const GateTerms& terms) {
  const auto age = live.now - candidate.taken;
  if (age < -kClockTolerance) {
    return unknown(CheckId::age, "its snapshot lies in the future of the server's clock");
  }
  const std::string text = fmt::format("it is {} old", age_text(std::max(age, Moment::duration{})));
  if (age <= terms.max_age) return passed(CheckId::age, text);
  return failed(CheckId::age, ErrorKind::no_fresh_backup, text);
}

std::string changed_text(const Activity& then, const Activity& now) {
  std::string text = fmt::format("{} rows were inserted, {} updated, {} deleted since",
                                 now.inserted - then.inserted, now.updated - then.updated,
                                 now.deleted - then.deleted);
  if (then.files != now.files) text += "; files of tables were replaced (TRUNCATE or a rewrite)";
  if (then.sequences != now.sequences) text += "; sequences have moved";
  return text;
}

Check check_writes(const Candidate& candidate, const LiveDatabase& live) {
  switch (writes_since(candidate, live)) {
    case Writes::none_proved:
      return passed(CheckId::writes, "none: no transaction was committed on this server since");
    case Writes::none_observed:
      return warned(CheckId::writes,
                    "none observed: counters, files and sequences are as they were; weaker than "
                    "proved");
    case Writes::some:
      return warned(CheckId::writes, changed_text(*candidate.activity, live.activity));
    case Writes::unknown:
      break;
  }
  const std::string_view why =
      !candidate.activity                                ? "the archive does not tell"
      : counters_lost(candidate.activity, live.activity) ? "the server's counters began anew"
      : candidate.source.postmaster_start != live.identity.postmaster_start
          ? "the server was restarted since"
          : "sessions worked in the last seconds that may not have been counted yet";
  return unknown(CheckId::writes, fmt::format("not known: {}", why));
}

Check check_proof(const Candidate& candidate) {
  constexpr CheckId kId = CheckId::proof;
  if (candidate.swapped) {
    return failed(kId, ErrorKind::unusable_backup,
                  "its receipt is of other bytes: the file was replaced or changed");
  }
  if (candidate.bytes == Bytes::other) {
    return failed(kId, ErrorKind::unusable_backup,
                  "it is not what was proved: its bytes have another SHA-256 than its receipt");
  }
  if (!candidate.compared) {
    return failed(
        kId, ErrorKind::no_fresh_backup, "no receipt proves that it restores (level compared)",
        fmt::format("belay verify {} --level compared", quote_shell_word(candidate.path.native())));
  }
  if (candidate.signature == Signed::missing || candidate.signature == Signed::untrusted) {
    return failed(
        kId, ErrorKind::no_fresh_backup,
        candidate.signature == Signed::missing
            ? "its receipt is not signed"
            : "its receipt's signature is not one of a trusted key",
        "verify it where the key is: belay verify ARCHIVE --level compared --sign-key FILE");
  }
  if (!candidate.whole) {
    return failed(kId, ErrorKind::no_fresh_backup, "something was left out of it");
  }
  if (candidate.bytes == Bytes::not_read) {
    return unknown(kId, "restored and compared; its bytes were not read again");
  }
  return passed(kId,
                fmt::format("restored and compared; its bytes were read again ({}) and are those",
                            candidate.reading));
}

Check check_usable(const Candidate& candidate, const LiveDatabase& live) {
  if (candidate.source.server_major() > live.identity.server_major()) {
    return failed(CheckId::usable, ErrorKind::unusable_backup,
                  fmt::format("it is of server {}, this is server {}",
                              candidate.source.server_major(), live.identity.server_major()));
  }
  return passed(CheckId::usable, fmt::format("server {}", candidate.source.server_major()));
}

Check check_durable(const GateTerms& terms) {
  constexpr CheckId kId = CheckId::durable;
  if (terms.volatile_file_system.empty())
    return passed(kId, "the repository outlives this machine's start");
  const std::string text =
      fmt::format("the repository is on {}: it goes with this container, or with the next start",
                  terms.volatile_file_system);
  if (terms.mode != GateMode::require || terms.volatile_accepted) return warned(kId, text);
  return stopped(kId, ErrorKind::backup_failed, text,
                 "mount a volume for --repo, or say --accept-volatile");
}

}  // namespace

Check check_target(const GateTerms& terms) {
  constexpr CheckId kId = CheckId::target;
  if (terms.target == GateTerms::Target::shown) {
    return passed(kId, "the command's database is this one");
  }
  if (terms.target_confirmed)
    return passed(kId, "a person says that this is the command's database");
  if (terms.target == GateTerms::Target::no_command) {
    return warned(kId, "no command was given; its database is not known");
  }
  const std::string text = "what the command connects to is not shown; -d is taken for it";
  if (terms.mode != GateMode::require) return warned(kId, text);
  return stopped(kId, ErrorKind::other_database,
                 "what the command connects to is not shown, and may be another database",
                 "if -d names it, say so with --target-confirmed");
}

Writes writes_since(const Candidate& candidate, const LiveDatabase& live) {
  const SourceIdentity& then = candidate.source;
  const bool restarted = then.postmaster_start != live.identity.postmaster_start;
  // A server that was taken back and went on may have come to the same numbers.
  if (!then.snapshot.empty() && !restarted) {
    if (then.snapshot == live.identity.snapshot) return Writes::none_proved;
    const std::optional<std::uint64_t> committed = live.committed_since(then.snapshot);
    if (committed && *committed == 0) return Writes::none_proved;
  }
  if (!candidate.activity) return Writes::unknown;
  if (restarted || counters_lost(candidate.activity, live.activity)) return Writes::unknown;
  if (!(*candidate.activity == live.activity)) return Writes::some;
  return live.settled ? Writes::none_observed : Writes::unknown;
}

std::vector<Check> checks_of(const Candidate* candidate, const LiveDatabase& live,
                             const GateTerms& terms) {
  std::vector<Check> checks{check_target(terms)};
  const bool known = candidate != nullptr && candidate->problem.empty();
  if (known) {
    checks.push_back(check_environment(candidate->source, live));
    checks.push_back(check_identity(*candidate, live, terms));
    checks.push_back(check_lineage(candidate, live));
    checks.push_back(check_revision(*candidate, live));
    checks.push_back(check_schema(*candidate, live));
    checks.push_back(check_age(*candidate, live, terms));
    checks.push_back(check_writes(*candidate, live));
    checks.push_back(check_proof(*candidate));
    checks.push_back(check_usable(*candidate, live));
  } else {
    for (std::size_t i = 1; i + 1 < kChecks; ++i) {
      checks.push_back(unknown(static_cast<CheckId>(i), candidate == nullptr
                                                            ? "there is no archive"
                                                            : "the archive cannot be read"));
    }
    checks[static_cast<std::size_t>(CheckId::lineage)] = check_lineage(nullptr, live);
    if (candidate != nullptr) {
      checks[static_cast<std::size_t>(CheckId::usable)] =
          failed(CheckId::usable, ErrorKind::unusable_backup, candidate->problem);
    }
  }
  checks.push_back(check_durable(terms));
  return checks;
}

}  // namespace belay::migrate
