// Each test stops the reader at a lock, changes the schema under it, and lets it go on.
#include <algorithm>
#include <functional>
#include <thread>

#include "libcore/base/error.h"
#include "tests/server/catalog_database.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;
using belay::test::CatalogDatabase;
using belay::test::connect_to;

namespace {

template <typename Kind>
bool has(const std::vector<Kind>& objects, std::string_view name) {
  return std::any_of(objects.begin(), objects.end(),
                     [&](const Kind& object) { return object.name.name == name; });
}

// Waits until `other` stands behind a lock; false if it does not within `limit`.
bool waits(pg::Connection& session, const pg::Connection& other,
           std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const std::string sql =
      "SELECT cardinality(pg_blocking_pids(" + std::to_string(other.backend_pid()) + ")) > 0";
  while (std::chrono::steady_clock::now() < deadline) {
    if (session.run(sql).boolean(0, 0)) return true;
    std::this_thread::yield();
  }
  return false;
}

struct Outcome {
  Catalog catalog;
  std::string error;
};

// Reads while `change` is in an open transaction of `other` that also holds table gate; commits it
// once the reader waits for gate.
Outcome read_across(CatalogDatabase& database, pg::Connection& reader, const std::string& change,
                    bool lock_tables) {
  pg::Connection other = connect_to(database.name());
  pg::Connection watcher = connect_to(database.name());
  other.run("BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE; " + change);
  Outcome outcome;
  std::thread thread([&] {
    try {
      ReadOptions options;
      options.lock_tables = lock_tables;
      options.table_sizes = true;
      SilentProgress progress;
      outcome.catalog = read_catalog(reader, options, progress);
    } catch (const std::exception& error) {
      outcome.error = error.what();
    }
  });
  const bool waited = waits(watcher, reader);
  other.run("COMMIT");
  thread.join();
  CHECK(waited);
  CHECK(outcome.error == "");
  return outcome;
}

// Whether `reader` holds a lock on a table.
bool holds_lock(CatalogDatabase& database, const pg::Connection& reader, const std::string& table) {
  pg::Connection session = connect_to(database.name());
  return session
      .run("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = " +
           std::to_string(reader.backend_pid()) + " AND relation = " + quote_literal(table) +
           "::regclass AND mode = 'AccessShareLock')")
      .boolean(0, 0);
}

}  // namespace

TEST_CASE("a table that goes before it is locked is not read, and reading goes on") {
  CatalogDatabase database;
  database.run("CREATE TABLE gate (a int); CREATE TABLE goes (a int); CREATE TABLE stays (a int)");
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  const Outcome outcome = read_across(database, reader, "DROP TABLE gate, goes", true);
  CHECK_FALSE(has(outcome.catalog.tables, "goes"));
  CHECK(has(outcome.catalog.tables, "stays"));
  CHECK(holds_lock(database, reader, "stays"));
}

TEST_CASE("a table that is renamed before it is locked is read and locked under its new name") {
  CatalogDatabase database;
  database.run("CREATE TABLE gate (a int)");
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  const Outcome outcome = read_across(database, reader, "ALTER TABLE gate RENAME TO port", true);
  CHECK(has(outcome.catalog.tables, "port"));
  CHECK(holds_lock(database, reader, "port"));
}

TEST_CASE("a table that comes while others are locked is read and locked too") {
  CatalogDatabase database;
  database.run("CREATE TABLE gate (a int)");
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  const Outcome outcome = read_across(database, reader, "CREATE TABLE comes (a int)", true);
  CHECK(has(outcome.catalog.tables, "comes"));
  CHECK(holds_lock(database, reader, "comes"));
}

TEST_CASE("what goes between the snapshot and its definition makes the reader start again") {
  constexpr const char* kDrops[] = {"DROP VIEW goes", "DROP FUNCTION goes()",
                                    "DROP TRIGGER goes ON held", "DROP INDEX goes_index"};
  for (const char* drop : kDrops) {
    INFO(drop);
    CatalogDatabase database;
    database.run(
        "CREATE TABLE gate (a int); CREATE TABLE held (a int); CREATE VIEW goes AS SELECT 1 AS "
        "one; CREATE UNIQUE INDEX goes_index ON held (a) WHERE a > 0; "
        "CREATE FUNCTION goes() RETURNS int LANGUAGE sql AS 'SELECT 1'; "
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        "CREATE TRIGGER goes AFTER INSERT ON held FOR EACH ROW EXECUTE FUNCTION f()");
    pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
    // Without locks the reader stops where it asks for the size of gate: in its snapshot.
    const Outcome outcome = read_across(database, reader, drop, false);
    CHECK(has(outcome.catalog.views, "goes") == (drop != kDrops[0]));
    CHECK(has(outcome.catalog.functions, "goes") == (drop != kDrops[1]));
    CHECK(has(outcome.catalog.triggers, "goes") == (drop != kDrops[2]));
    CHECK(has(outcome.catalog.indexes, "goes_index") == (drop != kDrops[3]));
  }
}

TEST_CASE("a constraint that goes is told as the snapshot has it") {
  CatalogDatabase database;
  database.run(
      "CREATE TABLE gate (a int); CREATE TABLE other (a int PRIMARY KEY); "
      "CREATE TABLE held (a int CONSTRAINT goes REFERENCES other ON DELETE SET NULL)");
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  const Outcome outcome =
      read_across(database, reader, "ALTER TABLE held DROP CONSTRAINT goes", false);
  CHECK(has(outcome.catalog.constraints, "goes"));
  for (const Constraint& constraint : outcome.catalog.constraints) {
    if (constraint.name.name != "goes") continue;
    CHECK(constraint.definition == "FOREIGN KEY (a) REFERENCES public.other(a) ON DELETE SET NULL");
  }
}

TEST_CASE("a session that changes the schema is never the victim of a deadlock with the reader") {
  CatalogDatabase database;
  database.run("CREATE TABLE first (a int); CREATE TABLE gate (a int); CREATE TABLE last (a int)");
  pg::Connection keeper = connect_to(database.name());
  pg::Connection watcher = connect_to(database.name());
  pg::Connection writer = connect_to(database.name());
  pg::Connection reader = connect_to(database.name(), {}, pg::SessionKind::catalog);
  keeper.run("BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE");
  writer.run("BEGIN; LOCK TABLE last IN ACCESS EXCLUSIVE MODE");
  std::string read_error, write_error;
  std::thread reading([&] {
    try {
      SilentProgress progress;
      read_catalog(reader, {}, progress);
    } catch (const std::exception& error) {
      read_error = error.what();
    }
  });
  CHECK(waits(watcher, reader));  // it holds first and waits for gate
  // The writer is in line for first before the reader asks for last: its own deadlock check would
  // be the first to run.
  std::thread writing([&] {
    try {
      writer.run("DROP TABLE first");
    } catch (const std::exception& error) {
      write_error = error.what();
    }
  });
  waits(watcher, writer, std::chrono::milliseconds(300));  // or it has the table already
  keeper.run("COMMIT");
  writing.join();
  writer.run("COMMIT");
  reading.join();
  CHECK(write_error == "");
  CHECK(read_error == "");
}

TEST_CASE("a statement that never fits is not taken for a change of the schema") {
  CatalogDatabase database;
  database.run(
      "SET allow_system_table_mods = on; "
      "ALTER TABLE pg_catalog.pg_conversion RENAME COLUMN condefault TO elsewhere");
  std::string what;
  try {
    database.read();
  } catch (const Error& error) {
    what = error.what();
  }
  CHECK(what.find("the catalogs cannot be read") != std::string::npos);
  CHECK(what.find("condefault") != std::string::npos);
}
