// What an archive may make a server do.
#include "librestore/statements.h"

#include "libcore/base/error.h"
#include "tests/support/catch.h"

using namespace belay;
using Statements = std::vector<std::string>;

namespace {

archive::Contents with_entry() {
  archive::Contents contents;
  archive::Entry entry;
  entry.kind = "table";
  entry.schema = "public";
  entry.name = "t";
  contents.entries = {entry};
  return contents;
}

bool passes(const Statements& sql, Statements archive::Entry::*part) {
  archive::Contents contents = with_entry();
  contents.entries.front().*part = sql;
  try {
    restore::check_statements(contents);
    return true;
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::damaged);
    CHECK(error.object() == "table public.t");
    return false;
  }
}

bool passes(const Statements& sql, Statements archive::DatabaseProperties::*part) {
  archive::Contents contents;
  contents.database.*part = sql;
  try {
    restore::check_statements(contents);
    return true;
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::damaged);
    CHECK(error.object() == "properties of the database");
    return false;
  }
}

}  // namespace

TEST_CASE("an object is created and altered, and nothing beyond its database") {
  const auto creates = [](const Statements& sql) { return passes(sql, &archive::Entry::create); };
  for (const char* sql :
       {"CREATE TABLE public.role (i integer)", "CREATE UNIQUE INDEX i ON t (a)",
        "CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE USER MAPPING FOR bob SERVER s",
        "ALTER TEXT SEARCH CONFIGURATION c\n    ADD MAPPING FOR word WITH simple",
        "CREATE CAST (integer AS text) WITH INOUT", "SELECT pg_catalog.lo_create(77)",
        "REFRESH MATERIALIZED VIEW v", "DROP SCHEMA IF EXISTS public"}) {
    INFO(sql);
    CHECK(creates({sql}));
  }
  for (const char* sql : {"DROP DATABASE app",
                          "DROP TABLE users",
                          "COPY t FROM STDIN",
                          "create table t ()",
                          "CREATE ROLE r SUPERUSER",
                          "CREATE USER r SUPERUSER",
                          "ALTER ROLE r SUPERUSER",
                          "ALTER USER r SUPERUSER",
                          "ALTER SYSTEM SET fsync = off",
                          "CREATE DATABASE d",
                          "ALTER DATABASE app RENAME TO b",
                          "CREATE TABLESPACE t LOCATION '/'",
                          "CREATE\tROLE r",
                          "CREATE  ROLE r",
                          "CREATE /**/ ROLE r",
                          "CREATE/**/ROLE r",
                          " DROP TABLE t",
                          "",
                          "/* CREATE */ DROP TABLE t",
                          "GRANT a TO b",
                          "TRUNCATE t",
                          "DO $$BEGIN END$$",
                          "SELECT pg_catalog.lo_create(1), pg_catalog.pg_reload_conf()",
                          "SET ROLE postgres",
                          "COMMENT ON TABLE t IS 'x'",
                          "SELECT pg_catalog.lo_create()"}) {
    INFO(sql);
    CHECK_FALSE(creates({sql}));
  }
  // A scaffold goes with the table that made it.
  CHECK(creates({"CREATE TABLE a.belay_scaffold (", "CREATE TABLE a.t ()",
                 "ALTER TABLE a.t NO INHERIT a.belay_scaffold", "DROP TABLE a.belay_scaffold"}));
  CHECK_FALSE(creates({"CREATE TABLE a.belay_scaffold (", "DROP TABLE a.belay_scaffold, users"}));
  CHECK_FALSE(creates({"DROP TABLE a.belay_scaffold", "CREATE TABLE a.belay_scaffold ("}));
}

TEST_CASE("what follows an object's creation is of its own sort") {
  using archive::Entry;
  CHECK(passes({"ALTER TABLE t OWNER TO bob"}, &Entry::set_owner));
  CHECK_FALSE(passes({"ALTER ROLE bob SUPERUSER"}, &Entry::set_owner));
  CHECK_FALSE(passes({"CREATE TABLE t ()"}, &Entry::set_owner));
  CHECK(passes({"GRANT SELECT(a), UPDATE(b) ON TABLE t TO bob", "REVOKE ALL ON TABLE t FROM PUBLIC",
                "REVOKE GRANT OPTION FOR USAGE ON SCHEMA s FROM bob",
                "ALTER DEFAULT PRIVILEGES FOR ROLE bob GRANT SELECT ON TABLES TO alice"},
               &Entry::acl));
  CHECK_FALSE(passes({"GRANT postgres TO bob"}, &Entry::acl));
  CHECK_FALSE(passes({"GRANT \"x ON y\" TO bob"}, &Entry::acl));
  CHECK_FALSE(passes({"ALTER TABLE t OWNER TO bob"}, &Entry::acl));
  CHECK(passes({"COMMENT ON TABLE t IS 'x'"}, &Entry::comment));
  CHECK_FALSE(passes({"COMMENT ON ROLE bob IS 'x'"}, &Entry::comment));
  CHECK_FALSE(passes({"DROP TABLE t"}, &Entry::comment));
  CHECK(passes({"SECURITY LABEL ON TABLE t IS 'x'"}, &Entry::label));
  CHECK_FALSE(passes({"DROP TABLE t"}, &Entry::label));
}

TEST_CASE("properties are those of the database that is restored") {
  using archive::DatabaseProperties;
  CHECK(passes({"GRANT CONNECT ON DATABASE %DATABASE% TO bob"}, &DatabaseProperties::acl));
  CHECK_FALSE(passes({"GRANT CONNECT ON DATABASE other TO bob"}, &DatabaseProperties::acl));
  CHECK(passes({"ALTER DATABASE %DATABASE% SET jit TO off",
                "ALTER ROLE \"bob\" IN DATABASE %DATABASE% SET jit TO off"},
               &DatabaseProperties::settings));
  CHECK_FALSE(passes({"ALTER ROLE \"bob\" SUPERUSER"}, &DatabaseProperties::settings));
  CHECK_FALSE(passes({"ALTER SYSTEM SET fsync TO off"}, &DatabaseProperties::settings));
  CHECK(passes({"COMMENT ON DATABASE %DATABASE% IS 'x'"}, &DatabaseProperties::comment));
  CHECK_FALSE(passes({"COMMENT ON DATABASE other IS 'x'"}, &DatabaseProperties::comment));
  CHECK(passes({"SECURITY LABEL FOR \"p\" ON DATABASE %DATABASE% IS 'x'"},
               &DatabaseProperties::label));
  CHECK_FALSE(passes({"SECURITY LABEL FOR \"p\" ON ROLE bob IS 'x'"}, &DatabaseProperties::label));
}
