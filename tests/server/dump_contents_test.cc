// A database to an archive in memory; the archive must hold, and hold what the database holds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <thread>

#include "libcore/base/error.h"
#include "tests/server/dump_archived.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using namespace belay::testing;

namespace {

dump::Options in_text() {
  dump::Options options;
  options.format = dump::FormatChoice::text;
  return options;
}

// Waits for `condition` (SQL that gives a boolean); false after ten seconds.
bool eventually(pg::Connection& session, const std::string& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (session.run("SELECT " + condition).boolean(0, 0)) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace

TEST_CASE("rows, sequence states and large objects are in the archive as the server prints them") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t (id serial PRIMARY KEY, name text, twice int GENERATED ALWAYS AS "
      "(length(name) * 2) STORED);"
      "INSERT INTO public.t (name) VALUES ('one'), (E'tab\\there'), (NULL);"
      "CREATE TABLE public.none (a int); CREATE TABLE public.no_columns ();"
      "INSERT INTO public.no_columns SELECT FROM generate_series(1, 3);"
      "SELECT lo_from_bytea(70001, 'abc'); SELECT lo_create(70002);"
      "SELECT lo_from_bytea(70003, convert_to(repeat('x', 600000), 'UTF8'))");
  const Archived archived = archive_of(database.target(), in_text());
  CHECK(archived.rows.at("t") == "1\tone\n2\ttab\\there\n3\t\\N\n");
  CHECK(archived.rows.at("no_columns") == "\n\n\n");
  CHECK(archived.rows.count("none") == 0);
  CHECK(archived.rows.at("(sequences)") == "public\tt_id_seq\t3\tt\n");
  const std::string& objects = archived.rows.at("(large objects)");
  CHECK(objects.find("70001\t0\t\\\\x616263\n") != std::string::npos);
  CHECK(objects.find("70002\t0\t\\\\x\n") != std::string::npos);
  CHECK(objects.find("70003\t262144\t\\\\x7878") != std::string::npos);
  CHECK(objects.find("70003\t524288\t\\\\x7878") != std::string::npos);
  const std::vector<archive::DataItem>& items = archived.readable.contents.items;
  const auto item = std::find_if(items.begin(), items.end(),
                                 [](const archive::DataItem& each) { return each.name == "t"; });
  REQUIRE(item != items.end());
  const archive::DataEnd& end =
      archived.readable.ends.at(static_cast<std::size_t>(item->number - 1));
  REQUIRE(end.full.has_value());
  CHECK(end.full->rows == 3);
  CHECK_FALSE(*end.full == end.stored);
  CHECK(archived.summary.sha256 == archived.readable.sha256);
  CHECK(archived.summary.manifest.rows == archived.readable.manifest.rows);
}

TEST_CASE("an owner without superuser archives his large objects and a sparse one reads as zeros") {
  ScratchRole owner("PASSWORD NULL");
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("ALTER DATABASE " + quote_identifier(database.name()) + " OWNER TO " +
              quote_identifier(owner.name()) + "; SET ROLE " + quote_identifier(owner.name()) +
              "; SELECT lo_create(70001); SELECT lo_put(70001, 300000, 'end')");
  pg::ConnectTarget target = database.target();
  target.set("user", owner.name());
  const Archived archived = archive_of(target, in_text());
  const std::string& objects = archived.rows.at("(large objects)");
  CHECK(objects.find("70001\t262144\t\\\\x0000") != std::string::npos);
  CHECK(objects.size() > 2 * 300003);
  session.run("RESET ROLE; SELECT lo_unlink(70001); ALTER DATABASE " +
              quote_identifier(database.name()) + " OWNER TO CURRENT_USER");
}

TEST_CASE("a table in ranges, by several workers, is the table") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.big AS SELECT i, repeat(md5(i::text), 60) AS filler "
      "FROM generate_series(1, 90000) i; "
      "ALTER TABLE public.big ALTER filler SET STORAGE EXTENDED; "
      "DELETE FROM public.big WHERE i % 10 = 0");
  for (const dump::FormatChoice format : {dump::FormatChoice::text, dump::FormatChoice::binary}) {
    dump::Options options;
    options.jobs = 4;
    options.format = format;
    const Archived archived = archive_of(database.target(), options);
    CHECK(archived.readable.contents.items.at(0).cut);
    CHECK(archived.readable.ends.at(0).stored.rows == 81000);
  }
}

