#include "libcore/catalog/reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "libcore/base/error.h"
#include "libcore/catalog/locks.h"
#include "libcore/catalog/reading.h"
#include "libcore/pg/snapshot.h"

namespace belay::catalog {

namespace {

constexpr int kAttempts = 5;
constexpr const char* kDeadlockTimeout =
    "SELECT setting::bigint FROM pg_settings WHERE name = 'deadlock_timeout'";
constexpr std::string_view kLockNotAvailable = "55P03";

// What may be asked before the snapshot: it does not change while the reader runs, or is compared
// with what the snapshot shows.
struct Survey {
  std::vector<LockableTable> tables;
  std::string ledger, unknown_catalogs, extension_rows;
  std::map<Oid, std::string> system_names;
  std::chrono::milliseconds patience{0};
};

using Deadline = std::chrono::steady_clock::time_point;

// The server as the reader talks to it; counts round trips.
class Server {
 public:
  explicit Server(pg::Connection& connection) : connection_(connection) {}

  pg::Statement statement(std::string_view name) const {
    return {std::string(pg::select_sql(embedded_sql(), name, connection_.server_major())), {}};
  }
  std::vector<pg::Result> batch(std::span<const pg::Statement> statements) {
    ++round_trips_;
    return connection_.run_batch(statements);
  }
  void begin() {
    ++round_trips_;
    pg::begin_snapshot_transaction(connection_);
  }
  void end() {
    ++round_trips_;
    pg::end_snapshot_transaction(connection_);
  }
  SourceIdentity identity() {
    ++round_trips_;
    return pg::read_identity(connection_);
  }
  pg::Connection& connection() { return connection_; }
  int round_trips() const { return round_trips_; }

