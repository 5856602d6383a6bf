#include "tests/support/catch.h"
#include "tools/text_diff.h"

using namespace belay::tools;

TEST_CASE("only the lines that differ are told") {
  CHECK(line_diff("a\nb\nc\n", "a\nb\nc\n").empty());
  CHECK(line_diff("a\nb\nc\n", "a\nx\nc\n") == std::vector<std::string>{"- b", "+ x"});
  CHECK(line_diff("a\nb\n", "b\nc\n") == std::vector<std::string>{"- a", "+ c"});
  CHECK(line_diff("", "a") == std::vector<std::string>{"+ a"});
  CHECK(line_diff("a\na\na\n", "a\n") == std::vector<std::string>{"- a", "- a"});
}

TEST_CASE("scripts are compared part by part") {
  const std::string head = "-- Schema\n\nSET x;\n\n--\n-- First\n--\n";
  const std::string a = "\n-- table a\nCREATE TABLE a ();\n",
                    b = "\n-- table b\nCREATE TABLE b ();\n";
  const std::string changed = "\n-- table b\nCREATE TABLE b (id int);\n";
  CHECK(script_diff(head + a + b, head + a + b).empty());

  const auto lines = script_diff(head + a + b, head + a + changed);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].title == "table b");
  CHECK(lines[0].lines ==
        std::vector<std::string>{"- CREATE TABLE b ();", "+ CREATE TABLE b (id int);"});

  const auto removed = script_diff(head + a + b, head + b);
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].change == ScriptChange::Change::removed);
  CHECK(removed[0].title == "table a");

  const auto order = script_diff(head + a + b, head + b + a);
  REQUIRE(order.size() == 1);
  CHECK(order[0].title == "order of the objects");

  // Privileges of an object stand in a section of their own; and a title may come twice.
  const std::string rights = "\n--\n-- Privileges\n--\n\n-- table a\nGRANT x;\n";
  const auto granted = script_diff(head + a, head + a + rights);
  REQUIRE_FALSE(granted.empty());
  CHECK(granted.back().title == "Privileges: table a");
  CHECK(script_diff(head + a + a, head + a).size() == 1);
}
