// Every branch of the verdict: what is told follows from evidence, never from the exit status
// alone.
#include "migrate/verdict.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using Rows = Verdict::Rows;

// r1 was to become r2, the command failed, nothing was committed.
Evidence failed() {
  Evidence evidence;
  evidence.child.exit = {false, 1};
  evidence.before.revisions = {{"public.alembic_version", {"r1"}}};
  evidence.before.stats_reset = evidence.before.postmaster_start = "then";
  evidence.before.counters["public.t"] = {1, 0, 0, 7};
  evidence.after = evidence.before;
  evidence.expected = {"r2"};
  evidence.revisions_after = {"r1"};
  evidence.transactions.aborted = 1;
  evidence.certainly_counted = true;
  return evidence;
}

Evidence succeeded() {
  Evidence evidence = failed();
  evidence.child.exit = {false, 0};
  evidence.after.revisions = {{"public.alembic_version", {"r2"}}};
  evidence.revisions_after = {"r2"};
  evidence.after.fingerprint = sha256("changed");
  evidence.transactions.committed = 1;
  return evidence;
}

TEST_CASE("good is what reached its revisions") {
  const Verdict verdict = judge(succeeded());
  CHECK_FALSE(verdict.failure);
  CHECK(verdict.changed);
  Evidence guarded = succeeded();
  guarded.after.fingerprint = guarded.before.fingerprint;
  CHECK_FALSE(judge(guarded).failure);
  CHECK(judge(guarded).notes.size() == 1);
  Evidence unknown = succeeded();
  unknown.expected.reset();
  CHECK_FALSE(judge(unknown).failure);
}

TEST_CASE("exit 0 without its revisions is 32") {
  Evidence evidence = failed();
  evidence.child.exit = {false, 0};
  CHECK(judge(evidence).failure == ErrorKind::migration_not_reached);
  CHECK_FALSE(judge(evidence).changed);
}

TEST_CASE("all transactions aborted: nothing changed, whatever the counters say") {
  Evidence evidence = failed();
  evidence.after.counters["public.t"].inserted = 99;
  evidence.others_connected = true;
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_unchanged);
  CHECK(judge(evidence).rows == Rows::unchanged);
  CHECK_FALSE(judge(evidence).changed);
}

TEST_CASE("something was committed: counters and files decide") {
  Evidence evidence = failed();
  evidence.transactions.committed = 1;
  CHECK(judge(evidence).rows == Rows::unchanged);
  SECTION("counters moved") { evidence.after.counters["public.t"].updated = 1; }
  SECTION("truncated") { evidence.after.counters["public.t"].relfilenode = 8; }
  CAPTURE(evidence.after.counters["public.t"].updated);
  if (evidence.after.counters == evidence.before.counters) return;
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_changed);
  evidence.others_connected = true;
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_unchanged);
  CHECK(judge(evidence).rows == Rows::not_proved);
}

TEST_CASE("counters that began anew prove nothing") {
  Evidence evidence = failed();
  evidence.transactions.committed = 1;
  evidence.after.stats_reset = "now";
  CHECK(judge(evidence).rows == Rows::not_proved);
  evidence.after.stats_reset = evidence.before.stats_reset;
  evidence.after.postmaster_start = "now";
  CHECK(judge(evidence).rows == Rows::not_proved);
}

TEST_CASE("transactions that cannot be counted prove nothing by themselves") {
  Evidence evidence = failed();
  evidence.transactions.complete = false;
  CHECK(judge(evidence).rows == Rows::unchanged);
  evidence.after.counters["public.t"].deleted = 1;
  CHECK(judge(evidence).rows == Rows::changed);
  evidence.sessions_left = {{4711, true, "process 4711 (belay/RUN, idle)"}};
  CHECK(judge(evidence).rows == Rows::not_proved);
}

TEST_CASE("counters prove nothing where nothing is counted") {
  Evidence evidence = failed();
  evidence.transactions.committed = 1;
  evidence.after.counting = false;
  CHECK(judge(evidence).rows == Rows::not_proved);
}

