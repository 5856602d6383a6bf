// What a command leaves behind: facts before and after, how transactions ended, who is connected.
#include "migrate/traces.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using namespace belay::testing;
using namespace std::chrono_literals;

class Silent : public Progress {
 public:
  void stage(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::string_view, std::uint64_t, std::uint64_t) override {}
  void warning(std::string_view) override {}
};

Facts facts_of(const ScratchDatabase& database) {
  Silent silent;
  pg::Connection connection = database.connect(pg::SessionKind::catalog);
  return read_facts(connection, system_clock(), silent);
}

// In a session that ends, so that the server has counted what it did.
void run_in(const ScratchDatabase& database, const std::string& sql) {
  pg::Connection connection = database.connect();
  connection.run(sql);
}

TransactionCount between(const ScratchDatabase& database, const Facts& before, const Facts& after) {
  pg::Connection connection = database.connect(pg::SessionKind::catalog);
  return count_transactions(connection, before.snapshot, after.snapshot);
}

TEST_CASE("the fingerprint sees schema, the counters rows, and neither the version table") {
  const ScratchDatabase database;
  run_in(database,
         "CREATE TABLE public.t (i serial, v int); INSERT INTO public.t (v) VALUES (1), (2);"
         "CREATE TABLE public.alembic_version (version_num varchar(32));");
  const Facts first = facts_of(database);
  CHECK(facts_of(database).counters == first.counters);
  CHECK(facts_of(database).fingerprint == first.fingerprint);

  run_in(database, "INSERT INTO public.alembic_version VALUES ('a1')");
  const Facts stamped = facts_of(database);
  CHECK(stamped.fingerprint == first.fingerprint);
  CHECK(stamped.counters == first.counters);
  CHECK(stamped.revisions == RevisionSets{{"public.alembic_version", {"a1"}}});

  run_in(database, "UPDATE public.t SET v = 3 WHERE v = 1");
  const Facts updated = facts_of(database);
  CHECK(updated.fingerprint == first.fingerprint);
  CHECK(updated.counters.at("public.t").updated == first.counters.at("public.t").updated + 1);
  run_in(database, "TRUNCATE public.t");  // no counter moves, the file does
  const Facts truncated = facts_of(database);
  CHECK(truncated.counters.at("public.t").relfilenode !=
        updated.counters.at("public.t").relfilenode);
  run_in(database, "ALTER TABLE public.t ADD w int");
  CHECK_FALSE(facts_of(database).fingerprint == first.fingerprint);
  CHECK(facts_of(database).postmaster_start == first.postmaster_start);
}

TEST_CASE("what is no row of a table is seen, too") {
  const ScratchDatabase database;
  run_in(database, "CREATE SEQUENCE public.s; SELECT lo_create(4711)");
  const Facts first = facts_of(database);
  CHECK(first.counting);
  const auto after = [&](const std::string& sql) {
    run_in(database, sql);
    return facts_of(database);
  };
  CHECK_FALSE(after("SELECT lo_put(4711, 0, 'x')").counters == first.counters);
  const Facts written = facts_of(database);
  const ScratchRole role;
  CHECK_FALSE(after("ALTER LARGE OBJECT 4711 OWNER TO " + role.name()).counters ==
              written.counters);
  CHECK_FALSE(after("SELECT nextval('public.s')").sequences == first.sequences);
  const std::string name = database.name();
  for (const std::string& sql : {"ALTER DATABASE " + name + " SET work_mem TO '7MB'",
                                 "COMMENT ON DATABASE " + name + " IS 'x'",
                                 "GRANT CREATE ON DATABASE " + name + " TO " + role.name(),
                                 "ALTER DATABASE " + name + " CONNECTION LIMIT 77"}) {
    CAPTURE(sql);
    const std::string before = facts_of(database).belongings;
    CHECK(after(sql).belongings != before);
  }
  CHECK(facts_of(database).fingerprint == first.fingerprint);
  CHECK_FALSE(after("ALTER DATABASE " + name + " SET track_counts TO off").counting);
  run_in(database, "DROP OWNED BY " + role.name());
}

