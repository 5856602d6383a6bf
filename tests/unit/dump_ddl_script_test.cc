#include "libcore/base/error.h"
#include "libdump/ddl.h"
#include "libdump/ddl_render.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using archive::Entry;

std::string script_of(const std::string& statement) {
  Entry entry;
  entry.number = 1;
  entry.kind = "table";
  entry.schema = "s";
  entry.name = "t";
  entry.create.push_back(statement);
  return dump::render_script({}, {entry});
}

bool accepted(const std::string& statement) {
  try {
    return script_of(statement).find(statement + ";\n") != std::string::npos;
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::damaged);
    return false;
  }
}

std::string created(const catalog::Function& function) {
  catalog::Catalog catalog;
  const catalog::Order order;
  Entry entry;
  dump::render(dump::Lookup(catalog, order), function, entry);
  return entry.create.at(0);
}

}  // namespace

TEST_CASE("a definition cannot give psql a command") {
  CHECK(accepted("SELECT 'a\n\\! b'"));
  CHECK(accepted(
      "SELECT \"a\n\\! b\", 'it''s \\', E'\\'\\! \\\\', e'\\\\', $$\n\\! $$, $a$ $$ \\! $a$"));
  CHECK(accepted("SELECT $1, a$b$ FROM t -- '\n"));
  CHECK(accepted("SELECT /* ' /* \\! */ */ 1"));
  CHECK_FALSE(accepted("SELECT 1\n\\! rm"));
  CHECK_FALSE(accepted("SELECT 1 \\g"));
  CHECK_FALSE(accepted("SELECT '"));
  CHECK_FALSE(accepted("SELECT 'a\\' \\! '"));
  CHECK_FALSE(accepted("SELECT E'a\\'"));
  CHECK_FALSE(accepted("SELECT nameE'a\\' \\! x'"));
  CHECK_FALSE(accepted("SELECT $a$ $$"));
  CHECK_FALSE(accepted("SELECT 1 -- comment"));
  CHECK_FALSE(accepted("SELECT /* /* */ 1"));
}

TEST_CASE("names in comment lines stay in their line") {
  Entry entry;
  entry.kind = "table";
  entry.schema = "s\n\\! x";
  entry.name = "t\r\x01";
  entry.create.push_back("SELECT 1");
  const std::string script = dump::render_script({}, {entry});
  CHECK(script.find("\n-- table s?\\! x.t??\nSELECT 1;\n") != std::string::npos);
}

TEST_CASE("a script has objects, privileges and what comes last, in this order") {
  Entry table, index, object, refresh;
  table.kind = "table";
  table.create = {"CREATE TABLE t"};
  table.set_owner = {"ALTER TABLE t"};
  table.comment = {"COMMENT t"};
  table.acl = {"GRANT one", "GRANT two"};
  table.acl_run_as = {"", "A b"};
  index.kind = "index";
  index.section = archive::Section::post_data;
  index.create = {"CREATE INDEX i"};
  object.kind = "large object";
  object.section = archive::Section::data;
  object.create = {"SELECT lo_create"};
  object.acl = {"GRANT on it"};
  refresh.kind = "refresh";
  refresh.section = archive::Section::post_data;
  refresh.last = true;
  refresh.create = {"REFRESH m"};
  const std::string script = dump::render_script({}, {table, object, refresh, index});
  std::size_t at = 0;
  for (const char* part : {"SET client_encoding = 'UTF8';", "set_config('search_path', '', false)",
                           "CREATE TABLE t;\nALTER TABLE t;\nCOMMENT t;\n", "CREATE INDEX i;\n",
                           "GRANT one;\nSET SESSION AUTHORIZATION \"A b\";\nGRANT two;\nRESET "
                           "SESSION AUTHORIZATION;\n",
                           "REFRESH m;\n"}) {
    INFO(part);
    const std::size_t found = script.find(part, at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
  CHECK(script.find("lo_create") == std::string::npos);
  CHECK(script.find("GRANT on it") == std::string::npos);
}

TEST_CASE("bytes of no encoding are sent as bytes") {
  archive::DatabaseProperties database;
  database.encoding = "SQL_ASCII";
  CHECK(dump::render_script(database, {}).find("SET client_encoding = 'SQL_ASCII';") !=
        std::string::npos);
}

TEST_CASE("a function's settings come out as they were given") {
  catalog::Function function;
  function.name = {"s", "f"};
  function.arguments = "a integer";
  function.result = "text";
  function.language = "sql";
  function.body = "SELECT $$x$$";
  CHECK(created(function) ==
        "CREATE FUNCTION s.f(a integer) RETURNS text\n    LANGUAGE sql\n    AS $_$SELECT $$x$$$_$");
  function.settings = {"search_path=\"a b\", public, \"x\"\"y\", \"\"", "work_mem=1MB, 'x'",
                       "my.setting=", "search_path="};
  function.volatility = 'i';
  function.strict = true;
  function.cost = "1234567";
  CHECK(created(function) ==
        "CREATE FUNCTION s.f(a integer) RETURNS text\n    LANGUAGE sql IMMUTABLE STRICT COST "
        "1234567\n    SET search_path TO 'a b', 'public', 'x\"y', ''\n    SET work_mem TO '1MB, "
        "''x'''\n    SET \"my.setting\" TO ''\n    SET search_path FROM CURRENT\n    AS $_$SELECT "
        "$$x$$$_$");
}

TEST_CASE("a source without schema public takes it from the target") {
  catalog::Catalog catalog;
  catalog::Schema schema;
  schema.address = {catalog::class_oid::kNamespace, 20000};
  schema.name.name = "other";
  schema.owner = "o";
  catalog.schemas.push_back(schema);
  catalog::Table table;
  table.address = {catalog::class_oid::kClass, 20001};
  table.name = {"other", "t"};
  table.owner = "o";
  catalog.tables.push_back(table);
  const std::vector<Entry> entries = dump::render_entries(catalog, catalog::order_objects(catalog));
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].create == std::vector<std::string>{"DROP SCHEMA IF EXISTS public"});
  CHECK(entries[1].create == std::vector<std::string>{"CREATE SCHEMA other"});
  CHECK(entries[2].number == 3);
  CHECK(entries[2].depends_on == std::vector<int>{2});
  CHECK(entries[2].create == std::vector<std::string>{"CREATE TABLE other.t ()"});
  CHECK(entries[2].set_owner == std::vector<std::string>{"ALTER TABLE other.t OWNER TO o"});
}