 private:
  pg::Connection& connection_;
  int round_trips_ = 0;
};

// Errors of the server that a concurrent DROP or ALTER causes while its catalogs are read: internal
// "cache lookup failed", or a name or OID that is no longer there.
bool is_concurrent_change(const Error& error) {
  if (error.kind() != ErrorKind::sql) return false;
  static constexpr std::array<std::string_view, 8> kStates = {"XX000", "42P01", "42704", "42883",
                                                              "42703", "3F000", "40P01", "40001"};
  return std::any_of(kStates.begin(), kStates.end(),
                     [&](std::string_view state) { return error.sqlstate_is(state); });
}

// Extension, table: one row for each configuration table that holds rows of the user's.
std::string extension_rows_statement(const pg::Result& tables) {
  std::string sql;
  for (int row = 0; row < tables.rows(); ++row) {
    if (!tables.boolean(row, tables.column("readable"))) continue;
    const QualifiedName name{tables.string(row, tables.column("schema")),
                             tables.string(row, tables.column("name"))};
    const bool sequence = tables.text(row, tables.column("kind")) == "S";
    // The condition is the extension's own SQL, run as it stands, as the server's own dump does.
    sql += (sql.empty() ? "" : "\nUNION ALL ") +
           ("SELECT " + quote_literal(tables.text(row, tables.column("extension")))) + ", " +
           quote_literal(quote_name_pretty(name)) + " WHERE EXISTS (SELECT FROM " +
           quote_name(name) + " " +
           (sequence ? std::string("WHERE is_called")
                     : tables.string(row, tables.column("condition"))) +
           ")";
  }
  return sql;
}

Survey survey(Server& server, const ReadOptions& options) {
  const pg::Statement statements[] = {server.statement("lockable"),
                                      server.statement("catalogs"),
                                      server.statement("extension_tables"),
                                      server.statement("missing_privileges"),
                                      {kDeadlockTimeout, {}}};
  const std::vector<pg::Result> results = server.batch(statements);
  if (options.lock_tables) {
    check_privileges(results[3], results[2], server.connection().user());
  }
  Survey survey;
  // Half of what the server waits before it kills one of two sessions that block each other: the
  // reader gives way first, so that nobody's schema change fails because of it.
  survey.patience = std::max(std::chrono::milliseconds(results[4].integer(0, 0)) / 2,
                             std::chrono::milliseconds(1));
  survey.tables = lockable_tables(results[0]);
  survey.ledger = ledger_statement(results[1]);
  survey.unknown_catalogs = unknown_catalogs_statement(results[1]);
  survey.extension_rows = extension_rows_statement(results[2]);
  for (int row = 0; row < results[1].rows(); ++row) {
    survey.system_names.emplace(results[1].oid(row, results[1].column("oid")),
                                results[1].string(row, results[1].column("name")));
  }
  return survey;
}

// Locks, then freezes the snapshot by looking at the tables again, before any newcomer is touched:
// what is not locked must not be waited for with locks in hand.
void lock(Server& server, const Survey& survey) {
  std::vector<pg::Statement> statements = lock_statements(survey.tables);
  statements.push_back(server.statement("lockable"));
  try {
    if (lockable_tables(server.batch(statements).back()) != survey.tables) {
      throw ConcurrentChange{"tables were created, dropped or renamed"};
    }
  } catch (const Error& error) {
    if (!error.sqlstate_is("53200")) throw;  // out of shared memory: the lock table is full
    Error full = error;
    throw full.as(ErrorKind::backup_failed)
        .next("raise max_locks_per_transaction (" + std::to_string(survey.tables.size()) +
              " tables must be locked) and restart the server");
  }
}

// Everything in one round trip, by name.
void read_all(Server& server, const Survey& survey, const ReadOptions& options, Reading& reading) {
  // Tables come first: asking for the size of one may wait for whoever is about to drop it, and
  // what is read afterwards is read as it is then, or found missing.
  std::vector<std::string> names = {
      "tables",  "database", "database_settings", "dependencies", "hung",   "implied",
      "columns", "acls",     "comments",          "attributes",   "parents"};
  for_each_kind([&]<typename T>(const Kind<T>& kind) {
    if (std::is_same_v<T, LargeObject> && !options.large_objects) return;
    if (!std::is_same_v<T, Table>) names.emplace_back(kind.query);
  });
  std::vector<pg::Statement> statements;
  for (const std::string& name : names) statements.push_back(server.statement(name));
  auto add = [&](std::string name, const std::string& sql) {
    if (sql.empty()) return;
    names.push_back(std::move(name));
    statements.push_back({sql, {}});
  };
  add("ledger", survey.ledger);
  add("unknown_catalogs", survey.unknown_catalogs);
  add("extension_rows", survey.extension_rows);
  // Copying rows may take hours behind nobody's lock: the caller's transaction waits as it likes.
  add("no_lock_timeout", lock_timeout_statement(std::chrono::milliseconds(0)).sql);
  std::vector<pg::Result> results = server.batch(statements);
  for (std::size_t i = 0; i < names.size(); ++i) {
    reading.results.emplace(names[i], std::move(results[i]));
  }
}

// {1,2,3}, as array parameters are written.
std::string oid_array(const std::vector<Address>& addresses, Oid Address::*part) {
  std::string text = "{";
  for (const Address& address : addresses) {
    text += (text.size() > 1 ? "," : "") + std::to_string(address.*part);
  }
  return text + "}";
}

void name_unclaimed(Server& server, Reading& reading, const std::vector<Address>& unclaimed) {
  if (unclaimed.empty()) return;
  pg::Statement identify = server.statement("identify");
  identify.parameters = {oid_array(unclaimed, &Address::classid),
                         oid_array(unclaimed, &Address::objid)};
  refuse_unclaimed(reading.catalog, server.batch({&identify, 1}).front());
}

void sort_findings(Catalog& catalog) {
  auto key = [](const Unsupported& line) {
    return std::tie(line.kind, line.identity, line.detail);
  };
  auto& lines = catalog.unsupported;
  std::sort(lines.begin(), lines.end(),
            [&](const Unsupported& a, const Unsupported& b) { return key(a) < key(b); });
  lines.erase(
      std::unique(lines.begin(), lines.end(),
                  [&](const Unsupported& a, const Unsupported& b) { return key(a) == key(b); }),
      lines.end());
  std::sort(catalog.warnings.begin(), catalog.warnings.end());
}

Catalog read_once(Server& server, const ReadOptions& options, Deadline deadline) {
  const Survey known = survey(server, options);
  server.begin();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  const pg::Statement timeout = lock_timeout_statement(
      std::max(std::min(known.patience, left), std::chrono::milliseconds(1)));
  server.batch({&timeout, 1});
  if (options.lock_tables) lock(server, known);
  Reading reading;
  reading.catalog.system_names = known.system_names;
  read_all(server, known, options, reading);
  read_members(reading);
  read_implied(reading);
  read_database(reading);
  read_kinds(reading);
  read_types(reading);
  read_relations(reading);
  read_constraints(reading);
  read_functions(reading);
  reading.index_objects();
  read_comments(reading);
  read_acls(reading);
  read_attributes(reading);
  refuse_undecodable(reading);
  name_unclaimed(server, reading, settle_ledger(reading));
  reading.catalog.identity = server.identity();
  collect_roles(reading.catalog);
  sort_findings(reading.catalog);
  return std::move(reading.catalog);
}

}  // namespace

Catalog read_catalog(pg::Connection& connection, const ReadOptions& options, Progress& progress) {
  progress.stage("read catalog", 0, 0);
  Server server(connection);
  const Deadline deadline = std::chrono::steady_clock::now() + options.lock_timeout;
  std::string cause;
  // Waiting for a lock costs time and gives back what is held; only changes cost attempts.
  for (int attempt = 0; attempt < kAttempts;) {
    const int before = server.round_trips();
    try {
      Catalog catalog = read_once(server, options, deadline);
      catalog.round_trips = server.round_trips() - before;
      for (const std::string& warning : catalog.warnings) progress.warning(warning);
      return catalog;
    } catch (const ConcurrentChange& change) {
      cause = change.cause;
      ++attempt;
    } catch (const Error& error) {
      const bool locked = error.sqlstate_is(kLockNotAvailable);
      if (!locked && !is_concurrent_change(error)) {
        if (connection.alive()) pg::end_snapshot_transaction(connection);
        throw;
      }
      cause = error.what();
      if (locked && std::chrono::steady_clock::now() >= deadline) {
        server.end();
        const pg::Statement blockers = server.statement("blockers");
        throw_lock_timeout(server.batch({&blockers, 1}).front(), options.lock_timeout);
      }
      if (!locked) ++attempt;
    }
    server.end();
  }
  throw Error(ErrorKind::backup_failed, "the schema changes faster than it can be read")
      .object("database " + quote_identifier_pretty(connection.database()))
      .cause(cause + " (after " + std::to_string(kAttempts) + " attempts)")
      .next("run again when no schema changes are under way");
}

}  // namespace belay::catalog