TEST_CASE("who can tell the server not to count rows is known") {
  const ScratchDatabase database;
  const ScratchRole role, group;
  const auto certainly = [&] {
    pg::ConnectTarget target = database.target();
    target.set("user", role.name());
    pg::Connection session = pg::Connection::connect(target, {});
    return certainly_counted(session);
  };
  pg::Connection superuser = database.connect();
  CHECK_FALSE(certainly_counted(superuser));
  CHECK(certainly());
  const auto check_can = [&](const std::string& sql, const std::string& undo) {
    CAPTURE(sql);
    superuser.run(sql);
    CHECK_FALSE(certainly());
    superuser.run(undo);
    CHECK(certainly());
  };
  check_can("ALTER ROLE " + role.name() + " SET track_counts TO off",
            "ALTER ROLE " + role.name() + " RESET ALL");
  check_can("ALTER ROLE " + role.name() + " SUPERUSER",
            "ALTER ROLE " + role.name() + " NOSUPERUSER");
  superuser.run("GRANT " + group.name() + " TO " + role.name());
  check_can("ALTER ROLE " + group.name() + " SUPERUSER",
            "ALTER ROLE " + group.name() + " NOSUPERUSER");
  if (superuser.server_major() < 15) return;
  superuser.run("ALTER ROLE " + role.name() + " NOINHERIT");
  check_can("GRANT SET ON PARAMETER track_counts TO " + group.name(),
            "REVOKE SET ON PARAMETER track_counts FROM " + group.name());
}

TEST_CASE("committed and rolled back transactions are told apart, open ones are neither") {
  const ScratchDatabase database;
  run_in(database, "CREATE TABLE public.t (i int)");
  // Other tests share the server: what is compared is this database's share of the count.
  const Facts before = facts_of(database);
  run_in(database, "BEGIN; INSERT INTO public.t VALUES (1); ROLLBACK");
  const TransactionCount aborted = between(database, before, facts_of(database));
  CHECK(aborted.complete);
  CHECK(aborted.aborted >= 1);
  run_in(database, "INSERT INTO public.t VALUES (2)");
  const TransactionCount committed = between(database, before, facts_of(database));
  CHECK(committed.committed >= 1);
  CHECK(committed.aborted >= aborted.aborted);

  // One that began before and ends in between counts; one that is still open says so.
  pg::Connection slow = database.connect();
  slow.run("BEGIN; INSERT INTO public.t VALUES (3)");
  run_in(database, "INSERT INTO public.t VALUES (4)");  // a snapshot ends with what has ended
  const Facts open = facts_of(database);
  CHECK(between(database, before, open).in_progress >= 1);
  slow.run("COMMIT");
  CHECK(between(database, open, facts_of(database)).committed >= 1);
}

TEST_CASE("a command's sessions are known by their name, others are not its") {
  const ScratchDatabase database;
  pg::Connection watcher = database.connect(pg::SessionKind::catalog);
  const auto named = [&](const std::string& name) {
    pg::ConnectOptions options;
    options.application_name = name;
    return std::make_unique<pg::Connection>(pg::Connection::connect(database.target(), options));
  };
  CHECK(look_at_sessions(watcher, "r1").others.empty());
  auto command = named("belay/r1"), other = named("psql"), own = named("belay backup");
  const Sessions sessions = look_at_sessions(watcher, "r1");
  CHECK(sessions.command == std::set<int>{command->backend_pid()});
  CHECK(sessions.others == std::set<int>{other->backend_pid()});
  const Cancellation undisturbed;
  CHECK(sessions_left(watcher, "r1", 0ms, system_clock(), undisturbed).size() == 1);
  command.reset();
  CHECK(sessions_left(watcher, "r1", 20s, system_clock(), undisturbed).empty());
  CHECK(sessions_left(watcher, "r2", 0ms, system_clock(), undisturbed).empty());

  // The name is all that a role without pg_read_all_stats sees of others.
  const ScratchRole role;
  pg::ConnectTarget target = database.target();
  target.set("user", role.name());
  pg::Connection weak = pg::Connection::connect(target, {});
  command = named("belay/r1");
  CHECK(look_at_sessions(weak, "r1").command == std::set<int>{command->backend_pid()});
  CHECK(look_at_sessions(weak, "r1").others == std::set<int>{other->backend_pid()});
}

}  // namespace
