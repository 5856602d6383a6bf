#include "migrate/traces.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/contents.h"
#include "libcore/catalog/reader.h"
#include "libcore/catalog/settled_query.h"
#include "libcore/pg/snapshot.h"
#include "migrate/embedded_sql.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

// More are not asked for: a million takes about a second.
constexpr int kMostTransactions = 1000000;
constexpr auto kPoll = 100ms;
// Before server 15 a process of its own collects the counters and writes them every half second.
constexpr int kImmediateCounters = 15;
constexpr auto kCollectorPause = 700ms;
constexpr int kMostReadings = 4;
constexpr auto kCounterPatience = 12s;  // a second more than counters_settled.15.sql asks for

CounterMap read_counters(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "table_counters"));
  CounterMap counters;
  const auto count = [&](int row, int column) {
    return static_cast<std::uint64_t>(rows.integer(row, column));
  };
  for (int row = 0; row < rows.rows(); ++row) {
    counters[quote_name_pretty({rows.string(row, 0), rows.string(row, 1)})] = {
        count(row, 2), count(row, 3), count(row, 4), rows.oid(row, 5)};
  }
  return counters;
}

std::map<std::string, std::string> read_sequences(pg::Connection& connection) {
  const pg::Result rows =
      catalog::settled_query(connection, sql_for(connection, "sequence_values"));
  std::map<std::string, std::string> values;
  for (int row = 0; row < rows.rows(); ++row) {
    values[quote_name_pretty({rows.string(row, 0), rows.string(row, 1)})] = rows.string(row, 2);
  }
  return values;
}

std::set<std::string> read_prepared(pg::Connection& connection) {
  const pg::Result rows = connection.query(
      "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = "
      "pg_catalog.current_database()");
  std::set<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) names.insert(rows.string(row, 0));
  return names;
}

std::set<std::string> read_invalid_indexes(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "invalid_indexes"));
  std::set<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) {
    names.insert(quote_name_pretty({rows.string(row, 0), rows.string(row, 1)}));
  }
  return names;
}

std::set<std::string> read_beside(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "beside_the_database"));
  std::set<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) {
    names.insert(
        fmt::format("{} {}", rows.string(row, 0), quote_identifier_pretty(rows.string(row, 1))));
  }
  return names;
}

std::string application_name_of(const std::string& run) { return "belay/" + run; }

std::string session_text(int pid, const std::string& name, const std::string& state,
                         const std::string& since) {
  return fmt::format("process {} ({}, {}{})", pid, printable(name), state,
                     since.empty() ? "" : ", connected since " + since);
}

}  // namespace

CounterMap settled_counters(pg::Connection& connection, Clock& clock) {
  CounterMap counters = read_counters(connection);
  if (connection.server_major() >= kImmediateCounters) return counters;
  for (int reading = 1; reading < kMostReadings; ++reading) {
    clock.sleep(kCollectorPause);
    CounterMap again = read_counters(connection);
    if (again == counters) break;
    counters = std::move(again);
  }
  return counters;
}

bool wait_for_counters(pg::Connection& own, pg::Connection& other, const std::string& since,
                       Clock& clock) {
  const bool immediate = own.server_major() >= kImmediateCounters;
  if (!immediate) clock.sleep(kCollectorPause);  // a session tells at most twice a second
  for (pg::Connection* session : {&own, &other}) {
    session->query(immediate ? "SELECT pg_catalog.pg_stat_force_next_flush()" : "SELECT 1");
  }
  const auto began = clock.steady();
  // Before server 15 an idle session has no clock: waiting is of no use.
  const auto patience = immediate ? kCounterPatience : 0s;
  while (!own.query(sql_for(own, "counters_settled"), {since}).boolean(0, 0)) {
    if (clock.steady() - began >= patience) return false;
    clock.sleep(kPoll);
  }
  return true;
}

Facts read_facts(pg::Connection& connection, Clock& clock, Progress& progress) {
  Facts facts;
  facts.counters = settled_counters(connection, clock);
  const pg::Result since = connection.query(sql_for(connection, "counting_since"));
  facts.stats_reset = since.string(0, 0);
  facts.postmaster_start = since.string(0, 1);
  facts.counting = since.boolean(0, 2);
  facts.server_clock = since.string(0, 3);
  facts.sequences = read_sequences(connection);
  facts.prepared = read_prepared(connection);
  catalog::ReadOptions plain_look;
  plain_look.lock_tables = false;
  plain_look.large_objects = false;
  const catalog::Catalog catalog = catalog::read_catalog(connection, plain_look, progress);
  facts.objects = catalog::canonical_objects(catalog);
  facts.fingerprint = catalog::fingerprint(catalog, facts.objects);
  facts.belongings = catalog::canonical_database(catalog);
  std::set<catalog::Address> version_tables;
  for (const catalog::Table& table : catalog.tables) {
    if (catalog::is_version_table(table)) version_tables.insert(table.address);
  }
  std::erase_if(facts.objects, [&](const catalog::CanonicalObject& object) {
    return version_tables.contains(object.host);
  });
  facts.server_major = connection.server_major();
  facts.revisions = catalog::read_revisions(connection, catalog);
  facts.invalid_indexes = read_invalid_indexes(connection);
  facts.beside = read_beside(connection);
  facts.snapshot = connection.query("SELECT pg_catalog.pg_current_snapshot()::text").string(0, 0);
  pg::end_snapshot_transaction(connection);
  return facts;
}

