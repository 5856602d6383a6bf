// What a dump does to others and others to it: locks, roles, and the ways in which it can fail.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "libcore/base/error.h"
#include "tests/server/dump_archived.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using namespace belay::testing;
using Catch::Matchers::ContainsSubstring;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

bool eventually(pg::Connection& session, const std::string& condition) {
  const steady_clock::time_point deadline = steady_clock::now() + seconds(10);
  while (steady_clock::now() < deadline) {
    if (session.run("SELECT " + condition).boolean(0, 0)) return true;
    std::this_thread::yield();
  }
  return false;
}

const char* kNobodyLeft =
    "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'belay backup%' AND "
    "datname = current_database())";

// The error of a dump that must fail.
Error failure_of(const pg::ConnectTarget& target, const dump::Options& options, World& world,
                 MemorySink& sink) {
  try {
    dump::dump(target, options, sink, world.environment);
  } catch (const Error& error) {
    return error;
  }
  FAIL("the dump did not fail");
  return Error(ErrorKind::internal, "");
}

class FullDisk : public MemorySink {
 public:
  explicit FullDisk(std::size_t capacity) : capacity_(capacity) {}
  void write(std::string_view bytes) override {
    if (content.size() + bytes.size() > capacity_) {
      throw Error(ErrorKind::io, "cannot write").cause("No space left on device");
    }
    MemorySink::write(bytes);
  }

 private:
  std::size_t capacity_;
};

std::string view_verdict(const Archived& archived, const std::string& name) {
  for (const archive::ViewDigest& view : archived.readable.manifest.views) {
    if (view.name == name) return view.not_comparable;
  }
  return "not listed";
}

}  // namespace

TEST_CASE("a worker holds the lock of one table at a time, however many there are") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "DO $$ BEGIN FOR i IN 1 .. 60 LOOP EXECUTE format('CREATE TABLE public.t%s AS SELECT i, "
      "md5(i::text) FROM generate_series(1, 10) i', i); END LOOP; END $$");
  World world;
  MemorySink sink;
  std::int64_t most = 0, seen = 0;
  sink.on_write = [&] {
    const pg::Result held = session.run(
        "SELECT coalesce(max(n), 0), count(*) FROM (SELECT count(*) AS n FROM pg_locks l JOIN "
        "pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation WHERE "
        "a.application_name = 'belay backup: copy' AND a.datname = current_database() AND "
        "c.relkind = 'r' AND c.oid >= 16384 GROUP BY l.pid) x");
    most = std::max(most, held.integer(0, 0));
    seen += held.integer(0, 1);
  };
  const Archived archived = archive_of(database.target(), {}, world, sink);
  CHECK(archived.summary.tables == 60);
  CHECK(seen > 0);
  CHECK(most == 1);
}

TEST_CASE("all ranges of a table that somebody queues for are copied, whoever holds the lock") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  // Rows just too short to be compressed or moved out: 146 MB, two ranges.
  session.run(
      "CREATE TABLE public.big AS SELECT i, repeat('x', 1900) AS filler FROM generate_series(1, "
      "75000) i; CREATE TABLE public.other AS SELECT i FROM generate_series(1, 100) i");
  pg::Connection watcher = database.connect();
  World world;
  MemorySink sink;
  std::thread waiter;
  sink.on_write = [&] {
    if (waiter.joinable()) return;
    waiter = std::thread([&] {
      database.connect().run("BEGIN; LOCK TABLE public.big IN ACCESS EXCLUSIVE MODE; COMMIT");
    });
    CHECK(eventually(watcher,
                     "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = "
                     "'public.big'::regclass)"));
  };
  const Archived archived = archive_of(database.target(), {}, world, sink);
  if (waiter.joinable()) waiter.join();
  CHECK(archived.item("big").cut);
  CHECK(archived.end("big").stored.rows == 75000);
  CHECK(archived.end("other").stored.rows == 100);
}

TEST_CASE("a sequence that is locked in a circle fails the dump soon, and by name") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("CREATE TABLE public.t (i int); CREATE SEQUENCE public.s");
  pg::Connection watcher = database.connect();
  World world;
  MemorySink sink;
  std::thread other;
  sink.on_write = [&] {
    if (other.joinable()) return;
    other = std::thread([&] {
      pg::Connection own = database.connect();
      try {
        own.run("BEGIN; ALTER SEQUENCE public.s SET SCHEMA pg_temp");
      } catch (const Error&) {
        own.run("ROLLBACK; BEGIN; DROP SEQUENCE public.s");
      }
      try {
        own.run("LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
      } catch (const Error&) {  // or it is this session that the server chose
      }
      own.run("ROLLBACK");
    });
    CHECK(eventually(watcher,
                     "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = "
                     "'public.t'::regclass)"));
  };
  const steady_clock::time_point start = steady_clock::now();
  dump::Options options;
  options.lock_timeout = std::chrono::seconds(25);
  try {
    archive_of(database.target(), options, world, sink);  // the other one was chosen
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK(error.sqlstate() == "40P01");
    CHECK(error.object() == "sequence states");
  }
  other.join();
  CHECK(steady_clock::now() - start < seconds(15));
}