TEST_CASE("money that moves while it is copied is neither lost nor doubled") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.a (id int, money int); CREATE TABLE public.b (id int, money int);"
      "INSERT INTO public.a SELECT i, 100 FROM generate_series(1, 200) i;"
      "INSERT INTO public.b SELECT i, 100 FROM generate_series(1, 200) i");
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      pg::Connection own = database.connect();
      while (!stop) {
        own.run(writer == 0 ? "BEGIN; UPDATE public.a SET money = money - 1 WHERE id % 2 = 0; "
                              "UPDATE public.b SET money = money + 1 WHERE id % 2 = 0; COMMIT"
                            : "BEGIN; UPDATE public.b SET money = money - 1 WHERE id % 2 = 1; "
                              "UPDATE public.a SET money = money + 1 WHERE id % 2 = 1; COMMIT");
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    dump::Options options = in_text();
    options.jobs = 4;
    const Archived archived = archive_of(database.target(), options);
    long sum = 0;
    for (const char* table : {"a", "b"}) {
      std::string_view rows = archived.rows.at(table);
      while (!rows.empty()) {
        const std::size_t tab = rows.find('\t'), line = rows.find('\n');
        sum += std::stol(std::string(rows.substr(tab + 1, line - tab - 1)));
        rows.remove_prefix(line + 1);
      }
    }
    CHECK(sum == 40000);
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
}

TEST_CASE("a session that queues for an exclusive lock delays nothing and is copied around") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("CREATE TABLE public.t AS SELECT i FROM generate_series(1, 1000) i");
  pg::Connection watcher = database.connect();
  World world;
  MemorySink sink;
  // The first bytes of the archive come when the leader has its locks and no worker begun.
  std::thread waiter;
  std::atomic<bool> queued{false};
  sink.on_write = [&] {
    if (waiter.joinable()) return;
    waiter = std::thread([&] {
      pg::Connection own = database.connect();
      own.run("BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE; COMMIT");
    });
    queued = eventually(watcher,
                        "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = "
                        "'public.t'::regclass)");
  };
  dump::Options options;
  options.lock_timeout = std::chrono::seconds(60);
  const auto start = std::chrono::steady_clock::now();
  const Archived archived = archive_of(database.target(), options, world, sink);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
  if (waiter.joinable()) waiter.join();
  CHECK(queued);
  CHECK(archived.readable.ends.at(0).stored.rows == 1000);
}

TEST_CASE("a cancelled or disconnected dump is no archive and leaves no session behind") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("CREATE TABLE public.t AS SELECT i, md5(i::text) FROM generate_series(1, 300000) i");
  const bool kill = GENERATE(false, true);
  World world;
  MemorySink sink;
  std::size_t writes = 0;
  pg::Connection killer = database.connect();
  sink.on_write = [&] {
    if (++writes != 8) return;
    if (kill) {
      killer.run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name "
          "LIKE 'belay backup%' AND datname = current_database()");
    } else {
      world.cancellation.request();
    }
  };
  CHECK_THROWS_AS(dump::dump(database.target(), {}, sink, world.environment), Error);
  MemorySource source(sink.content);
  CHECK_THROWS_AS(archive::verify_readable(source, world.progress, Cancellation{}), Error);
  CHECK(eventually(session,
                   "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE "
                   "'belay backup%' AND datname = current_database())"));
}

TEST_CASE("a materialized view is digested with its query, and a stale one is listed") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t AS SELECT i % 3 AS k, i FROM generate_series(1, 10) i;"
      "CREATE MATERIALIZED VIEW public.fresh AS SELECT k, sum(i) FROM public.t GROUP BY k;"
      "CREATE MATERIALIZED VIEW public.stale AS SELECT count(*) FROM public.t;"
      "CREATE MATERIALIZED VIEW public.unfilled AS SELECT 1 AS one WITH NO DATA;"
      "CREATE MATERIALIZED VIEW public.volatile AS SELECT random() > 2 AS never;"
      "INSERT INTO public.t VALUES (0, 1); REFRESH MATERIALIZED VIEW public.fresh");
  const Archived archived = archive_of(database.target());
  std::map<std::string, std::string> found;
  for (const archive::ViewDigest& view : archived.readable.manifest.views) {
    found[view.name] = view.not_comparable;
  }
  CHECK(found == std::map<std::string, std::string>{
                     {"fresh", ""}, {"stale", "stale"}, {"volatile", "volatile"}});
}

TEST_CASE("the revisions of a migration tool are in the manifest") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.alembic_version (version_num varchar(32) PRIMARY KEY);"
      "INSERT INTO public.alembic_version VALUES ('b2'), ('a1');"
      "CREATE TABLE public.empty (version_num int);"
      "CREATE TABLE public.other (version_num int, more int);"
      "CREATE TABLE public.numbers AS SELECT i AS version_num "
      "FROM generate_series(1, 1001) i");
  const Archived archived = archive_of(database.target());
  CHECK(archived.readable.manifest.revisions ==
        std::map<std::string, std::vector<std::string>>{{"public.alembic_version", {"a1", "b2"}}});
}
