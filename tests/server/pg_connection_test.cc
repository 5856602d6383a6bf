// Sessions, statements, errors, batches and cancellation.
#include <chrono>
#include <stdexcept>
#include <thread>

#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using pg::Connection;
using pg::SessionKind;
using testing::connect_to;
using testing::ScratchDatabase;
using testing::ScratchRole;

namespace {

template <typename Work>
Error failure_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("no error");
}

std::string setting(Connection& connection, const std::string& name) {
  return connection.query("SELECT pg_catalog.current_setting($1, true)", {name}).string(0, 0);
}

// Until another session runs a statement that contains `text`.
void wait_until_running(const std::string& text) {
  Connection watcher = connect_to("postgres");
  const std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (watcher
            .query("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active'"
                   " AND query LIKE $1 AND pid <> pg_catalog.pg_backend_pid()",
                   {"%" + text + "%"})
            .integer(0, 0) > 0) {
      return;
    }
    std::this_thread::yield();
  }
  throw std::runtime_error("it never ran: " + text);
}

}  // namespace

TEST_CASE("every session is pinned, whatever the database and the role say") {
  const ScratchDatabase database;
  const ScratchRole role;
  {
    Connection admin = connect_to("postgres");
    const std::string alter = "ALTER DATABASE " + database.name() + " SET ";
    for (const char* change :
         {"search_path TO nowhere, public", "TimeZone TO 'Asia/Tokyo'", "DateStyle TO 'SQL, DMY'",
          "IntervalStyle TO 'iso_8601'", "extra_float_digits TO -5", "bytea_output TO 'escape'",
          "standard_conforming_strings TO off", "statement_timeout TO '1h'", "lock_timeout TO '1h'",
          "idle_in_transaction_session_timeout TO '1h'", "default_transaction_read_only TO on",
          "row_security TO on", "default_transaction_isolation TO 'serializable'",
          "quote_all_identifiers TO on", "array_nulls TO off", "transform_null_equals TO on",
          "default_tablespace TO pg_default"}) {
      admin.run(alter + change);
    }
  }
  for (const SessionKind kind :
       {SessionKind::catalog, SessionKind::contents, SessionKind::load, SessionKind::admin}) {
    pg::ConnectTarget target = database.target();
    target.set("user", role.name());
    Connection connection = Connection::connect(target, {.kind = kind});
    CHECK(setting(connection, "search_path") == "");
    CHECK(setting(connection, "TimeZone") == "UTC");
    CHECK(setting(connection, "DateStyle").starts_with("ISO"));
    CHECK(setting(connection, "IntervalStyle") == "postgres");
    CHECK(setting(connection, "extra_float_digits") == "3");
    CHECK(setting(connection, "bytea_output") == "hex");
    CHECK(setting(connection, "standard_conforming_strings") == "on");
    CHECK(setting(connection, "row_security") == "off");
    CHECK(setting(connection, "quote_all_identifiers") == "off");
    CHECK(setting(connection, "statement_timeout") == "0");
    CHECK(setting(connection, "lock_timeout") == "0");
    CHECK(setting(connection, "idle_in_transaction_session_timeout") == "0");
    CHECK(setting(connection, "transaction_isolation") == "read committed");
    if (connection.server_major() >= 14) CHECK(setting(connection, "idle_session_timeout") == "0");
    if (connection.server_major() >= 17) CHECK(setting(connection, "transaction_timeout") == "0");
    const bool writes = kind == SessionKind::load || kind == SessionKind::admin;
    CHECK(setting(connection, "transaction_read_only") == (writes ? "off" : "on"));
    const std::string kinds = setting(connection, "restrict_nonsystem_relation_kind");
    CHECK(kinds == (writes || kinds.empty() ? "" : "view, foreign-table"));
    if (kind == SessionKind::load) {
      CHECK(setting(connection, "check_function_bodies") == "off");
      CHECK(setting(connection, "synchronous_commit") == "off");
      CHECK(setting(connection, "client_min_messages") == "warning");
      CHECK(setting(connection, "array_nulls") == "on");
      CHECK(setting(connection, "transform_null_equals") == "off");
      CHECK(setting(connection, "default_tablespace") == "");
    }
    CHECK(connection.database() == database.name());
    CHECK(connection.user() == role.name());
    CHECK(setting(connection, "application_name") == "belay");
  }
}

