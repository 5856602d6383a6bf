#include "migrate/verdict.h"

#include <fmt/format.h>

#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

// A shell, or a tool that runs another, tells of a signal as 128 + its number.
std::string end_text(const ChildExit& exit) {
  constexpr int kKilled = 9;
  const bool killed = exit.signalled ? exit.number == kKilled : exit.number == 128 + kKilled;
  return killed ? exit.text() + ", perhaps out of memory" : exit.text();
}

Verdict::Rows judge_rows(const Evidence& evidence) {
  using Rows = Verdict::Rows;
  const TransactionCount& transactions = evidence.transactions;
  if (!evidence.sessions_left.empty() || evidence.failed_over()) return Rows::not_proved;
  if (transactions.complete && transactions.committed == 0) return Rows::unchanged;
  const Facts &before = evidence.before, &after = evidence.after;
  if (before.stats_reset != after.stats_reset ||
      before.postmaster_start != after.postmaster_start) {
    return Rows::not_proved;
  }
  if (before.counters == after.counters) return Rows::unchanged;
  return evidence.others_connected ? Rows::not_proved : Rows::changed;
}

bool reached(const Evidence& evidence) {
  return evidence.expected && evidence.revisions_after == *evidence.expected;
}

// Why rows are not proved.
std::string doubt_about(const Evidence& evidence) {
  if (evidence.failed_over()) return "the server failed over";
  if (!evidence.sessions_left.empty()) {
    return fmt::format("the command is still connected: {}", to_text(evidence.sessions_left));
  }
  return "others were connected or counters were lost";
}

// What ended it before its own end; empty: nothing did.
std::string stopped_by(const Evidence& evidence) {
  const ChildEnd& child = evidence.child;
  if (child.timed_out) {
    return evidence.waited_for.empty()
               ? "the migration took too long and was stopped"
               : fmt::format("the migration was stopped: it waited too long for a lock of {}",
                             evidence.waited_for);
  }
  if (child.cancelled) return "the migration was stopped by a signal";
  if (child.abandoned) {
    switch (evidence.stop) {
      case Stop::none:
      case Stop::lock_lost:
        return "the migration was stopped: its lock was lost";
      case Stop::other_server:
        return "the migration was stopped: the server was restarted, or failed over";
      case Stop::waits_for_belay:
        return "the migration was stopped: it waits for the advisory lock that belay holds, and "
               "would do so for ever";
    }
  }
  return child.exit.signalled ? fmt::format("the migration was {}", end_text(child.exit)) : "";
}

ErrorKind kind_of_stop(const Evidence& evidence) {
  if (!evidence.child.abandoned) return ErrorKind::timed_out;
  return evidence.stop == Stop::waits_for_belay ? ErrorKind::preflight : ErrorKind::lock_lost;
}

// What is as before and what is not, for the first line.
std::string state_of(const Evidence& evidence, const Verdict& verdict) {
  if (!verdict.changed) {
    return verdict.rows == Verdict::Rows::not_proved
               ? "revision and schema are as before; that no row changed is not proved, because " +
                     doubt_about(evidence)
               : "revision, schema and rows are as before";
  }
  std::vector<std::string> changed;
  if (evidence.before.revisions != evidence.after.revisions) {
    changed.push_back(fmt::format("the revision is {}", to_text(evidence.revisions_after)));
  }
  if (!(evidence.before.fingerprint == evidence.after.fingerprint)) {
    changed.emplace_back("the schema has changed");
  }
  if (verdict.rows == Verdict::Rows::changed) changed.emplace_back("rows have changed");
  if (reached(evidence)) changed.emplace_back("its target was reached all the same");
  return fmt::format("{}", fmt::join(changed, ", "));
}

std::string retry_of(const Verdict& verdict) {
  if (verdict.changed) return "not safe: the database is not what the migration expects";
  return verdict.rows == Verdict::Rows::not_proved ? "not proved safe: look at the rows first"
                                                   : "safe: nothing was changed";
}

void fail(Verdict& verdict, ErrorKind kind, const Evidence& evidence, std::string_view what) {
  verdict.failure = kind;
  verdict.truth = fmt::format("{}; {}", what, state_of(evidence, verdict));
  verdict.retry = retry_of(verdict);
}

}  // namespace

Verdict judge(const Evidence& evidence) {
  Verdict verdict;
  const bool schema_equal = evidence.before.fingerprint == evidence.after.fingerprint;
  verdict.rows = judge_rows(evidence);
  verdict.changed = !schema_equal || evidence.before.revisions != evidence.after.revisions ||
                    verdict.rows == Verdict::Rows::changed;
  const ChildEnd& child = evidence.child;
  if (const std::string why = stopped_by(evidence); !why.empty()) {
    fail(verdict, kind_of_stop(evidence), evidence, why);
    if (evidence.stop == Stop::waits_for_belay && !verdict.changed) {
      verdict.retry = "safe, but it will stop at the same place: env.py must take another key";
    }
  } else if (!child.exit.success()) {
    const std::string what = fmt::format("the migration failed with {}", end_text(child.exit));
    fail(verdict,
         verdict.changed ? ErrorKind::migration_failed_changed
                         : ErrorKind::migration_failed_unchanged,
         evidence, what);
  } else if (evidence.expected && !reached(evidence)) {
    fail(verdict, ErrorKind::migration_not_reached, evidence,
         fmt::format("the command exited with 0, but the database is at {} instead of {}",
                     to_text(evidence.revisions_after), to_text(*evidence.expected)));
    if (!verdict.changed) verdict.retry = "safe, but it will do the same again: look at env.py";
  } else {
    verdict.truth = evidence.expected
                        ? fmt::format("the database is at {}", to_text(evidence.revisions_after))
                        : "the command exited with 0";
    if (schema_equal) {
      verdict.notes.emplace_back(evidence.expected
                                     ? "the schema is as before: guarded, or rows only"
                                     : "the schema is as before");
    }
  }
  if (!evidence.sessions_left.empty()) {
    verdict.notes.push_back(fmt::format("the command has ended, and is still connected: {}",
                                        to_text(evidence.sessions_left)));
  }
  if (evidence.failed_over()) {
    verdict.notes.push_back(fmt::format(
        "the server failed over meanwhile (timeline {} became {}): what was committed just before "
        "may be lost",
        evidence.timeline_before, evidence.timeline_after));
  }
  return verdict;
}

std::string retry_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::lock_timeout:
    case ErrorKind::lock_lost:
    case ErrorKind::busy:
    case ErrorKind::unreachable:
    case ErrorKind::backup_failed:
    case ErrorKind::no_fresh_backup:
      return "safe: nothing was changed";
    default:
      return "safe, but it will stop at the same place: nothing was changed";
  }
}

}  // namespace belay::migrate
