// The statements that read and write rows; what they give is tested against a server.
#include "libcore/catalog/contents.h"

#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;
using Catch::Matchers::ContainsSubstring;

namespace {

Column column(const std::string& name, Oid type, char generated = 0) {
  Column column;
  column.name = name;
  column.type_oid = type;
  column.generated = generated;
  return column;
}

Table table(std::vector<Column> columns) {
  Table table;
  table.name = {"Odd \"schema\"", "t"};
  table.columns = std::move(columns);
  return table;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a plain table is copied by its columns, and every name is quoted") {
  const Table plain = table({column("a", 23), column("select", 25)});
  CHECK(copy_out_statement(plain, false, nullptr) ==
        R"(COPY "Odd ""schema"""."t" ("a", "select") TO STDOUT)");
  CHECK(copy_out_statement(plain, true, nullptr) ==
        R"(COPY "Odd ""schema"""."t" ("a", "select") TO STDOUT (FORMAT binary))");
  CHECK(copy_in_statement(plain.name, {"a", "select"}, true) ==
        R"(COPY "Odd ""schema"""."t" ("a", "select") FROM STDIN (FORMAT binary))");
}

TEST_CASE("a table without columns has no column list, out and in") {
  const Table bare = table({});
  CHECK(copy_out_statement(bare, false, nullptr) == R"(COPY "Odd ""schema"""."t" TO STDOUT)");
  CHECK(copy_in_statement(bare.name, {}, false) == R"(COPY "Odd ""schema"""."t" FROM STDIN)");
  const PageRange range{0, 5};
  CHECK_THAT(copy_out_statement(bare, false, &range), ContainsSubstring("SELECT  FROM ONLY"));
}

TEST_CASE("generated columns come last, whatever their place in the table") {
  const Table generated = table({column("g", 23, 's'), column("a", 23), column("b", 23)});
  CHECK(copy_out_statement(generated, false, nullptr) ==
        R"(COPY (SELECT "a", "b", "g" FROM ONLY "Odd ""schema"""."t") TO STDOUT)");
}

TEST_CASE("ranges of pages meet without a gap and the last one is open") {
  const Table plain = table({column("a", 23)});
  const PageRange first{0, 100}, last{100, 0};
  CHECK_THAT(copy_out_statement(plain, false, &first),
             ContainsSubstring("WHERE ctid >= '(0,0)'::pg_catalog.tid AND "
                               "ctid < '(100,0)'::pg_catalog.tid)"));
  CHECK_THAT(copy_out_statement(plain, false, &last),
             ContainsSubstring("WHERE ctid >= '(100,0)'::pg_catalog.tid)"));
}

TEST_CASE("one column of an unsafe type makes the whole table text, stored or generated") {
  const TableFormats formats{{23, 25}};
  CHECK(binary_is_safe(table({column("a", 23), column("b", 25)}), formats));
  CHECK_FALSE(binary_is_safe(table({column("a", 23), column("b", 2205)}), formats));
  CHECK_FALSE(binary_is_safe(table({column("a", 23), column("b", 2205, 's')}), formats));
}

TEST_CASE("sequences are read in batches of 500, none twice and none left out") {
  std::vector<Sequence> sequences(1001);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    sequences[i].name = {"public", "it's " + std::to_string(i)};
  }
  const std::vector<std::string> statements = sequence_state_statements(sequences);
  REQUIRE(statements.size() == 3);
  CHECK(count(statements[0], "SELECT ") == 500);
  CHECK(count(statements[1], "SELECT ") == 500);
  CHECK(count(statements[2], "SELECT ") == 1);
  CHECK_THAT(statements[2],
             ContainsSubstring(R"('it''s 1000'::pg_catalog.text, last_value, is_called FROM )"
                               R"("public"."it's 1000")"));
  CHECK(sequence_state_statements({}).empty());
}

TEST_CASE("large objects are read in batches, by number") {
  std::vector<LargeObject> objects(1001);
  for (std::size_t i = 0; i < objects.size(); ++i) objects[i].name.name = std::to_string(70000 + i);
  const std::vector<std::string> statements = large_object_statements(objects);
  REQUIRE(statements.size() == 2);
  CHECK_THAT(statements[1], ContainsSubstring("unnest('{71000}'::oid[])"));
  CHECK(statements[0].starts_with("COPY ("));
  CHECK(statements[0].ends_with(") TO STDOUT"));
  CHECK(large_object_statements({}).empty());
}
