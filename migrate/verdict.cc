#include "migrate/verdict.h"

#include <fmt/format.h>

#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

Verdict::Rows judge_rows(const Evidence& evidence) {
  using Rows = Verdict::Rows;
  const TransactionCount& transactions = evidence.transactions;
  if (evidence.backends_left) return Rows::not_proved;
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

// What is as before and what is not, for the first line.
std::string state_of(const Evidence& evidence, const Verdict& verdict) {
  if (!verdict.changed) {
    return verdict.rows == Verdict::Rows::not_proved
               ? "revision and schema are as before; that no row changed is not proved, because "
                 "others were connected or counters were lost"
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
  if (child.timed_out || child.cancelled || child.abandoned || child.exit.signalled) {
    const std::string_view why = child.timed_out   ? "the migration took too long and was stopped"
                                 : child.cancelled ? "the migration was stopped by a signal"
                                 : child.abandoned ? "the migration was stopped: its lock was lost"
                                                   : "the migration was killed";
    fail(verdict, child.abandoned ? ErrorKind::lock_lost : ErrorKind::timed_out, evidence, why);
  } else if (!child.exit.success()) {
    const std::string what = fmt::format("the migration failed with {}", child.exit.text());
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
  return verdict;
}

}  // namespace belay::migrate
