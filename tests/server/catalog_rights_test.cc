#include "libcore/base/error.h"
#include "tests/server/catalog_database.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;
using belay::test::CatalogDatabase;
using belay::test::connect_to;
using Catch::Matchers::ContainsSubstring;

namespace {

Error failure(CatalogDatabase& database, const ReadOptions& options, const std::string& user) {
  try {
    database.read(options, user);
  } catch (const Error& error) {
    return error;
  }
  FAIL("reading did not fail");
  throw;
}

}  // namespace

TEST_CASE("everything that a role may not read is named at once, with the GRANTs that mend it") {
  CatalogDatabase database;
  const std::string role = database.role("Reader");
  database.run(
      "CREATE SCHEMA closed; CREATE TABLE closed.a (i serial); CREATE TABLE \"B b\" (i int); "
      "CREATE TABLE open (i int); CREATE MATERIALIZED VIEW m AS SELECT 1; SELECT lo_create(77); "
      "GRANT SELECT ON open TO " +
      quote_identifier(role));
  const Error error = failure(database, {}, role);
  CHECK(error.kind() == ErrorKind::not_permitted);
  for (const char* name : {"closed.a", "closed.a_i_seq", "public.\"B b\"", "public.m", "77"}) {
    CHECK_THAT(error.object(), ContainsSubstring(name));
  }
  CHECK_THAT(error.object(), !ContainsSubstring("open"));

  database.run(error.next());  // the text is what it says: it mends it
  CHECK(database.read({}, role).tables.size() == 3);
}

TEST_CASE("a plain look needs no rights on tables") {
  CatalogDatabase database;
  const std::string role = database.role();
  database.run("CREATE TABLE t (i int)");
  ReadOptions options;
  options.lock_tables = false;
  CHECK(database.read(options, role).tables.size() == 1);
}

TEST_CASE("the owner of a database who is no superuser reads everything in it") {
  CatalogDatabase database;
  const std::string role = database.role("owner");
  database.run("ALTER DATABASE " + quote_identifier(database.name()) + " OWNER TO " +
               quote_identifier(role) + "; GRANT CREATE ON SCHEMA public TO " +
               quote_identifier(role));
  connect_to(database.name(), role)
      .run(
          "CREATE TABLE t (i serial PRIMARY KEY, e text); CREATE VIEW v AS SELECT i FROM t; "
          "SELECT lo_create(0); CREATE MATERIALIZED VIEW m AS SELECT i FROM v");
  const Catalog catalog = database.read({}, role);
  CHECK(catalog.unsupported.empty());
  CHECK(catalog.user_relations == 4);
  CHECK(catalog.large_objects.size() == 1);
}

TEST_CASE("a lock that is not had in time names who holds it") {
  CatalogDatabase database;
  database.run("CREATE TABLE wanted (i int); CREATE TABLE other (i int)");
  pg::Connection holder = connect_to(database.name());
  holder.run("BEGIN");
  holder.run("LOCK TABLE wanted IN ACCESS EXCLUSIVE MODE");
  ReadOptions options;
  options.lock_timeout = std::chrono::milliseconds(100);
  const Error error = failure(database, options, {});
  CHECK(error.kind() == ErrorKind::lock_timeout);
  CHECK(error.object() == "relation public.wanted");
  CHECK_THAT(error.cause(), ContainsSubstring("process " + std::to_string(holder.backend_pid())));
  CHECK_THAT(error.cause(), ContainsSubstring("belay"));
  holder.run("ROLLBACK");
  CHECK(database.read(options).tables.size() == 2);
}

TEST_CASE("after reading, the tables are locked and the snapshot is open") {
  CatalogDatabase database;
  database.run("CREATE TABLE t (i int)");
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  SilentProgress progress;
  read_catalog(reader, {}, progress);
  CHECK_FALSE(pg::export_snapshot(reader).empty());
  pg::Connection other = connect_to(database.name());
  other.run("SET lock_timeout = 50");
  CHECK_THROWS_WITH(other.run("DROP TABLE t"), ContainsSubstring("lock timeout"));
  CHECK(reader.run("SHOW lock_timeout").text(0, 0) == "0");
  pg::end_snapshot_transaction(reader);
  other.run("DROP TABLE t");
}

TEST_CASE("a privilege of a role that is gone is left out with a warning") {
  CatalogDatabase database;
  database.run(
      "SET allow_system_table_mods = on; CREATE TABLE t (i int); GRANT SELECT ON t TO PUBLIC; "
      "UPDATE pg_class SET relacl = relacl || makeaclitem(4000000, relowner, 'SELECT', false) "
      "WHERE relname = 't'");
  const Catalog catalog = database.read();
  REQUIRE(catalog.warnings.size() == 1);
  CHECK_THAT(catalog.warnings[0], ContainsSubstring("public.t"));
  REQUIRE(catalog.tables.size() == 1);
  CHECK(catalog.tables[0].acl.current.size() == 2);
}
