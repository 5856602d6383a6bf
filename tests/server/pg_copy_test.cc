// COPY in both directions and formats.
#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using namespace std::chrono_literals;
using pg::Connection;
using pg::CopyIn;
using pg::CopyOut;
using pg::SessionKind;
using testing::connect_to;
using testing::ScratchDatabase;

namespace {

const std::string kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
const std::string kTrailer("\377\377", 2);

template <typename Work>
Error failure_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("no error");
}

std::vector<std::string> rows_of(Connection& connection, const std::string& source, bool binary,
                                 std::string_view encoding = {}) {
  CopyOut copy = connection.copy_out(
      "COPY " + source + " TO STDOUT" + (binary ? " (FORMAT binary)" : ""), binary, encoding);
  std::vector<std::string> rows;
  while (const std::optional<std::string_view> row = copy.next()) rows.emplace_back(*row);
  CHECK_FALSE(copy.next().has_value());
  return rows;
}

std::uint64_t load(Connection& connection, const std::string& target, bool binary,
                   const std::vector<std::string>& rows) {
  CopyIn copy =
      connection.copy_in("COPY " + target + " FROM STDIN" + (binary ? " (FORMAT binary)" : ""));
  if (binary) copy.write(kHeader);
  for (const std::string& row : rows) copy.write(row);
  if (binary) copy.write(kTrailer);
  return copy.finish();
}

}  // namespace

TEST_CASE("a message is one row, in both formats, without header and trailer") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run(
      "CREATE TABLE public.t AS SELECT i, CASE WHEN i % 3 > 0 THEN repeat('x', i % 5000) END AS s"
      " FROM generate_series(1, 20000) i");
  const std::vector<std::string> text = rows_of(connection, "public.t", false);
  REQUIRE(text.size() == 20000);
  CHECK(text.front() == "1\tx\n");
  CHECK(text[2] == "3\t\\N\n");
  const std::vector<std::string> binary = rows_of(connection, "public.t", true);
  REQUIRE(binary.size() == 20000);
  CHECK(binary.front() == std::string("\0\2\0\0\0\4\0\0\0\1\0\0\0\1x", 15));
  CHECK(binary[2] == std::string("\0\2\0\0\0\4\0\0\0\3\377\377\377\377", 14));

  for (const bool format : {false, true}) {
    connection.run("CREATE TABLE public.u (LIKE public.t)");
    CHECK(load(connection, "public.u", format, format ? binary : text) == 20000);
    CHECK(connection.run("SELECT count(*) FROM (TABLE public.t EXCEPT ALL TABLE public.u) d")
              .integer(0, 0) == 0);
    connection.run("DROP TABLE public.u");
  }
}

TEST_CASE("COPY of no rows, of no columns, and of one row") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run(
      "CREATE TABLE public.none (i int); CREATE TABLE public.bare ();"
      "CREATE TABLE public.one AS SELECT 1 AS i; INSERT INTO public.bare DEFAULT VALUES");
  for (const bool binary : {false, true}) {
    CHECK(rows_of(connection, "public.none", binary).empty());
    CHECK(rows_of(connection, "public.one", binary).size() == 1);
    CHECK(rows_of(connection, "public.bare", binary) ==
          std::vector<std::string>{binary ? std::string("\0\0", 2) : "\n"});
    CHECK(load(connection, "public.none", binary, {}) == 0);
  }
  CHECK(connection.run("SELECT 1").integer(0, 0) == 1);
}

TEST_CASE("a row of more than 16 MB passes both ways") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run(
      "CREATE TABLE public.t AS SELECT repeat('0123456789', 2000000) AS s;"
      "CREATE TABLE public.u (s text)");
  for (const bool binary : {false, true}) {
    const std::vector<std::string> rows = rows_of(connection, "public.t", binary);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].size() == (binary ? 20000006 : 20000001));
    CHECK(load(connection, "public.u", binary, rows) == 1);
  }
  CHECK(connection.run("SELECT count(*) FROM public.u JOIN public.t USING (s)").integer(0, 0) == 2);
}

TEST_CASE("an error before and during COPY out") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  CHECK(failure_of([&] { rows_of(connection, "public.nope", false); }).sqlstate() == "42P01");
  CHECK(failure_of([&] {
          rows_of(connection, "(SELECT 1 / (5000 - i) FROM generate_series(1, 10000) i)", true);
        }).sqlstate() == "22012");
  CHECK(failure_of([&] { connection.copy_out("SELECT 1", false); }).kind() == ErrorKind::internal);
  CHECK(failure_of([&] { connection.copy_in("SELECT 1"); }).kind() == ErrorKind::internal);
  CHECK(connection.run("SELECT 1").integer(0, 0) == 1);
}

TEST_CASE("COPY out that is dropped in the middle leaves the session usable") {
  Connection connection = connect_to("postgres");
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  {
    CopyOut copy = connection.copy_out(
        "COPY (SELECT generate_series(1, 1000000000), repeat('x', 1000)) TO STDOUT", false);
    CHECK(copy.next().has_value());
    CopyOut moved = std::move(copy);
    CHECK(moved.next().has_value());
  }
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  CHECK(connection.run("SELECT 1").integer(0, 0) == 1);
}