TEST_CASE("damaged pages are errors in sessions that read, where the login may say so") {
  const ScratchDatabase database;
  const ScratchRole role;
  for (const char* name : {"zero_damaged_pages", "ignore_checksum_failure"}) {
    connect_to("postgres").run("ALTER DATABASE " + database.name() + " SET " + name + " TO on");
  }
  pg::ConnectTarget weak = database.target();
  weak.set("user", role.name());
  for (const SessionKind kind : {SessionKind::catalog, SessionKind::contents}) {
    Connection strong = Connection::connect(database.target(), {.kind = kind});
    CHECK(setting(strong, "zero_damaged_pages") == "off");
    CHECK(setting(strong, "ignore_checksum_failure") == "off");
    Connection feeble = Connection::connect(weak, {.kind = kind});
    CHECK(setting(feeble, "zero_damaged_pages") == "on");
  }
}

TEST_CASE("a timeout of one millisecond does not fire while it is lifted") {
  const ScratchDatabase database;
  connect_to("postgres").run("ALTER DATABASE " + database.name() + " SET statement_timeout TO 1");
  for (int i = 0; i < 300; ++i) {
    Connection connection = Connection::connect(database.target(), {.kind = SessionKind::catalog});
    CHECK(setting(connection, "statement_timeout") == "0");
  }
}

TEST_CASE("a row beyond int64, and other values that are not what was asked for, are refused") {
  Connection connection = connect_to("postgres");
  const pg::Result result = connection.run(
      "SELECT 9223372036854775807 AS a, '12x' AS b, true AS c, 1.5::float8 AS d, NULL::int AS e,"
      " 4294967295::oid AS f, 9223372036854775808 AS g, '' AS \"H i\"");
  CHECK(result.rows() == 1);
  CHECK(result.columns() == 8);
  CHECK(result.integer(0, result.column("a")) == INT64_MAX);
  CHECK_THROWS_AS(result.integer(0, 1), Error);
  CHECK(result.boolean(0, 2));
  CHECK_THROWS_AS(result.boolean(0, 1), Error);
  CHECK(result.number(0, 3) == 1.5);
  CHECK(result.is_null(0, 4));
  CHECK(result.integer(0, 4) == 0);
  CHECK_FALSE(result.optional_string(0, 4).has_value());
  CHECK(result.oid(0, 5) == 4294967295U);
  CHECK_THROWS_AS(result.integer(0, 6), Error);
  CHECK_THROWS_AS(result.oid(0, 0), Error);
  CHECK(result.column("H i") == 7);
  CHECK_THROWS_AS(result.integer(0, 7), Error);
  CHECK_THROWS_AS(result.column("nope"), Error);
  CHECK_THROWS_AS(result.text(1, 0), Error);
  CHECK_THROWS_AS(result.text(0, 8), Error);
}

TEST_CASE("parameters arrive as text, NULL and bytes; a NUL byte is not cut off silently") {
  Connection connection = connect_to("postgres");
  const pg::Result result =
      connection.query("SELECT $1::text, $2::text IS NULL, pg_catalog.encode($3::bytea, 'hex')",
                       {"a'b\\", std::nullopt, pg::Parameter::bytes(std::string("\0\xff", 2))});
  CHECK(result.text(0, 0) == "a'b\\");
  CHECK(result.boolean(0, 1));
  CHECK(result.text(0, 2) == "00ff");
  CHECK_THROWS_AS(connection.query("SELECT $1::text", {std::string("a\0b", 3)}), Error);
  CHECK_THROWS_AS(connection.run(std::string_view("SELECT 1\0", 9)), Error);
  CHECK(connection.run("SELECT 1; SELECT 2").integer(0, 0) == 2);
}

