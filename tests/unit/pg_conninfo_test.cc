#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "libcore/base/error.h"
#include "libcore/pg/connect_option.h"
#include "libcore/pg/embedded_sql.h"
#include "tests/support/catch.h"

using namespace belay;
using Catch::Matchers::ContainsSubstring;
using pg::ConnectTarget;
using Keywords = std::map<std::string, std::string>;

TEST_CASE("what to type after -d") {
  const auto option = [](std::string_view text) {
    return pg::connect_option(ConnectTarget::parse(text));
  };
  CHECK(option("app") == "app");
  CHECK(option("My \"DB\"") == "'My \"DB\"'");
  CHECK(option("postgresql://u:secret@h:5433/app") == "'host=h port=5433 user=u dbname=app'");
  CHECK(option("dbname='a=b'") == "dbname=a=b");
  CHECK(option("dbname=-d") == "dbname=-d");
  CHECK(option("dbname='it\\'s'") == "'it'\\''s'");
  CHECK(pg::connect_option("postgres://h") == "dbname=postgres://h");
}

TEST_CASE("what -d takes becomes libpq keywords") {
  struct Row {
    const char* text;
    Keywords keywords;
  };
  const Row rows[] = {
      {"", {}},
      {"app", {{"dbname", "app"}}},
      {"My \"App\" ü", {{"dbname", "My \"App\" ü"}}},
      {"host=/run dbname='a b' port=5433", {{"host", "/run"}, {"dbname", "a b"}, {"port", "5433"}}},
      {"dbname='a=b'", {{"dbname", "a=b"}}},
      {"service=prod", {{"service", "prod"}}},
      {"postgresql://u:p%40w@h:5433/db?sslmode=require",
       {{"user", "u"},
        {"password", "p@w"},
        {"host", "h"},
        {"port", "5433"},
        {"dbname", "db"},
        {"sslmode", "require"}}},
      {"postgres://%2Frun%2Fpg/db", {{"host", "/run/pg"}, {"dbname", "db"}}},
      {"postgresql:///db?host=/sock", {{"host", "/sock"}, {"dbname", "db"}}},
      // SQLAlchemy's forms.
      {"postgresql+psycopg2://u:p@h/db",
       {{"user", "u"}, {"password", "p"}, {"host", "h"}, {"dbname", "db"}}},
      {"postgres+psycopg://u@h:5433/", {{"user", "u"}, {"host", "h"}, {"port", "5433"}}},
      {"postgresql+psycopg2:///db?host=/sock&port=5433",
       {{"host", "/sock"}, {"port", "5433"}, {"dbname", "db"}}},
      {"postgresql+psycopg2://u:a%2Fb%40c%25+d/e@h/d%20b",
       {{"user", "u"}, {"password", "a/b@c%+d/e"}, {"host", "h"}, {"dbname", "d b"}}},
      {"postgresql+pg8000://u@/db?unix_sock=/run/pg/.s.PGSQL.5433",
       {{"user", "u"}, {"host", "/run/pg"}, {"port", "5433"}, {"dbname", "db"}}},
      {"postgresql+asyncpg://u%3Ax@[::1]:5433/db",
       {{"user", "u:x"}, {"host", "::1"}, {"port", "5433"}, {"dbname", "db"}}},
      {"postgresql+asyncpg://h/db?ssl=true",
       {{"host", "h"}, {"dbname", "db"}, {"sslmode", "require"}}},
      {"postgresql+asyncpg://h/db?ssl=verify-full",
       {{"host", "h"}, {"dbname", "db"}, {"sslmode", "verify-full"}}},
      {"postgresql+asyncpg://h/db?ssl=false&sslmode=verify-ca",
       {{"host", "h"}, {"dbname", "db"}, {"sslmode", "verify-ca"}}},
      {"postgresql+pg8000://h/db?options=-c%20search_path%3Dapp",
       {{"host", "h"}, {"dbname", "db"}, {"options", "-c search_path=app"}}},
      {"postgresql+psycopg2://u@/db?host=a:5433&host=b:5434",
       {{"user", "u"}, {"host", "a,b"}, {"port", "5433,5434"}, {"dbname", "db"}}},
      {"postgresql+psycopg2://h/db?application_name=my+app",
       {{"host", "h"}, {"dbname", "db"}, {"application_name", "my app"}}},
      {"postgresql+psycopg2://", {}},
      {"postgresql+psycopg2://h", {{"host", "h"}}},
      {"postgresql+psycopg2://h?sslmode=require", {{"host", "h"}, {"sslmode", "require"}}},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const ConnectTarget target = ConnectTarget::parse(row.text);
    CHECK(target.keywords() == row.keywords);
    CHECK(target.warnings().empty());
  }
}

