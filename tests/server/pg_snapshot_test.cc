// Snapshots, identity and advisory locks.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "libcore/base/clock.h"
#include "libcore/base/error.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/snapshot.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/server.h"

using namespace belay;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using pg::AdvisoryLock;
using pg::Connection;
using pg::LockMode;
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

std::int64_t count(Connection& connection) {
  return connection.run("SELECT count(*) FROM public.t").integer(0, 0);
}

}  // namespace

TEST_CASE("two sessions see the moment of the exported snapshot") {
  const ScratchDatabase database;
  Connection writer = database.connect();
  writer.run("CREATE TABLE public.t (i int); INSERT INTO public.t VALUES (1)");
  Connection leader = database.connect(SessionKind::contents);
  Connection worker = database.connect(SessionKind::contents);
  pg::begin_snapshot_transaction(leader);
  writer.run("INSERT INTO public.t VALUES (2)");  // the snapshot is not taken yet
  const std::string snapshot = pg::export_snapshot(leader);
  writer.run("INSERT INTO public.t VALUES (3)");
  pg::adopt_snapshot(worker, snapshot);
  CHECK(count(leader) == 2);
  CHECK(count(worker) == 2);
  CHECK(pg::read_identity(leader).snapshot == pg::read_identity(worker).snapshot);
  CHECK(failure_of([&] { worker.run("CREATE TABLE public.u ()"); }).sqlstate() == "25006");
  pg::end_snapshot_transaction(worker);
  CHECK(count(worker) == 3);
  pg::end_snapshot_transaction(leader);
  // Gone with its transaction; the session that tried is not left in a failed one.
  CHECK(failure_of([&] { pg::adopt_snapshot(worker, snapshot); }).kind() == ErrorKind::sql);
  CHECK(count(worker) == 3);
}

TEST_CASE("an ordinary role can read who the database is") {
  const ScratchDatabase database;
  const ScratchRole role;
  pg::ConnectTarget target = database.target();
  target.set("user", role.name());
  Connection connection = Connection::connect(target, {});
  const SourceIdentity identity = pg::read_identity(connection);
  Connection admin = connect_to("postgres");
  CHECK(identity.system_identifier ==
        admin.run("SELECT system_identifier FROM pg_catalog.pg_control_system()").text(0, 0));
  CHECK(identity.timeline == 1);
  CHECK(identity.database == database.name());
  CHECK(identity.database_oid ==
        admin.query("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", {database.name()})
            .oid(0, 0));
  CHECK(identity.server_version == admin.server_version());
  CHECK(identity.server_version_text ==
        admin.run("SELECT pg_catalog.current_setting('server_version')").text(0, 0));
  CHECK_THAT(identity.snapshot, ContainsSubstring(":"));
  CHECK_THAT(identity.wal_position, ContainsSubstring("/"));
  CHECK_NOTHROW(from_iso8601(identity.server_clock));
  CHECK_FALSE(identity.in_recovery);
  CHECK(identity.environment.empty());
}

TEST_CASE("a role that may not read the control file is told the GRANT") {
  const ScratchDatabase database;
  const ScratchRole role;
  database.connect().run("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM public");
  pg::ConnectTarget target = database.target();
  target.set("user", role.name());
  Connection connection = Connection::connect(target, {});
  const Error error = failure_of([&] { pg::read_identity(connection); });
  CHECK(error.kind() == ErrorKind::not_permitted);
  CHECK_THAT(error.next(), ContainsSubstring("TO \"" + role.name() + "\""));
}

TEST_CASE("shared locks go together; an exclusive one waits, then names the holders") {
  const ScratchDatabase database;
  Connection first = database.connect(), second = database.connect(), third = database.connect();
  testing::FakeClock clock;
  const Cancellation cancellation;
  std::optional<AdvisoryLock> one, two;
  one.emplace(first, pg::kDatabaseLock, LockMode::shared, 0ms, clock, cancellation);
  two.emplace(second, pg::kDatabaseLock, LockMode::shared, 0ms, clock, cancellation);
  CHECK(one->still_held());
  CHECK(two->still_held());
  const std::chrono::steady_clock::time_point start = clock.steady();
  const Error error = failure_of([&] {
    AdvisoryLock(third, pg::kDatabaseLock, LockMode::exclusive, 30s, clock, cancellation);
  });
  CHECK(clock.steady() - start >= 30s);
  CHECK(clock.steady() - start < 31s);
  CHECK(error.kind() == ErrorKind::lock_timeout);
  CHECK_THAT(error.cause(), ContainsSubstring("process " + std::to_string(first.backend_pid())));
  CHECK_THAT(error.cause(), ContainsSubstring("process " + std::to_string(second.backend_pid())));
  CHECK_THAT(error.cause(), ContainsSubstring("belay test"));
  CHECK_THAT(error.object(), ContainsSubstring(database.name()));
  // Another key, and the same key in another database, are free.
  CHECK_NOTHROW(AdvisoryLock(third, -7, LockMode::exclusive, 0ms, clock, cancellation));
  Connection elsewhere = connect_to("postgres");
  CHECK_NOTHROW(AdvisoryLock(elsewhere, 12345, LockMode::exclusive, 0ms, clock, cancellation));

  one.reset();
  two.reset();
  AdvisoryLock exclusive(third, pg::kDatabaseLock, LockMode::exclusive, 0ms, clock, cancellation);
  CHECK(exclusive.still_held());
  third.run("SELECT pg_catalog.pg_advisory_unlock_all()");
  CHECK_FALSE(exclusive.still_held());
}

TEST_CASE("a lock that comes free while waited for is taken; a lost session holds nothing") {
  const ScratchDatabase database;
  Connection first = database.connect(), second = database.connect();
  Clock& clock = system_clock();
  const Cancellation cancellation;
  std::optional<AdvisoryLock> held;
  held.emplace(first, -7, LockMode::exclusive, 0ms, clock, cancellation);
  std::thread other([&] {
    AdvisoryLock waited(second, -7, LockMode::shared, 60s, clock, cancellation);
    CHECK(waited.still_held());
    connect_to("postgres")
        .query("SELECT pg_catalog.pg_terminate_backend($1::int)",
               {std::to_string(second.backend_pid())});
    CHECK_FALSE(waited.still_held());
  });
  held.reset();
  other.join();
}

TEST_CASE("waiting for a lock ends with a cancellation") {
  const ScratchDatabase database;
  Connection first = database.connect(), second = database.connect();
  Cancellation cancellation;
  AdvisoryLock held(first, 1, LockMode::exclusive, 0ms, system_clock(), cancellation);
  std::thread canceller([&] { cancellation.request(); });
  CHECK(failure_of([&] {
          AdvisoryLock(second, 1, LockMode::exclusive, 600s, system_clock(), cancellation);
        }).kind() == ErrorKind::cancelled);
  canceller.join();
}