bool certainly_counted(pg::Connection& as_command) {
  return as_command.query(sql_for(as_command, "certainly_counted")).boolean(0, 0);
}

TransactionCount count_transactions(pg::Connection& connection, const std::string& before,
                                    const std::string& after) {
  const pg::Result row = connection.query(sql_for(connection, "transactions_between"),
                                          {before, after, std::to_string(kMostTransactions)});
  const auto count = [&](const char* name) {
    return static_cast<std::uint64_t>(row.integer(0, row.column(name)));
  };
  return {count("committed"), count("aborted"), count("in_progress"),
          row.boolean(0, row.column("complete")) && count("unknown") == 0};
}

Sessions look_at_sessions(pg::Connection& connection, const std::string& run) {
  const pg::Result rows =
      connection.query(sql_for(connection, "sessions"), {application_name_of(run)});
  Sessions sessions;
  for (int row = 0; row < rows.rows(); ++row) {
    const int pid = static_cast<int>(rows.integer(row, rows.column("pid")));
    const bool command = rows.boolean(row, rows.column("command"));
    (command ? sessions.command : sessions.others).insert(pid);
    if (!command && !rows.boolean(row, rows.column("locks_revisions"))) continue;
    sessions.working.push_back({pid, rows.boolean(row, rows.column("idle")),
                                session_text(pid, rows.string(row, rows.column("application_name")),
                                             rows.string(row, rows.column("state")),
                                             rows.string(row, rows.column("since")))});
  }
  return sessions;
}

std::vector<CommandSession> sessions_left(pg::Connection& connection, const std::string& run,
                                          std::chrono::milliseconds wait, Clock& clock,
                                          const Cancellation& cancellation) {
  const auto began = clock.steady();
  while (true) {
    std::vector<CommandSession> left = look_at_sessions(connection, run).working;
    const bool idle = std::ranges::all_of(left, &CommandSession::idle);
    const auto patience = idle ? std::min<std::chrono::milliseconds>(wait, kIdlePatience) : wait;
    if (left.empty() || clock.steady() - began >= patience || cancellation.requested()) {
      return left;
    }
    clock.sleep(kPoll);
  }
}

void end_sessions(pg::Connection& connection, const std::string& run) {
  try {
    connection.query(sql_for(connection, "end_sessions"), {application_name_of(run)});
  } catch (const Error& error) {
    if (!error.sqlstate_is("42501")) throw;
  }
}

std::string to_text(const std::vector<CommandSession>& sessions) {
  std::vector<std::string_view> texts;
  for (const CommandSession& session : sessions) texts.push_back(session.text);
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<CommandSession> look_at_open_snapshots(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "open_snapshots"));
  std::vector<CommandSession> sessions;
  for (int row = 0; row < rows.rows(); ++row) {
    const int pid = static_cast<int>(rows.integer(row, 0));
    sessions.push_back(
        {pid, true,
         session_text(pid, rows.string(row, 1), rows.string(row, 2), rows.string(row, 3))});
  }
  return sessions;
}

std::vector<LockWait> look_at_lock_waits(pg::Connection& connection, const std::string& run) {
  const pg::Result rows =
      connection.query(sql_for(connection, "lock_waits"), {application_name_of(run)});
  std::vector<LockWait> waits;
  for (int row = 0; row < rows.rows(); ++row) {
    LockWait wait;
    wait.pid = static_cast<int>(rows.integer(row, rows.column("pid")));
    wait.command = rows.boolean(row, rows.column("command"));
    wait.blocker = static_cast<int>(rows.integer(row, rows.column("blocker")));
    wait.blocker_text =
        wait.blocker == 0
            ? "a prepared transaction"
            : session_text(wait.blocker, rows.string(row, rows.column("blocker_name")),
                           rows.string(row, rows.column("blocker_state")),
                           rows.string(row, rows.column("blocker_since")));
    waits.push_back(std::move(wait));
  }
  return waits;
}

}  // namespace belay::migrate