TEST_CASE("keys of a driver are dropped by name, never their values") {
  const ConnectTarget target = ConnectTarget::parse(
      "postgresql+asyncpg://h/db?prepared_statement_cache_size=s3cret&command_timeout=5");
  CHECK(target.keywords() == Keywords{{"host", "h"}, {"dbname", "db"}});
  REQUIRE(target.warnings().size() == 2);
  CHECK_THAT(target.warnings()[0], ContainsSubstring("prepared_statement_cache_size"));
  CHECK_THAT(target.warnings()[0], !ContainsSubstring("s3cret"));
}

TEST_CASE("what cannot be read is refused, and no password is shown") {
  const char* rows[] = {
      "host=h password=my s3cret",
      "password=s3cret nonsense=1",
      "postgresql://u:s3cret@h:port/db?bad=1",
      "postgresql://u:s3cret%zz@h/db",
      "postgresql+psycopg2://u:s3@cret@h/db",
      "postgresql+asyncpg://u:s3cret@h/db?ssl=perhaps",
      "postgresql+asyncpg://u:s3cret@[::1/db",
      "postgresql+asyncpg://u:s3cret%00@h/db",
      "mysql://u:s3cret@h/db",
  };
  for (const char* row : rows) {
    INFO(row);
    try {
      ConnectTarget::parse(row);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::usage);
      CHECK_THAT(std::string(error.what()) + error.next(), !ContainsSubstring("cret"));
      CHECK_FALSE(error.next().empty());
    }
  }
  CHECK_THROWS_AS(ConnectTarget::parse(std::string_view("a\0b", 3)), Error);
}

TEST_CASE("a misspelt keyword is named when nothing secret can be near it") {
  try {
    ConnectTarget::parse("hots=h dbname=x");
    FAIL("was accepted");
  } catch (const Error& error) {
    CHECK_THAT(error.what(), ContainsSubstring("hots"));
  }
}

TEST_CASE("the command line wins over -d, and the address goes with the host") {
  ConnectTarget target = ConnectTarget::parse("host=a hostaddr=10.0.0.1 port=1 dbname=x");
  target.set("host", "b").set("port", "2");
  CHECK(target.keywords() == Keywords{{"host", "b"}, {"port", "2"}, {"dbname", "x"}});
  CHECK(*target.with_database("y").find("dbname") == "y");
  CHECK(*target.find("dbname") == "x");
  CHECK(target.find("user") == nullptr);
}

TEST_CASE("a target is described without its password") {
  CHECK(ConnectTarget::parse("postgresql://u:s3cret@h:5433/db").describe() ==
        "database db on h, port 5433");
  CHECK(ConnectTarget::parse("service=prod").describe() == "the default database, service prod");
}

TEST_CASE("the newest query that is not above the server wins") {
  constexpr pg::EmbeddedSql kFiles[] = {
      {"a", 0, "any"}, {"a", 16, "sixteen"}, {"a", 14, "fourteen"}, {"b", 15, "b"}};
  CHECK(pg::select_sql(kFiles, "a", 13) == "any");
  CHECK(pg::select_sql(kFiles, "a", 15) == "fourteen");
  CHECK(pg::select_sql(kFiles, "a", 18) == "sixteen");
  CHECK_THROWS_AS(pg::select_sql(kFiles, "b", 14), Error);
  CHECK_THROWS_AS(pg::select_sql(kFiles, "c", 18), Error);
}