TEST_CASE("a cancellation from another thread ends COPY in either direction") {
  const ScratchDatabase database;
  database.connect().run("CREATE TABLE public.t (s text)");
  for (const bool out : {true, false}) {
    INFO(out);
    Cancellation cancellation;
    Connection connection = database.connect(SessionKind::admin, &cancellation);
    std::chrono::steady_clock::time_point asked;
    std::atomic<int> moved = 0;
    std::thread canceller([&] {
      while (moved < 1000) std::this_thread::yield();
      asked = std::chrono::steady_clock::now();
      cancellation.request();
    });
    const Error error = failure_of([&] {
      if (out) {
        CopyOut copy = connection.copy_out(
            "COPY (SELECT generate_series(1, 1000000000), repeat('x', 100)) TO STDOUT", false);
        while (copy.next()) ++moved;
      } else {
        CopyIn copy = connection.copy_in("COPY public.t FROM STDIN");
        const std::string row = std::string(100, 'x') + "\n";
        for (;;) {
          copy.write(row);
          ++moved;
        }
      }
    });
    canceller.join();
    CHECK(error.kind() == ErrorKind::cancelled);
    CHECK(std::chrono::steady_clock::now() - asked < 2s);
  }
}

TEST_CASE("a COPY that waits for the server is cancelled too") {
  Cancellation cancellation;
  Connection connection = connect_to("postgres", SessionKind::admin, &cancellation);
  const std::string pid = std::to_string(connection.backend_pid());
  std::chrono::steady_clock::time_point asked;
  std::thread canceller([&] {
    Connection watcher = connect_to("postgres");
    const std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline &&
           watcher.query("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = $1::int"
                         " AND wait_event = 'PgSleep'",
                         {pid})
                   .integer(0, 0) == 0) {
    }
    asked = std::chrono::steady_clock::now();
    cancellation.request();
  });
  ErrorKind kind = ErrorKind::internal;
  try {
    CopyOut copy = connection.copy_out("COPY (SELECT pg_sleep(64)) TO STDOUT", false);
    while (copy.next()) {
    }
  } catch (const Error& error) {
    kind = error.kind();
  }
  canceller.join();
  CHECK(kind == ErrorKind::cancelled);
  CHECK(std::chrono::steady_clock::now() - asked < 2s);
}

TEST_CASE("a bad row during COPY in is reported long before the end") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run("CREATE TABLE public.t (i int)");
  CopyIn copy = connection.copy_in("COPY public.t FROM STDIN");
  copy.write("1\nnonsense\n");
  const std::string piece(std::size_t{64} * 1024, '\n');
  std::uint64_t written = 0;
  const Error error = failure_of([&] {
    for (;; written += piece.size()) {
      if (written > std::uint64_t{1} << 30) throw std::runtime_error("it takes everything");
      copy.write(piece);
    }
  });
  CHECK(error.kind() == ErrorKind::sql);
  CHECK(error.sqlstate() == "22P02");
  CHECK(written < std::uint64_t{64} << 20);
  CHECK_THROWS_AS(copy.write("x"), Error);
  CHECK_THROWS_AS(copy.finish(), Error);
  CHECK(connection.run("SELECT count(*) FROM public.t").integer(0, 0) == 0);
}

TEST_CASE("warnings during COPY in are not taken for an error") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run(
      "CREATE TABLE public.t (i int);"
      "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS"
      " $$BEGIN RAISE WARNING 'Error ES %', new.i; RETURN new; END$$;"
      "CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()");
  CopyIn copy = connection.copy_in("COPY public.t FROM STDIN");
  for (int i = 0; i < 20000; ++i) copy.write(std::to_string(i) + "\n");
  CHECK(copy.finish() == 20000);
  CHECK(connection.take_notices().size() == 1000);
}

TEST_CASE("COPY in that is dropped before its end loads nothing") {
  const ScratchDatabase database;
  Connection connection = database.connect();
  connection.run("CREATE TABLE public.t (i int)");
  {
    CopyIn copy = connection.copy_in("COPY public.t FROM STDIN");
    copy.write("1\n2\n");
  }
  CHECK(connection.run("SELECT count(*) FROM public.t").integer(0, 0) == 0);
  // A constraint that speaks at the very end.
  connection.run("CREATE UNIQUE INDEX ON public.t (i)");
  CHECK(failure_of([&] { load(connection, "public.t", false, {"1\n1\n"}); }).sqlstate() == "23505");
}

TEST_CASE("a server that goes away during COPY is a lost connection") {
  const ScratchDatabase database;
  database.connect().run("CREATE TABLE public.t (s text)");
  for (const bool out : {true, false}) {
    INFO(out);
    Connection victim = database.connect();
    const std::string pid = std::to_string(victim.backend_pid());
    const Error error = failure_of([&] {
      if (out) {
        CopyOut copy = victim.copy_out(
            "COPY (SELECT generate_series(1, 1000000000), repeat('x', 1000)) TO STDOUT", false);
        copy.next();
        connect_to("postgres").query("SELECT pg_catalog.pg_terminate_backend($1::int)", {pid});
        while (copy.next()) {
        }
      } else {
        CopyIn copy = victim.copy_in("COPY public.t FROM STDIN");
        connect_to("postgres").query("SELECT pg_catalog.pg_terminate_backend($1::int)", {pid});
        const std::string row = std::string(1000, 'x') + "\n";
        for (;;) copy.write(row);
      }
    });
    CHECK(error.kind() == ErrorKind::unreachable);
    CHECK_FALSE(victim.alive());
  }
}
