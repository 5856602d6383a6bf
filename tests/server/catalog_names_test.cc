#include <algorithm>

#include "libcore/base/error.h"
#include "tests/server/catalog_database.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;
using belay::test::CatalogDatabase;
using belay::test::connect_to;

namespace {

const std::vector<std::string> kNames = {"quo\"te", "new\nline",         "Upper Case", "select",
                                         "emoji 🎵", "back\\slash",       "%s $1 ;--",  "tab\there",
                                         "it's",    std::string(63, 'x')};

}  // namespace

TEST_CASE("names of any form are read as they are") {
  CatalogDatabase database;
  pg::Connection session = connect_to(database.name());
  for (const std::string& name : kNames) {
    const std::string quoted = quote_identifier(name);
    session.run("CREATE SCHEMA " + quoted);
    session.run("SET search_path = " + quoted);
    session.run("CREATE TYPE " + quote_identifier("e") + " AS ENUM (" + quote_literal(name) + ")");
    session.run("CREATE TABLE " + quoted + " (" + quoted + " int CONSTRAINT " + quoted +
                "  CHECK (true) DEFAULT 1)");
    session.run("CREATE INDEX ON " + quoted + " (" + quoted + ")");
    session.run("CREATE FUNCTION " + quoted +
                "() RETURNS int LANGUAGE sql SET application_name = " + quote_literal(name) +
                " AS 'SELECT 1'");
    session.run("COMMENT ON TABLE " + quoted + " IS " + quote_literal(name));
  }
  const Catalog catalog = database.read();
  CHECK(catalog.unsupported.empty());
  for (const std::string& name : kNames) {
    INFO(printable(name));
    const auto table = std::find_if(catalog.tables.begin(), catalog.tables.end(),
                                    [&](const Table& t) { return t.name.name == name; });
    REQUIRE(table != catalog.tables.end());
    CHECK(table->name.schema == name);
    CHECK(table->comment == name);
    CHECK(table->columns.at(0).name == name);
    const auto function = std::find_if(catalog.functions.begin(), catalog.functions.end(),
                                       [&](const Function& f) { return f.name.name == name; });
    REQUIRE(function != catalog.functions.end());
    CHECK(function->settings == std::vector<std::string>{"application_name=" + name});
    CHECK(std::any_of(catalog.enums.begin(), catalog.enums.end(), [&](const EnumType& type) {
      return type.labels == std::vector<std::string>{name};
    }));
  }
}

TEST_CASE("a LATIN1 database is read as UTF-8") {
  CatalogDatabase database("ENCODING 'LATIN1' LOCALE 'C'");
  database.run("SET client_encoding = 'UTF8'; CREATE TABLE \"Größe\" (\"é\" text DEFAULT 'ß')");
  const Catalog catalog = database.read();
  CHECK(catalog.unsupported.empty());
  CHECK(catalog.database.encoding == "LATIN1");
  REQUIRE(catalog.tables.size() == 1);
  CHECK(catalog.tables[0].name.name == "Größe");
  CHECK(catalog.tables[0].columns.at(0).default_expression == "'ß'::text");
}

TEST_CASE("in a SQL_ASCII database UTF-8 names pass, others are refused by name") {
  CatalogDatabase database("ENCODING 'SQL_ASCII' LOCALE 'C'");
  database.run("CREATE TABLE \"Größe\" (a int)");
  Catalog catalog = database.read();
  CHECK(catalog.unsupported.empty());
  REQUIRE(catalog.tables.size() == 1);
  CHECK(catalog.tables[0].name.name == "Größe");

  // The byte is made on the server: no session could send it as UTF-8.
  database.run(
      "DO $$BEGIN EXECUTE 'CREATE TABLE ' || quote_ident(convert_from('\\xe9', "
      "'SQL_ASCII')) || ' (a int)'; END$$");
  catalog = database.read();
  REQUIRE_FALSE(catalog.unsupported.empty());
  CHECK(std::all_of(catalog.unsupported.begin(), catalog.unsupported.end(),
                    [](const Unsupported& line) { return line.kind == "text that is not UTF-8"; }));
  CHECK(std::any_of(catalog.unsupported.begin(), catalog.unsupported.end(),
                    [](const Unsupported& line) {
                      return line.identity.find("public \\xE9") != std::string::npos;
                    }));
}