TEST_CASE("a failure has the kind that its cause asks for, and leaves no session") {
  ScratchDatabase database;
  ScratchRole weak;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t AS SELECT i, md5(i::text) FROM generate_series(1, 200000) i;"
      "CREATE TABLE public.u AS SELECT 1 AS i");
  World world;
  SECTION("no such database") {
    MemorySink sink;
    const Error error = failure_of(test_target("belay_no_such_database"), {}, world, sink);
    CHECK(error.kind() == ErrorKind::unreachable);
    CHECK(sink.content.empty());
  }
  SECTION("no right on a table: the GRANT is said, nothing is written") {
    session.run("GRANT SELECT ON public.u TO " + quote_identifier(weak.name()));
    pg::ConnectTarget target = database.target();
    target.set("user", weak.name());
    MemorySink sink;
    const Error error = failure_of(target, {}, world, sink);
    CHECK(error.kind() == ErrorKind::not_permitted);
    CHECK_THAT(error.next(), ContainsSubstring("GRANT SELECT ON TABLE public.t"));
    CHECK(sink.content.empty());
    session.run("REVOKE ALL ON public.u FROM " + quote_identifier(weak.name()));
  }
  SECTION("a lock that is not had in time") {
    pg::Connection holder = database.connect();
    holder.run("BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
    dump::Options options;
    options.lock_timeout = std::chrono::milliseconds(100);
    MemorySink sink;
    const Error error = failure_of(database.target(), options, world, sink);
    CHECK(error.kind() == ErrorKind::lock_timeout);
    CHECK_THAT(error.object(), ContainsSubstring("public.t"));
  }
  SECTION("a full disk") {
    FullDisk sink(1 << 20);
    const Error error = failure_of(database.target(), {}, world, sink);
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK_THAT(error.cause(), ContainsSubstring("No space left"));
  }
  SECTION("the server ends one connection in the middle") {
    MemorySink sink;
    pg::Connection killer = database.connect();
    bool killed = false;
    sink.on_write = [&] {
      if (killed || sink.content.size() < (1u << 20)) return;
      killed = killer
                   .run(
                       "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                       "application_name = 'belay backup: copy' AND datname = "
                       "current_database()")
                   .boolean(0, 0);
    };
    const Error error = failure_of(database.target(), {}, world, sink);
    CHECK(killed);
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK(error.object() != "");
  }
  SECTION("cancelled before it begins") {
    world.cancellation.request();
    MemorySink sink;
    CHECK(failure_of(database.target(), {}, world, sink).kind() == ErrorKind::cancelled);
  }
  CHECK(eventually(session, kNobodyLeft));
}

TEST_CASE("the query of a materialized view runs as its owner, or not at all") {
  ScratchDatabase database;
  ScratchRole owner, reader;
  pg::Connection session = database.connect();
  const std::string quoted = quote_identifier(owner.name());
  // Immutable by its own word only: it tells who runs it.
  session.run(
      "CREATE FUNCTION public.who() RETURNS text LANGUAGE sql IMMUTABLE AS "
      "'SELECT current_user::text'; GRANT CREATE ON SCHEMA public TO " +
      quoted + "; SET ROLE " + quoted +
      "; CREATE MATERIALIZED VIEW public.told AS SELECT public.who();"
      "RESET ROLE");
  CHECK(view_verdict(archive_of(database.target()), "told") == "");

  if (session.server_major() < 14) return;  // there is no pg_read_all_data
  session.run("GRANT pg_read_all_data TO " + quote_identifier(reader.name()));
  pg::ConnectTarget target = database.target();
  target.set("user", reader.name());
  CHECK_THAT(view_verdict(archive_of(target), "told"),
             ContainsSubstring("becoming its owner " + owner.name() + " failed"));
  session.run("DROP OWNED BY " + quote_identifier(reader.name()) + ", " + quoted);
}

TEST_CASE("a view whose query fails harms neither the backup nor the views after it") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t AS SELECT i FROM generate_series(1, 10) i;"
      "CREATE MATERIALIZED VIEW public.a AS SELECT 100 / i AS x FROM public.t;"
      "CREATE MATERIALIZED VIEW public.b AS SELECT count(*) FROM public.t;"
      "INSERT INTO public.t VALUES (0); REFRESH MATERIALIZED VIEW public.b");
  const Archived archived = archive_of(database.target());
  CHECK_THAT(view_verdict(archived, "a"), ContainsSubstring("22012"));
  CHECK(view_verdict(archived, "b") == "");
}

TEST_CASE("a dump of the schema alone holds no rows, no large objects and no digests of views") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t (i serial PRIMARY KEY); INSERT INTO public.t DEFAULT VALUES;"
      "CREATE MATERIALIZED VIEW public.v AS SELECT * FROM public.t;"
      "SELECT lo_from_bytea(70001, 'x')");
  dump::Options options;
  options.schema_only = true;
  const Archived archived = archive_of(database.target(), options);
  CHECK(archived.readable.contents.items.empty());
  CHECK(archived.readable.manifest.schema_only);
  CHECK(archived.readable.manifest.views.empty());
  for (const archive::Entry& entry : archived.readable.contents.entries) {
    CHECK(entry.kind != "large object");
  }
}

TEST_CASE("a plan can be had without writing, and closes its transaction") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("CREATE TABLE public.t (i int)");
  World world;
  const dump::Plan plan = dump::plan_only(database.target(), {}, world.environment);
  CHECK(plan.items.size() == 1);
  CHECK_THAT(dump::describe(plan), ContainsSubstring("public.t"));
  CHECK(eventually(session, kNobodyLeft));
}
