#include "migrate/verdict.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

// They go with the name in a swap, so that what was granted meanwhile is not lost.
constexpr std::string_view kBelongings =
    "owner, privileges, settings or comment of the database have changed (a rollback keeps them)";

// A shell, or a tool that runs another, tells of a signal as 128 + its number.
std::string end_text(const ChildExit& exit) {
  constexpr int kKilled = 9;
  const bool killed = exit.signalled ? exit.number == kKilled : exit.number == 128 + kKilled;
  return killed ? exit.text() + ", perhaps out of memory" : exit.text();
}

std::vector<std::string> without(const std::set<std::string>& these,
                                 const std::set<std::string>& those) {
  std::vector<std::string> result;
  std::ranges::set_difference(these, those, std::back_inserter(result));
  return result;
}

// Transactions that the command has left to be committed by somebody, some day.
std::vector<std::string> left_prepared(const Evidence& evidence) {
  return without(evidence.after.prepared, evidence.before.prepared);
}

Verdict::Rows judge_rows(const Evidence& evidence) {
  using Rows = Verdict::Rows;
  const TransactionCount& transactions = evidence.transactions;
  if (!evidence.sessions_left.empty() || evidence.failed_over() ||
      !left_prepared(evidence).empty()) {
    return Rows::not_proved;
  }
  if (transactions.complete && transactions.committed == 0) return Rows::unchanged;
  const Facts &before = evidence.before, &after = evidence.after;
  if (!before.counting || !after.counting || before.stats_reset != after.stats_reset ||
      before.postmaster_start != after.postmaster_start) {
    return Rows::not_proved;
  }
  if (before.counters == after.counters) {
    return evidence.certainly_counted && evidence.all_told ? Rows::unchanged : Rows::not_proved;
  }
  return evidence.others_connected ? Rows::not_proved : Rows::changed;
}

// Those that a CREATE INDEX CONCURRENTLY of this run left behind; empty: none.
std::string left_invalid(const Evidence& evidence) {
  const std::vector<std::string> names =
      without(evidence.after.invalid_indexes, evidence.before.invalid_indexes);
  if (names.empty()) return "";
  return fmt::format("an index was left invalid: DROP INDEX CONCURRENTLY {}",
                     fmt::join(names, ", "));
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
  if (const std::vector<std::string> names = left_prepared(evidence); !names.empty()) {
    return fmt::format("prepared transaction {} may still be committed", printable(names.front()));
  }
  if (evidence.before.counters == evidence.after.counters) {
    if (!evidence.certainly_counted) {
      return "something was committed, and the command's role may turn the counting of rows off "
             "(track_counts)";
    }
    if (!evidence.all_told) {
      return "something was committed, and a session that is still connected, perhaps a pooler's, "
             "may not have told the server yet what it wrote";
    }
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
        return evidence.made_anew
                   ? "the migration was stopped: it dropped the database"
                   : "the migration was stopped: the server was restarted, or failed over";
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
    // They move in what is rolled back, too: said, and no reason for anything.
    const std::string_view moved =
        evidence.before.sequences == evidence.after.sequences ? "" : " (sequences have moved)";
    return verdict.rows == Verdict::Rows::not_proved
               ? fmt::format(
                     "revision and schema are as before{}; that no row changed is not proved, "
                     "because {}",
                     moved, doubt_about(evidence))
               : fmt::format("revision, schema and rows are as before{}", moved);
  }
  std::vector<std::string> changed;
  if (evidence.made_anew) changed.emplace_back("the database was dropped and made anew");
  if (evidence.before.revisions != evidence.after.revisions) {
    changed.push_back(fmt::format("the revision is {}", to_text(evidence.revisions_after)));
  }
  if (!(evidence.before.fingerprint == evidence.after.fingerprint)) {
    changed.emplace_back("the schema has changed");
  }
  if (verdict.rows == Verdict::Rows::changed) changed.emplace_back("rows have changed");
  if (evidence.before.belongings != evidence.after.belongings) {
    changed.emplace_back(kBelongings);
  }
  if (const std::string invalid = left_invalid(evidence); !invalid.empty()) {
    changed.push_back(invalid);
  }
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

// What nobody can read off the three lines.
void note_what_is_left(const Evidence& evidence, Verdict& verdict) {
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
  for (const std::string& name : left_prepared(evidence)) {
    verdict.notes.push_back(
        fmt::format("prepared transaction {} is left; it holds its locks, and stops a rollback",
                    printable(name)));
  }
  if (evidence.made_anew) {
    verdict.lasting.emplace_back(
        "the database was dropped and made anew: of its rows only the backup is left");
  }
  for (const std::string& name : without(evidence.after.beside, evidence.before.beside)) {
    verdict.lasting.push_back(name + " was created meanwhile: a rollback does not take that back");
  }
  for (const std::string& name : without(evidence.before.beside, evidence.after.beside)) {
    verdict.lasting.push_back(name + " was dropped meanwhile: a rollback does not bring it back");
  }
}

// It exited with 0 and got where it should.
void accept(Verdict& verdict, const Evidence& evidence) {
  verdict.truth = evidence.expected
                      ? fmt::format("the database is at {}", to_text(evidence.revisions_after))
                      : "the command exited with 0";
  if (const std::string invalid = left_invalid(evidence); !invalid.empty()) {
    verdict.failure = ErrorKind::verify_command_failed;
    verdict.truth += "; " + invalid;
    verdict.retry = "not safe: the migration has been done, and is not good";
    return;
  }
  if (evidence.before.fingerprint == evidence.after.fingerprint) {
    verdict.notes.emplace_back(evidence.expected ? "the schema is as before: guarded, or rows only"
                                                 : "the schema is as before");
  }
  if (evidence.before.belongings != evidence.after.belongings) {
    verdict.notes.emplace_back(kBelongings);
  }
  for (const std::string& name : evidence.after.invalid_indexes) {
    verdict.notes.push_back(fmt::format(
        "index {} is invalid, as it was before: DROP INDEX CONCURRENTLY {}", name, name));
  }
}

}  // namespace

Verdict judge(const Evidence& evidence) {
  Verdict verdict;
  const bool schema_equal = evidence.before.fingerprint == evidence.after.fingerprint;
  verdict.rows = judge_rows(evidence);
  const bool belongings_equal = evidence.before.belongings == evidence.after.belongings;
  verdict.changed = evidence.made_anew || !schema_equal || !belongings_equal ||
                    evidence.before.revisions != evidence.after.revisions ||
                    verdict.rows == Verdict::Rows::changed || !left_invalid(evidence).empty();
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
    accept(verdict, evidence);
  }
  note_what_is_left(evidence, verdict);
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
