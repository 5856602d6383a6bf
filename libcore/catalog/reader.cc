#include "libcore/catalog/reader.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "libcore/base/error.h"
#include "libcore/catalog/locks.h"
#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"
#include "libcore/catalog/second_session.h"
#include "libcore/pg/snapshot.h"

namespace belay::catalog {

namespace {

constexpr int kAttempts = 5;
constexpr const char* kDeadlockTimeout =
    "SELECT setting::bigint FROM pg_settings WHERE name = 'deadlock_timeout'";
constexpr const char* kCatalogBytes = "SELECT pg_relation_size('pg_catalog.pg_attribute')";
constexpr const char* kReadsSubscriptions =
    "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_subscription', 'SELECT')";
constexpr std::string_view kLockNotAvailable = "55P03";

// What may be asked before the snapshot: it does not change while the reader runs, or is compared
// with what the snapshot shows.
struct Survey {
  std::vector<LockableTable> tables;
  std::string ledger, unknown_catalogs;
  std::map<Oid, std::string> system_names;
  std::chrono::milliseconds patience{0};
  std::int64_t bytes = 0;  // of the catalog of columns
  bool reads_subscriptions = false;
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
  std::string export_snapshot() {
    ++round_trips_;
    return pg::export_snapshot(connection_);
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

// Told of the same column or function each time, it is no change but a wrong statement of belay's.
bool may_be_a_wrong_statement(const Error& error) {
  return error.sqlstate_is("42703") || error.sqlstate_is("42883");
}

Survey survey(Server& server, const ReadOptions& options) {
  std::vector<pg::Statement> statements = {server.statement("catalogs"),
                                           {kDeadlockTimeout, {}},
                                           {kCatalogBytes, {}},
                                           {kReadsSubscriptions, {}}};
  if (options.lock_tables) {
    statements.push_back(server.statement("missing_privileges"));
    statements.push_back(server.statement("lockable"));
  }
  const std::vector<pg::Result> results = server.batch(statements);
  const pg::Result& catalogs = results[0];
  Survey survey;
  if (options.lock_tables) {
    check_privileges(results[4], server.connection().user());
    survey.tables = lockable_tables(results[5]);
  }
  // Half of what the server waits before it kills one of two sessions that block each other: the
  // reader gives way first, so that nobody's schema change fails because of it.
  survey.patience = std::max(std::chrono::milliseconds(results[1].integer(0, 0)) / 2,
                             std::chrono::milliseconds(1));
  survey.bytes = results[2].integer(0, 0);
  survey.reads_subscriptions = results[3].boolean(0, 0);
  survey.ledger = ledger_statement(catalogs);
  survey.unknown_catalogs = unknown_catalogs_statement(catalogs);
  for (int row = 0; row < catalogs.rows(); ++row) {
    survey.system_names.emplace(catalogs.oid(row, catalogs.column("oid")),
                                catalogs.string(row, catalogs.column("name")));
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

struct Queries {
  std::vector<std::string> names;
  std::vector<pg::Statement> statements;

  void add(std::string name, pg::Statement statement) {
    names.push_back(std::move(name));
    statements.push_back(std::move(statement));
  }
};

// About half of the work: what the server writes out of its own trees costs it most.
bool is_for_second_session(std::string_view query) {
  static constexpr std::string_view kQueries[] = {"constraints", "defaults", "dependencies",
                                                  "functions",   "parents",  "rules",
                                                  "triggers",    "views"};
  return std::find(std::begin(kQueries), std::end(kQueries), query) != std::end(kQueries);
}

// What is asked of the second session, if there is one, and of the leader.
std::pair<Queries, Queries> queries(Server& server, const Survey& survey,
                                    const ReadOptions& options, bool second) {
  Queries seconds, leaders;
  const auto add = [&](const std::string& name) {
    (second && is_for_second_session(name) ? seconds : leaders).add(name, server.statement(name));
  };
  // Sizes come first: asking for one may wait for whoever is about to drop the table, and what is
  // read afterwards is read as it is then, or found missing.
  if (options.table_sizes) add("table_sizes");
  if (options.lock_tables) add("named_by_definitions");
  for (const char* name : {"tables", "database", "database_settings", "dependencies", "hung",
                           "detaching", "disabled_enforcement", "made_anew", "security_labels",
                           "implied", "columns", "defaults", "acls", "comments", "attributes",
                           "parents", "operator_class_defaults", "unknown_columns"}) {
    add(name);
  }
  for_each_kind([&]<typename T>(const Kind<T>& kind) {
    if (std::is_same_v<T, LargeObject> && !options.large_objects) return;
    if (std::is_same_v<T, Subscription> && !survey.reads_subscriptions) return;
    if (!std::is_same_v<T, Table>) add(std::string(kind.query));
  });
  leaders.add("ledger", {survey.ledger, {}});
  leaders.add("unknown_catalogs", {survey.unknown_catalogs, {}});
  return {std::move(seconds), std::move(leaders)};
}

// Everything in one round trip, by name.
void read_all(Server& server, const Survey& survey, const ReadOptions& options, Reading& reading) {
  const bool two = options.second_session_from && survey.bytes >= *options.second_session_from;
  const auto [seconds, leaders] = queries(server, survey, options, two);
  const auto keep = [&reading](const Queries& queries, std::vector<pg::Result> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      reading.results.emplace(queries.names[i], std::move(results[i]));
    }
  };
  std::optional<SecondSession> second;
  if (two) {
    second.emplace(server.connection(), server.export_snapshot(), survey.patience,
                   seconds.statements);
  }
  keep(leaders, server.batch(leaders.statements));
  if (!two) return;
  std::optional<std::vector<pg::Result>> results = second->take();
  keep(seconds, results ? *std::move(results) : server.batch(seconds.statements));
}

// {1,2,3}, as array parameters are written.
template <typename Rows, typename Number>
std::string oid_array(const Rows& rows, Number number) {
  std::string text = "{";
  for (const auto& row : rows) {
    text += (text.size() > 1 ? "," : "") + std::to_string(std::invoke(number, row));
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

template <typename T>
pg::Statement definitions_of(const std::vector<T*>& objects, pg::Statement statement) {
  statement.parameters = {
      oid_array(objects, [](const T* object) { return object->address.objid; })};
  return statement;
}

template <typename T>
void define(const std::vector<T*>& objects, const pg::Result& rows) {
  for (int row = 0; row < rows.rows(); ++row) {
    T& object = *objects[static_cast<std::size_t>(row)];
    object.definition = spelt_as_restored(
        required(rows, row, rows.column("definition"),
                 std::string(word_of(object)) + ' ' + quote_name_pretty(object.name)));
  }
}

// What the server must write, with the last round trip that may have to wait for a lock.
void define_others(Server& server, const Undefined& undefined) {
  // Copying rows may take hours behind nobody's lock: the caller's transaction waits as it likes.
  const pg::Statement statements[] = {
      definitions_of(undefined.indexes, server.statement("index_definitions")),
      definitions_of(undefined.constraints, server.statement("constraint_definitions")),
      lock_timeout_statement(std::chrono::milliseconds(0))};
  const std::vector<pg::Result> results = server.batch(statements);
  define(undefined.indexes, results[0]);
  define(undefined.constraints, results[1]);
}

std::set<std::tuple<Oid, Oid, std::string>> versions(const pg::Result& rows) {
  const int classid = rows.column("classid"), oid = rows.column("oid");
  const int version = rows.column("version");
  std::set<std::tuple<Oid, Oid, std::string>> versions;
  for (int row = 0; row < rows.rows(); ++row) {
    versions.emplace(rows.oid(row, classid), rows.oid(row, oid), rows.string(row, version));
  }
  return versions;
}

// The server writes definitions with the names of this moment, not of the snapshot. What no lock
// holds still (types, functions, views ...) must be now what the snapshot shows.
void require_unchanged_names(Server& server, const Reading& reading) {
  pg::ConnectOptions options;
  options.application_name = server.connection().parameter("application_name");
  pg::Connection now = pg::Connection::connect(server.connection().target(), options);
  const auto before = versions(reading.result("named_by_definitions"));
  const auto after = versions(now.query(server.statement("named_by_definitions")));
  if (!std::includes(after.begin(), after.end(), before.begin(), before.end())) {
    throw ConcurrentChange{"types, functions, views or the like were altered or dropped"};
  }
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
  define_others(server, define_plain(reading));
  if (options.lock_tables) require_unchanged_names(server, reading);
  read_functions(reading);
  reading.index_objects();
  read_comments(reading);
  read_labels(reading);
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
  bool lasting = true;  // the same wrong statement in every attempt
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
      lasting = false;
      ++attempt;
    } catch (const Error& error) {
      const bool locked = error.sqlstate_is(kLockNotAvailable);
      if (!locked && !is_concurrent_change(error)) {
        if (connection.alive()) pg::end_snapshot_transaction(connection);
        throw;
      }
      lasting =
          lasting && may_be_a_wrong_statement(error) && (cause.empty() || cause == error.what());
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
  if (lasting) {
    throw Error(ErrorKind::backup_failed, "the catalogs cannot be read")
        .object("database " + quote_identifier_pretty(connection.database()))
        .cause(cause + " (the same in " + std::to_string(kAttempts) + " attempts)")
        .next("this is no change of the schema but a wrong statement of belay's: please report it");
  }
  throw Error(ErrorKind::backup_failed, "the schema changes faster than it can be read")
      .object("database " + quote_identifier_pretty(connection.database()))
      .cause(cause + " (after " + std::to_string(kAttempts) + " attempts)")
      .next("run again when no schema changes are under way");
}

}  // namespace belay::catalog
