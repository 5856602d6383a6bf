// What a script drops: found in every form, and not where it only looks like it.
#include "migrate/drop_statements.h"
#include "tests/support/catch.h"

namespace {

using namespace belay::migrate;
using Drops = std::vector<DropStatement>;

TEST_CASE("tables and columns that are dropped") {
  CHECK(read_drop_statements("DROP TABLE users;") == Drops{{"", "users", ""}});
  CHECK(read_drop_statements(
            "-- Running upgrade r1 -> r2\n\ndrop table if exists App.Users cascade") ==
        Drops{{"app", "users", ""}});
  CHECK(read_drop_statements("DROP TABLE a, \"B c\".\"d\"\"e\", x.y.z;") ==
        Drops{{"", "a", ""}, {"B c", "d\"e", ""}, {"y", "z", ""}});
  CHECK(read_drop_statements("ALTER TABLE users DROP COLUMN mail;") ==
        Drops{{"", "users", "mail"}});
  CHECK(read_drop_statements(
            "alter table if exists only s.users * add a int default f(1, 2), drop b, "
            "drop column if exists \"C\" cascade, drop if exists d;") ==
        Drops{{"s", "users", "b"}, {"s", "users", "C"}, {"s", "users", "d"}});
  // Each once.
  CHECK(read_drop_statements("drop table a; drop table a; drop table A").size() == 1);
}

TEST_CASE("what only looks like it") {
  for (const char* sql :
       {"select 'drop table a; '",
        "select '''; drop table a; '",
        "select E'\\'; drop table a; '",
        "select $$; drop table a; $$",
        "select $x$; $$ drop table a; $x$",
        "-- ; drop table a",
        "/* /* */ ; drop table a; */",
        "select \"; drop table a; \"",
        "comment on table a is 'drop table a'",
        "create function f() returns void language plpgsql as $$ begin drop table a; end $$",
        "alter table a drop constraint b",
        "alter table a alter b drop not null, alter c drop default",
        "alter index a drop b",
        "drop index a",
        "drop view a",
        "drop table",
        "drop table 'a'",
        "drop table U&\"a\"",
        "alter table a add check (b <> c), validate constraint d",
        "alter table a drop column 5",
        "select 1 drop table a"}) {
    INFO(sql);
    CHECK(read_drop_statements(sql).empty());
  }
}

TEST_CASE("what follows it is read all the same") {
  for (const char* before :
       {"select 'it''s'", "select E'\\''", "select $a$ $b$ $a$", "/* ' */", "-- '\n",
        "select a$b$c", "select $1", "alter table a drop constraint b", "drop table 5"}) {
    INFO(before);
    const Drops drops = read_drop_statements(std::string(before) + ";drop table last");
    REQUIRE_FALSE(drops.empty());
    CHECK(drops.back() == DropStatement{"", "last", ""});
  }
}

TEST_CASE("the body of a DO is looked through") {
  CHECK(read_drop_statements("do $$ begin if true then drop table a; end if; end $$; select 1") ==
        Drops{{"", "a", ""}});
  CHECK(read_drop_statements("do language plpgsql 'begin execute ''alter table a drop b''; end'") ==
        Drops{{"", "a", "b"}});
}

TEST_CASE("a hostile script ends, and finds no more than a thousand") {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "drop table t" + std::to_string(i) + ";";
  CHECK(read_drop_statements(many).size() == 1000);
  std::string long_body = "do $$ ";
  for (int i = 0; i < 100000; ++i) long_body += "alter table a ";
  CHECK(read_drop_statements(long_body).empty());
  const std::string deep(200000, '(');
  for (const std::string& sql :
       {"alter table a " + deep, "'" + deep, "/*" + deep, "$a$" + deep, "\"" + deep,
        std::string("$"), std::string("e'\\"), std::string(100000, '$'),
        std::string("do $$ do $x$ do $y$ do $z$")}) {
    CHECK(read_drop_statements(sql).empty());
  }
}

}  // namespace