TEST_CASE("an error carries what the server knows, and the session goes on") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run("CREATE TABLE public.t (id int CONSTRAINT \"Positive\" CHECK (id > 0))");
  const Error check = failure_of([&] { connection.run("INSERT INTO public.t VALUES (-1)"); });
  CHECK(check.kind() == ErrorKind::sql);
  CHECK(check.sqlstate() == "23514");
  CHECK(check.object() == "public.t, constraint \"Positive\"");
  CHECK_THAT(check.cause(), ContainsSubstring("-1"));
  const Error hint = failure_of([&] { connection.run("SELECT pg_catalog.lowerr('x')"); });
  CHECK(hint.sqlstate() == "42883");
  CHECK_FALSE(hint.next().empty());
  // The first error of several, and nothing of the rest of the string is run.
  CHECK(failure_of([&] {
          connection.run("SELECT 1/0; CREATE TABLE public.u (); SELECT nope");
        }).sqlstate() == "22012");
  CHECK(connection.run("SELECT pg_catalog.to_regclass('public.u') IS NULL").boolean(0, 0));
  CHECK(failure_of([&] { connection.run("COPY public.t TO STDOUT"); }).kind() ==
        ErrorKind::internal);
  CHECK(failure_of([&] { connection.run("COPY public.t FROM STDIN"); }).kind() ==
        ErrorKind::internal);
  CHECK(connection.run("SELECT 1").integer(0, 0) == 1);
  CHECK(connection.run("INSERT INTO public.t VALUES (1), (2)").affected() == 2);
}

TEST_CASE("notices are kept in order, and only so many of them") {
  Connection connection = connect_to("postgres");
  connection.run("DO $$BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END$$");
  CHECK(connection.take_notices() == std::vector<std::string>{"NOTICE: one", "WARNING: two"});
  CHECK(connection.take_notices().empty());
  connection.run("DO $$BEGIN FOR i IN 1..3000 LOOP RAISE NOTICE '%', i; END LOOP; END$$");
  const std::vector<std::string> notices = connection.take_notices();
  CHECK(notices.size() == 1000);
  CHECK(notices.back() == "NOTICE: 3000");
}

TEST_CASE("a batch of 5,000 statements with large results does not deadlock") {
  Connection connection = connect_to("postgres");
  std::vector<pg::Statement> statements;
  const std::string padding(2000, 'x');
  for (int i = 0; i < 5000; ++i) {
    statements.push_back({"SELECT $1::int, pg_catalog.repeat('y', 20000) /* " + padding + " */",
                          {std::to_string(i)}});
  }
  const std::vector<pg::Result> results = connection.run_batch(statements);
  REQUIRE(results.size() == 5000);
  for (int i = 0; i < 5000; ++i) {
    if (results[static_cast<std::size_t>(i)].integer(0, 0) != i) FAIL("out of order");
  }
  CHECK(results.back().text(0, 1).size() == 20000);
  CHECK(connection.run_batch({}).empty());
}

TEST_CASE("an error in a batch names its statement, undoes the batch, leaves the session usable") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  std::vector<pg::Statement> statements{{"CREATE TABLE public.t (i int)", {}}};
  for (int i = 0; i < 3000; ++i) {
    statements.push_back({"INSERT INTO public.t VALUES ($1::int)", {std::to_string(i)}});
  }
  statements[1001] = {"SELECT 1 / ($1::int)", {"0"}};
  statements[2001] = {"SELECT nope", {}};
  try {
    connection.run_batch(statements);
    FAIL("no error");
  } catch (const pg::BatchError& error) {
    CHECK(error.statement() == 1001);
    CHECK(error.kind() == ErrorKind::sql);
    CHECK(error.sqlstate() == "22012");
    CHECK(error.object() == "statement 1002 of 3001");
  }
  CHECK(connection.run("SELECT pg_catalog.to_regclass('public.t') IS NULL").boolean(0, 0));
  const std::vector<pg::Statement> good{{"SELECT 1", {}}, {"", {}}, {"SELECT 3", {}}};
  CHECK(connection.run_batch(good).at(2).integer(0, 0) == 3);
  const std::vector<pg::Statement> nul{{"SELECT $1::text", {std::string("\0", 1)}}};
  CHECK_THROWS_AS(connection.run_batch(nul), Error);
  CHECK(connection.run("SELECT 4").integer(0, 0) == 4);
}