TEST_CASE("counters prove nothing while a session may not have told its own") {
  Evidence evidence = failed();
  evidence.all_told = false;
  CHECK(judge(evidence).rows == Rows::unchanged);
  evidence.transactions.committed = 1;
  CHECK(judge(evidence).rows == Rows::not_proved);
  CHECK(judge(evidence).truth.find("may not have told") != std::string::npos);
  evidence.after.counters["public.t"].updated = 1;
  CHECK(judge(evidence).rows == Rows::changed);
}

TEST_CASE("a database that was made anew has changed, whatever it looks like") {
  Evidence evidence = failed();
  evidence.made_anew = true;
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_changed);
  CHECK(judge(evidence).lasting.size() == 1);
  evidence.child.exit = {false, 0};
  evidence.expected.reset();
  CHECK_FALSE(judge(evidence).failure);
  CHECK(judge(evidence).changed);
  CHECK(judge(evidence).lasting.size() == 1);
}

TEST_CASE("counters prove nothing of who may turn them off, once something was committed") {
  Evidence evidence = failed();
  evidence.certainly_counted = false;
  CHECK(judge(evidence).rows == Rows::unchanged);
  evidence.transactions.committed = 1;
  CHECK(judge(evidence).rows == Rows::not_proved);
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_unchanged);
  CHECK(judge(evidence).truth.find("(track_counts)") != std::string::npos);
  CHECK(judge(evidence).retry.starts_with("not proved safe"));
  evidence.after.counters["public.t"].updated = 1;  // what they do show is true
  CHECK(judge(evidence).rows == Rows::changed);
}

TEST_CASE("a transaction left prepared may still be committed") {
  Evidence evidence = GENERATE(failed(), succeeded());
  evidence.before.prepared = {"mine"};
  evidence.after.prepared = {"mine", "theirs"};
  const Verdict verdict = judge(evidence);
  CHECK(verdict.rows == Rows::not_proved);
  REQUIRE(verdict.notes.size() == 1);
  CHECK(verdict.notes.front().find("prepared transaction theirs") != std::string::npos);
  evidence.before.prepared = evidence.after.prepared;
  CHECK(judge(evidence).rows != Rows::not_proved);
}

TEST_CASE("what belongs to the database is part of it, sequences are not") {
  Evidence evidence = failed();
  evidence.after.sequences = {{"public.s", "7"}};
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_unchanged);
  CHECK(judge(evidence).truth.find("rows are as before (sequences have moved)") !=
        std::string::npos);
  evidence.after.belongings = "another owner";
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_changed);
  CHECK(judge(evidence).truth.find("a rollback keeps them") != std::string::npos);
  Evidence good = succeeded();
  good.after.belongings = "another owner";
  CHECK_FALSE(judge(good).failure);
  REQUIRE(judge(good).notes.size() == 1);
}

TEST_CASE("a changed schema or revision is 31") {
  Evidence schema = failed();
  schema.after.fingerprint = sha256("changed");
  CHECK(judge(schema).failure == ErrorKind::migration_failed_changed);
  Evidence revision = failed();
  revision.after.revisions = {{"public.alembic_version", {"r2"}}};
  revision.revisions_after = {"r2"};
  CHECK(judge(revision).failure == ErrorKind::migration_failed_changed);
  CHECK(judge(revision).truth.find("its target was reached") != std::string::npos);
}

TEST_CASE("stopped or killed is 34, and says whether something changed") {
  Evidence evidence = failed();
  SECTION("too slow") { evidence.child.timed_out = true; }
  SECTION("told to stop") { evidence.child.cancelled = true; }
  SECTION("killed") { evidence.child.exit = {true, 9}; }
  const bool stopped =
      evidence.child.timed_out || evidence.child.cancelled || evidence.child.exit.signalled;
  if (!stopped) return;
  CHECK(judge(evidence).failure == ErrorKind::timed_out);
  CHECK_FALSE(judge(evidence).changed);
  evidence.after.fingerprint = sha256("changed");
  CHECK(judge(evidence).failure == ErrorKind::timed_out);
  CHECK(judge(evidence).changed);
}

