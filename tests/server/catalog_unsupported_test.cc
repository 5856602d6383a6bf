// What is not carried is refused by name, never skipped: one line per attribute and kind.
#include <algorithm>

#include "libcore/base/error.h"
#include "tests/server/catalog_database.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;
using belay::test::CatalogDatabase;
using belay::test::connect_to;

namespace {

struct Refusal {
  const char* sql;
  const char* kind;
  const char* identity;  // part of it
  const char* detail;    // part of it
  int since = 13;
};

// Tables t (a int, b text) and its index t_a exist; each runs in a database of its own.
constexpr Refusal kRefusals[] = {
    {"GRANT USAGE ON TYPE t TO PUBLIC; REVOKE USAGE ON TYPE t FROM PUBLIC",
     "privileges on an implied type", "public.t", ""},
    {"COMMENT ON COLUMN t.ctid IS 'place'", "comment", "", "place"},
    {"SET allow_system_table_mods = on; CREATE TABLE pg_catalog.mine (a int)", "table", "mine", ""},
    // What no statement makes without a label provider, or without a newer server.
    {"SET allow_system_table_mods = on; ALTER TABLE pg_catalog.pg_conversion ADD conmagic int",
     "catalog column", "pg_conversion.conmagic", "unknown to belay"},
    {"INSERT INTO pg_seclabel VALUES ('public.t'::regclass, 'pg_class'::regclass, -1, 'dummy', "
     "'secret')",
     "security label", "public.t.ctid", "dummy: secret"},
    {"CREATE SUBSCRIPTION s CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false); "
     "UPDATE pg_subscription SET substream = 'z'",
     "unknown code", "s", "\"z\" in pg_subscription.substream", 16},
    {"CREATE CAST (int AS xml) WITH INOUT; UPDATE pg_cast SET castmethod = 'z' WHERE oid >= 16384",
     "unknown code", "(integer AS xml)", "\"z\" in pg_cast.castmethod"},
    {"CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int); "
     "UPDATE pg_aggregate SET aggkind = 'z' WHERE aggfnoid = 'agg'::regproc",
     "unknown code", "public.agg", "\"z\" in pg_aggregate.aggkind"},
    {"CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler; "
     "UPDATE pg_am SET amtype = 'z' WHERE amname = 'am'",
     "unknown code", "am", "\"z\" in pg_am.amtype"},
    {"CREATE TYPE rng AS RANGE (subtype = float8); "
     "REVOKE EXECUTE ON FUNCTION rng(float8, float8) FROM PUBLIC",
     "privileges on an implied function", "public.rng(", ""},
    {"CREATE TYPE rng AS RANGE (subtype = float8); "
     "COMMENT ON FUNCTION rng(float8, float8) IS 'made'",
     "comment", "", "made"},
    {"CREATE COLLATION coll (locale = 'C'); "
     "UPDATE pg_collation SET collprovider = 'z' WHERE collname = 'coll'",
     "unknown code", "public.coll", "\"z\" in pg_collation.collprovider"},
    {"CREATE COLLATION coll (locale = 'C'); "
     "UPDATE pg_collation SET collencoding = 8 WHERE collname = 'coll'",
     "collation", "public.coll", "LATIN1"},
    {"CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
     "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION et(); "
     "UPDATE pg_event_trigger SET evtenabled = 'z'",
     "unknown code", "e", "\"z\" in pg_event_trigger.evtenabled"},
    {"CREATE PUBLICATION p; UPDATE pg_publication SET pubgencols = 'z'", "unknown code", "p",
     "\"z\" in pg_publication.pubgencols", 18},
    {"CREATE RULE r AS ON INSERT TO t DO NOTHING; UPDATE pg_rewrite SET ev_enabled = 'z' "
     "WHERE rulename = 'r'",
     "unknown code", "public.r", "\"z\" in pg_rewrite.ev_enabled"},
    {"CREATE POLICY p ON t USING (true); UPDATE pg_policy SET polcmd = 'z'", "unknown code",
     "public.p", "\"z\" in pg_policy.polcmd"},
    {"UPDATE pg_class SET relreplident = 'z' WHERE oid = 't'::regclass", "unknown code", "public.t",
     "\"z\" in pg_class.relreplident"},
    {"UPDATE pg_attribute SET attstorage = 'z' WHERE attrelid = 't'::regclass AND attname = 'b'",
     "unknown code", "public.t.b", "\"z\" in pg_attribute.attstorage"},
    {"UPDATE pg_attribute SET attcompression = 'z' WHERE attrelid = 't'::regclass AND attname = "
     "'b'",
     "unknown code", "public.t.b", "\"z\" in pg_attribute.attcompression", 14},
    {"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; "
     "UPDATE pg_default_acl SET defaclobjtype = 'z'",
     "unknown code", "on z", "\"z\" in pg_default_acl.defaclobjtype"},
    {"UPDATE pg_class SET relkind = 'z' WHERE oid = 't_a'::regclass", "", "public.t_a", ""},
};

std::string findings(const Catalog& catalog) {
  std::string text;
  for (const Unsupported& line : catalog.unsupported) {
    text += "[" + line.kind + "] " + line.identity + ": " + line.detail + "\n";
  }
  return text;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is not carried is refused by name") {
  const int major = connect_to("postgres").server_major();
  for (const Refusal& refusal : kRefusals) {
    if (refusal.since > major) continue;
    INFO(refusal.sql);
    CatalogDatabase database;
    database.run("CREATE TABLE t (a int, b text); CREATE INDEX t_a ON t (a)");
    REQUIRE(findings(database.read()) == "");
    database.run("SET allow_system_table_mods = on; " + std::string(refusal.sql));
    const Catalog catalog = database.read();
    INFO("found:\n" << findings(catalog));
    CHECK(std::any_of(
        catalog.unsupported.begin(), catalog.unsupported.end(), [&](const Unsupported& line) {
          return (refusal.kind[0] == '\0' || line.kind == refusal.kind) &&
                 contains(line.identity, refusal.identity) && contains(line.detail, refusal.detail);
        }));
    if (contains(refusal.sql, "SUBSCRIPTION")) {
      database.run("ALTER SUBSCRIPTION s SET (slot_name = NONE)");
      database.run("DROP SUBSCRIPTION s");
    }
  }
}

TEST_CASE("security labels are read with what they are on") {
  CatalogDatabase database;
  database.run(
      "SET allow_system_table_mods = on; CREATE TABLE t (a int, b text); "
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; "
      "INSERT INTO pg_seclabel VALUES "
      "('t'::regclass, 'pg_class'::regclass, 0, 'dummy', 'of t'), "
      "('t'::regclass, 'pg_class'::regclass, 2, 'dummy', 'of b'), "
      "('f'::regproc, 'pg_proc'::regclass, 0, 'dummy', 'of f'); "
      "INSERT INTO pg_shseclabel SELECT oid, 'pg_database'::regclass, 'dummy', 'of the database' "
      "FROM pg_database WHERE datname = current_database()");
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  REQUIRE(catalog.tables.at(0).labels.size() == 1);
  CHECK(catalog.tables[0].labels[0].provider == "dummy");
  CHECK(catalog.tables[0].labels[0].label == "of t");
  REQUIRE(catalog.tables[0].columns.at(1).labels.size() == 1);
  CHECK(catalog.tables[0].columns[1].labels[0].label == "of b");
  REQUIRE(catalog.functions.at(0).labels.size() == 1);
  CHECK(catalog.functions[0].labels[0].label == "of f");
  REQUIRE(catalog.database.labels.size() == 1);
  CHECK(catalog.database.labels[0].label == "of the database");
}

TEST_CASE("a subscription is refused by name where its connection cannot be read") {
  CatalogDatabase database;
  const std::string role = database.role("subscriber");
  database.run("CREATE SUBSCRIPTION " + role + " CONNECTION 'password=secret' PUBLICATION p " +
               "WITH (connect = false, slot_name = NONE)");
  CHECK(database.read().subscriptions.at(0).connection == "password=secret");
  const std::string found = findings(database.read({}, role));
  CHECK(contains(found, ("[subscription] " + database.name() + ": " + role).c_str()));
  CHECK(!contains(found, "secret"));
  database.run("DROP SUBSCRIPTION " + role);
}

TEST_CASE("the tablespace of a database is read") {
  CatalogDatabase database;
  pg::Connection session = connect_to("postgres");
  if (session.server_major() < 15) {
    WARN("skipped: servers before 15 have no tablespaces in place");
    return;
  }
  CHECK(database.read().database.tablespace == "");
  const std::string space = "belay_" + random_hex(4);
  const std::string placed =
      "ALTER DATABASE " + quote_identifier(database.name()) + " SET TABLESPACE ";
  session.run("SET allow_in_place_tablespaces = on");
  session.run("CREATE TABLESPACE " + space + " LOCATION ''");
  session.run(placed + space);
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  CHECK(catalog.database.tablespace == space);
  session.run(placed + "pg_default");
  session.run("DROP TABLESPACE " + space);
}

TEST_CASE("an identity of rows whose index is gone is carried as none, with a warning") {
  CatalogDatabase database;
  database.run(
      "CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX u ON t (a); "
      "ALTER TABLE t REPLICA IDENTITY USING INDEX u; DROP INDEX u");
  const Catalog catalog = database.read();
  REQUIRE(catalog.warnings.size() == 1);
  CHECK(contains(catalog.warnings[0], "public.t"));
  CHECK(catalog.tables.at(0).replica_identity == 'n');
}

TEST_CASE("what users add to an extension's table is told apart from what its script made") {
  CatalogDatabase database;
  database.run("CREATE EXTENSION belay_test");
  const auto on_plain = [](const Catalog& catalog) {
    std::vector<std::string> names;
    for (const Index& index : catalog.indexes) {
      if (index.name.name == "mine" || index.name.name == "plain_pkey")
        names.push_back(index.name.name);
    }
    return names;
  };
  CHECK(on_plain(database.read()).empty());
  database.run("CREATE INDEX mine ON plain (b)");
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  CHECK(on_plain(catalog) == std::vector<std::string>{"mine"});
  for (const ExtensionTable& table : catalog.extension_tables) CHECK(table.altered.empty());
}

TEST_CASE("what users add to an operator family is told apart from what a script made") {
  CatalogDatabase database;
  database.run("CREATE EXTENSION hstore");
  database.run("CREATE EXTENSION citext");  // its script adds to its family at its end
  CHECK(database.read().family_additions.empty());
  database.run(
      "ALTER OPERATOR FAMILY btree_hstore_ops USING btree ADD "
      "FUNCTION 1 (hstore, text) btint4cmp(int, int)");
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  REQUIRE(catalog.family_additions.size() == 1);
  CHECK(catalog.family_additions[0].name.name == "btree_hstore_ops");
  CHECK(catalog.family_additions[0].members.size() == 1);
}

TEST_CASE("a member that was added by hand is refused") {
  CatalogDatabase database;
  database.run("CREATE EXTENSION hstore");
  database.run("CREATE TYPE mood AS ENUM ('calm')");
  CHECK(findings(database.read()) == "");
  database.run("ALTER EXTENSION hstore ADD TYPE mood");
  CHECK(contains(findings(database.read()), "[member added by hand] hstore: type "));
  database.run(
      "BEGIN; CREATE TABLE conf (a int PRIMARY KEY); CREATE EXTENSION citext; "
      "ALTER EXTENSION citext ADD TABLE conf; COMMIT");
  CHECK(contains(findings(database.read()), "[member added by hand] citext: table public.conf"));
}

TEST_CASE("a partition whose detaching was interrupted is carried as attached, with a warning") {
  CatalogDatabase database;
  if (connect_to("postgres").server_major() < 14) {
    WARN("skipped: servers before 14 cannot detach concurrently");
    return;
  }
  database.run(
      "SET allow_system_table_mods = on; CREATE TABLE p (a int) PARTITION BY LIST (a); "
      "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); "
      "UPDATE pg_inherits SET inhdetachpending = true");
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  REQUIRE(catalog.warnings.size() == 1);
  CHECK(contains(catalog.warnings[0], "ALTER TABLE public.p DETACH PARTITION public.p1 FINALIZE"));
}

TEST_CASE("what no statement brings back as it stands is told") {
  CatalogDatabase database;
  database.run(
      "CREATE TYPE span AS RANGE (subtype = int4); ALTER FUNCTION span(int, int) IMMUTABLE; "
      "CREATE EXTENSION hstore");
  CHECK(database.read().warnings.empty());
  database.run("ALTER FUNCTION span(int, int) VOLATILE; DROP EXTENSION plpgsql");
  const Catalog catalog = database.read();
  CHECK(findings(catalog) == "");
  REQUIRE(catalog.warnings.size() == 2);
  CHECK(contains(catalog.warnings[0], "extension plpgsql was dropped"));
  CHECK(contains(catalog.warnings[1], "function public.span, which makes ranges, was altered"));
}
