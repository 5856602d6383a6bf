// How much of what is to be dropped is there: names as the server resolves them, and counts that
// end.
#include "migrate/dropped_data.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using namespace belay::testing;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

Lines counts(const ScratchDatabase& database, const std::vector<DropStatement>& drops,
             std::chrono::milliseconds patience = 10s) {
  pg::Connection connection = database.connect(pg::SessionKind::catalog);
  std::vector<std::string> losses = count_dropped(connection, drops, system_clock(), patience);
  // What is asked next must not end by the limit of the last count.
  CHECK(connection.query("SELECT pg_catalog.current_setting('statement_timeout')").string(0, 0) ==
        "0");
  return losses;
}

TEST_CASE("what holds data is counted, what is not there or empty is not told") {
  const ScratchDatabase database;
  pg::Connection admin = database.connect();
  admin.run("CREATE SCHEMA app; ALTER DATABASE " + database.name() +
            " SET search_path = app;"
            "CREATE TABLE app.t (a int, b int, c int); INSERT INTO app.t VALUES (1, 1, NULL), (2, "
            "NULL, NULL);"
            "CREATE TABLE public.t (i int); CREATE TABLE public.empty (i int); CREATE VIEW "
            "public.v AS SELECT 1 AS i;"
            "CREATE TABLE app.\"a\"\"; DROP TABLE app.t; --\" (i int); INSERT INTO app.\"a\"\"; "
            "DROP TABLE app.t; --\" VALUES (1);"
            "CREATE TABLE app.p (i int) PARTITION BY LIST (i); CREATE TABLE app.p1 PARTITION OF "
            "app.p FOR VALUES IN (1);"
            "INSERT INTO app.p VALUES (1), (1)");
  CHECK(counts(database, {{"", "t", ""}}) == Lines{"table app.t, which holds 2 rows"});
  CHECK(counts(database, {{"", "t", "b"}}) == Lines{"column app.t.b, which holds 1 value"});
  CHECK(counts(database, {{"", "p", ""}}) == Lines{"table app.p, which holds 2 rows"});
  CHECK(counts(database, {{"", "a\"; DROP TABLE app.t; --", ""}}).size() == 1);
  CHECK(counts(database, {{"", "t", "c"},
                          {"public", "t", ""},
                          {"public", "empty", ""},
                          {"", "empty", ""},
                          {"", "t", "b\"; DROP TABLE app.t; --"},
                          {"public", "v", ""},
                          {"pg_catalog", "pg_class", ""},
                          {"none", "t", ""}})
            .empty());
  CHECK(counts(database, {{"app", "t", "a"}}) == Lines{"column app.t.a, which holds 2 values"});
}

TEST_CASE("what cannot be counted in time, or not by this role, is told as that") {
  const ScratchDatabase database;
  const ScratchRole role;
  pg::Connection admin = database.connect();
  admin.run(
      "CREATE TABLE public.t (i int); INSERT INTO public.t SELECT pg_catalog.generate_series(1, "
      "500);"
      "CREATE TABLE public.fresh (i int); INSERT INTO public.fresh VALUES (1); ANALYZE public.t");
  CHECK(counts(database, {{"public", "t", ""}, {"public", "fresh", ""}}, 0s) ==
        Lines{"table public.t, which holds about 500 rows",
              "table public.fresh, which holds what was not counted"});
  pg::ConnectTarget target = database.target();
  target.set("user", role.name());
  pg::Connection weak = pg::Connection::connect(target, {});
  CHECK(count_dropped(weak, {{"public", "t", ""}}, system_clock(), 10s) ==
        Lines{"table public.t, which holds what this role may not count"});
  // Somebody holds it: the wait for the lock ends.
  admin.run("BEGIN; LOCK TABLE public.t");
  CHECK(
      counts(database, {{"public", "t", ""}, {"public", "fresh", ""}}) ==
      Lines{"table public.t, which holds about 500 rows", "table public.fresh, which holds 1 row"});
  admin.run("ROLLBACK");
}

TEST_CASE("which revisions may drop something") {
  CHECK(may_drop("def upgrade():\n    op.drop_table('a')\n"));
  CHECK(may_drop("SQL = 'DROP TABLE a'\ndef upgrade():\n    op.execute(SQL)\n"));
  CHECK(may_drop("def downgrade():\n    pass\n\ndef upgrade():\n    op.drop_table('a')\n"));
  CHECK(may_drop("def upgrade():\n    op.execute(open('a').read())\n"));
  CHECK_FALSE(may_drop(
      "def upgrade():\n    op.create_table('a')\n\n\ndef downgrade():\n    op.drop_table('a')\n"));
  CHECK_FALSE(may_drop(""));
}

}  // namespace