TEST_CASE("a terminated backend is a lost connection, in every way of running") {
  for (int way = 0; way < 3; ++way) {
    INFO(way);
    Connection victim = connect_to("postgres");
    const int pid = victim.backend_pid();
    std::thread killer([&] {
      wait_until_running("pg_sleep(61)");
      connect_to("postgres")
          .query("SELECT pg_catalog.pg_terminate_backend($1::int)", {std::to_string(pid)});
    });
    const Error error = failure_of([&] {
      if (way == 0) victim.run("SELECT pg_catalog.pg_sleep(61)");
      if (way == 1) victim.query("SELECT pg_catalog.pg_sleep(61)");
      const std::vector<pg::Statement> batch{{"SELECT pg_catalog.pg_sleep(61)", {}}};
      if (way == 2) victim.run_batch(batch);
    });
    killer.join();
    CHECK(error.kind() == ErrorKind::unreachable);
    CHECK(error.sqlstate() == "57P01");
    CHECK_FALSE(victim.alive());
    CHECK(failure_of([&] { victim.run("SELECT 1"); }).kind() == ErrorKind::unreachable);
  }
}

TEST_CASE("a cancellation ends the running statement at once, and all later ones") {
  for (int way = 0; way < 2; ++way) {
    INFO(way);
    Cancellation cancellation;
    Connection connection = connect_to("postgres", SessionKind::admin, &cancellation);
    std::chrono::steady_clock::time_point asked;
    std::thread canceller([&] {
      wait_until_running("pg_sleep(62)");
      asked = std::chrono::steady_clock::now();
      cancellation.request();
    });
    const Error error = failure_of([&] {
      const std::vector<pg::Statement> batch{{"SELECT 1", {}},
                                             {"SELECT pg_catalog.pg_sleep(62)", {}}};
      if (way == 0) connection.run("SELECT pg_catalog.pg_sleep(62)");
      if (way == 1) connection.run_batch(batch);
    });
    canceller.join();
    CHECK(error.kind() == ErrorKind::cancelled);
    CHECK(std::chrono::steady_clock::now() - asked < 2s);
    CHECK(failure_of([&] { connection.run("SELECT 1"); }).kind() == ErrorKind::cancelled);
  }
}

TEST_CASE("cancel() ends one statement; a server's own timeout is not a cancellation") {
  Connection connection = connect_to("postgres");
  std::thread canceller([&] {
    wait_until_running("pg_sleep(63)");
    connection.cancel();
  });
  CHECK(failure_of([&] { connection.run("SELECT pg_catalog.pg_sleep(63)"); }).kind() ==
        ErrorKind::cancelled);
  canceller.join();
  CHECK(connection.run("SELECT 1").integer(0, 0) == 1);
  connection.run("SET statement_timeout TO '50ms'");
  const Error timeout = failure_of([&] { connection.run("SELECT pg_catalog.pg_sleep(63)"); });
  CHECK(timeout.kind() == ErrorKind::sql);
  CHECK(timeout.sqlstate() == "57014");
}

TEST_CASE("requests that meet a connection's end do no harm") {
  for (int i = 0; i < 50; ++i) {
    Cancellation cancellation;
    std::thread canceller;
    {
      Connection connection = connect_to("postgres", SessionKind::admin, &cancellation);
      Connection moved = std::move(connection);
      canceller = std::thread([&] { cancellation.request(); });
    }
    canceller.join();
  }
  Cancellation cancellation;
  cancellation.request();
  CHECK(failure_of([&] { connect_to("postgres", SessionKind::admin, &cancellation); }).kind() ==
        ErrorKind::cancelled);
}