TEST_CASE("stopped because its lock or its server was lost is 21, because it waits for belay 17") {
  Evidence evidence = failed();
  evidence.child.abandoned = true;
  evidence.stop = Stop::lock_lost;
  CHECK(judge(evidence).failure == ErrorKind::lock_lost);
  evidence.stop = Stop::other_server;
  CHECK(judge(evidence).failure == ErrorKind::lock_lost);
  CHECK(judge(evidence).truth.find("failed over") != std::string::npos);
  evidence.stop = Stop::waits_for_belay;
  CHECK(judge(evidence).failure == ErrorKind::preflight);
}

TEST_CASE("SIGKILL may be the kernel's, out of memory; a shell tells of it as 137") {
  Evidence evidence = failed();
  evidence.child.exit = GENERATE(ChildExit{true, 9}, ChildExit{false, 137});
  CHECK(judge(evidence).truth.find("perhaps out of memory") != std::string::npos);
  evidence.child.exit.number = evidence.child.exit.signalled ? 15 : 1;
  CHECK(judge(evidence).truth.find("memory") == std::string::npos);
}

TEST_CASE("a timeout tells who kept the command waiting") {
  Evidence evidence = failed();
  evidence.child.timed_out = true;
  evidence.waited_for = "process 4711";
  CHECK(judge(evidence).failure == ErrorKind::timed_out);
  CHECK(judge(evidence).truth.find("a lock of process 4711") != std::string::npos);
}

TEST_CASE("after a failover no row is proved, and it is told") {
  Evidence evidence = GENERATE(failed(), succeeded());
  evidence.timeline_before = 1;
  evidence.timeline_after = 2;
  const Verdict verdict = judge(evidence);
  CHECK(verdict.rows == Rows::not_proved);
  REQUIRE(verdict.notes.size() == 1);
  CHECK(verdict.notes.front().find("timeline 1 became 2") != std::string::npos);
}

TEST_CASE("sessions that outlive the command are named") {
  Evidence evidence = GENERATE(failed(), succeeded());
  evidence.sessions_left = {{4711, true, "process 4711 (belay/RUN, idle)"}};
  const Verdict verdict = judge(evidence);
  REQUIRE(verdict.notes.size() == 1);
  CHECK(verdict.notes.front().find("process 4711") != std::string::npos);
}

TEST_CASE("an index that was left invalid is a change, and not good") {
  Evidence evidence = succeeded();
  evidence.before.invalid_indexes = {"public.old"};
  evidence.after.invalid_indexes = {"public.new", "public.old"};
  const Verdict bad = judge(evidence);
  CHECK(bad.failure == ErrorKind::verify_command_failed);
  CHECK(bad.truth.find("DROP INDEX CONCURRENTLY public.new") != std::string::npos);
  CHECK(bad.truth.find("public.old") == std::string::npos);
  // It is all that was changed.
  evidence = failed();
  evidence.after.invalid_indexes = {"public.new"};
  CHECK(judge(evidence).failure == ErrorKind::migration_failed_changed);
  CHECK(judge(evidence).changed);
  // One that was there before is told.
  evidence = succeeded();
  evidence.before.invalid_indexes = evidence.after.invalid_indexes = {"public.old"};
  CHECK_FALSE(judge(evidence).failure);
  CHECK(judge(evidence).notes.size() == 1);
  evidence.after.invalid_indexes.clear();
  CHECK(judge(evidence).notes.empty());
}

TEST_CASE("what belongs to the whole server is told, and fails nothing") {
  Evidence evidence = succeeded();
  evidence.before.beside = {"database old", "role app"};
  evidence.after.beside = {"role app", "role report"};
  const Verdict verdict = judge(evidence);
  CHECK_FALSE(verdict.failure);
  REQUIRE(verdict.lasting.size() == 2);
  CHECK(verdict.lasting.front().starts_with("role report was created"));
  CHECK(verdict.lasting.back().starts_with("database old was dropped"));
}

}  // namespace
