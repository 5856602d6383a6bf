#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/base/shell_word.h"
#include "tests/support/catch.h"

using namespace belay;

TEST_CASE("a word that a shell takes as it is") {
  CHECK(quote_shell_word("/var/lib/be-lay_1") == "/var/lib/be-lay_1");
  CHECK(quote_shell_word("") == "''");
  CHECK(quote_shell_word("it's $HOME `x` \"y\"") == "'it'\\''s $HOME `x` \"y\"'");
}

TEST_CASE("identifiers are always quoted for SQL") {
  CHECK(quote_identifier("users") == R"("users")");
  CHECK(quote_identifier(R"(a"b)") == R"("a""b")");
  CHECK(quote_identifier("a\nb") == "\"a\nb\"");
  CHECK(quote_name({"my schema", R"("")"}) == R"("my schema"."""""")");
  CHECK(quote_name({"", "x"}) == R"("x")");
  CHECK_THROWS_AS(quote_identifier(std::string_view("a\0b", 3)), Error);
}

TEST_CASE("literals do not depend on standard_conforming_strings") {
  CHECK(quote_literal("") == "''");
  CHECK(quote_literal("it's") == "'it''s'");
  CHECK(quote_literal(R"(a\b'c)") == R"(E'a\\b''c')");
  CHECK_THROWS_AS(quote_literal(std::string_view("\0", 1)), Error);
}

TEST_CASE("pretty identifiers are quoted only where needed") {
  CHECK(quote_identifier_pretty("users_2") == "users_2");
  CHECK(quote_identifier_pretty("_x") == "_x");
  for (const char* name : {"", "Users", "2x", "a b", "a$b", "ü", "select", "user", "json_table",
                           "system_user", "merge_action", "all", "xmltable", "values"}) {
    CAPTURE(name);
    CHECK(quote_identifier_pretty(name) == quote_identifier(name));
  }
  CHECK(quote_name_pretty({"public", "Order"}) == R"(public."Order")");
}

TEST_CASE("dollar quotes never end inside the text") {
  CHECK(quote_dollar("x") == "$$x$$");
  CHECK(quote_dollar("a $$ b") == "$_$a $$ b$_$");
  CHECK(quote_dollar("a$") == "$_$a$$_$");
  CHECK(quote_dollar("$$ $_$ $_1$") == "$_2$$$ $_$ $_1$$_2$");
  CHECK(quote_dollar("$$ $_") == "$_1$$$ $_$_1$");
}

TEST_CASE("derived names fit 63 bytes and are cut between characters") {
  CHECK(derived_name("app", "__belay_scratch_1") == "app__belay_scratch_1");
  CHECK(derived_name(std::string(63, 'a'), "_x") == std::string(61, 'a') + "_x");
  CHECK(derived_name(std::string(62, 'a'), "_") == std::string(62, 'a') + "_");
  // 20 guitars are 80 bytes; 61 is inside the sixteenth.
  std::string guitars, fifteen;
  for (int i = 0; i < 20; ++i) guitars += "🎸";
  for (int i = 0; i < 15; ++i) fifteen += "🎸";
  CHECK(derived_name(guitars, "_x") == fifteen + "_x");
  // Continuation bytes without an end, as in SQL_ASCII.
  CHECK(derived_name(std::string(80, '\x80'), "_x") == std::string(61, '\x80') + "_x");
  CHECK_THROWS_AS(derived_name("a", std::string(63, 's')), Error);
}
