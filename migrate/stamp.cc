#include "migrate/stamp.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/embedded_sql.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 200ms;
constexpr std::string_view kLockNotAvailable = "55P03";

// What Alembic creates, with the same name of its primary key.
constexpr std::size_t kMostCharacters = 32;
std::string create_statement(const QualifiedName& table) {
  return fmt::format(
      "CREATE TABLE {} (version_num varchar({}) NOT NULL, "
      "CONSTRAINT {} PRIMARY KEY (version_num))",
      quote_name(table), kMostCharacters, quote_identifier(derived_name(table.name, "_pkc")));
}

// Of UTF-8: continuation bytes do not count.
std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// A transaction that ends with commit(), or as if it had never begun.
class Transaction {
 public:
  explicit Transaction(pg::Connection& connection) : connection_(connection) {
    connection_.run("BEGIN");
  }
  ~Transaction() {
    if (ended_ || !connection_.alive()) return;
    try {
      connection_.run("ROLLBACK");
    } catch (const Error&) {
      // Cancelled or lost: the transaction goes with the session.
    }
  }
  void commit() {
    ended_ = true;
    connection_.run("COMMIT");
  }

 private:
  pg::Connection& connection_;
  bool ended_ = false;
};

// How many characters version_num can hold.
std::size_t capacity_of(pg::Connection& connection, const QualifiedName& table) {
  const pg::Result column =
      connection.query(sql_for(connection, "version_column"), {quote_name(table)});
  if (column.rows() == 0 || column.is_null(0, 0)) return std::string::npos;
  return static_cast<std::size_t>(column.integer(0, 0));
}

// False: somebody writes it now.
bool lock(pg::Connection& connection, const std::string& table) {
  try {
    connection.run("LOCK TABLE " + table + " IN EXCLUSIVE MODE NOWAIT");
    return true;
  } catch (const Error& error) {
    if (!error.sqlstate_is(kLockNotAvailable)) throw;
    return false;
  }
}

std::vector<std::string> rows_of(pg::Connection& connection, const std::string& table) {
  const pg::Result rows = connection.query("SELECT version_num::pg_catalog.text FROM " + table +
                                           " WHERE version_num IS NOT NULL");
  std::set<std::string> values;
  for (int row = 0; row < rows.rows(); ++row) values.insert(rows.string(row, 0));
  return {values.begin(), values.end()};
}

// One attempt; nothing if the table is busy.
std::optional<Stamped> try_stamp(pg::Connection& connection, const StampPlan& plan) {
  const std::string table = quote_name(plan.table);
  Transaction transaction(connection);
  if (plan.creates()) connection.run(create_statement(plan.table));
  if (!lock(connection, table)) return std::nullopt;
  Stamped stamped{rows_of(connection, table), plan.revisions};
  connection.run("DELETE FROM " + table);
  for (const std::string& revision : plan.revisions) {
    connection.query("INSERT INTO " + table + " (version_num) VALUES ($1)", {revision});
  }
  transaction.commit();
  return stamped;
}

}  // namespace

std::vector<std::string> rows_of_stamp(const RevisionGraph* graph,
                                       const std::vector<std::string>& arguments, bool force) {
  static const RevisionGraph nothing;
  const RevisionGraph& known = graph == nullptr ? nothing : *graph;
  std::vector<std::string> found, literal;
  for (const std::string& argument : arguments) {
    const bool symbol = argument.find('@') != std::string::npos || argument == "base" ||
                        argument == "head" || argument == "heads";
    if (argument.empty()) throw Error(ErrorKind::usage, "a revision without a name");
    if (graph == nullptr && argument != "base" && (symbol || !force)) {
      throw Error(ErrorKind::preflight, "no revision files are known here")
          .object(argument)
          .next("name them with --alembic-config, or take ids as they are written with --force");
    }
    if (!symbol && force && !known.means_something(argument)) {
      literal.push_back(argument);
      continue;
    }
    for (const std::string& id : known.meant_by_stamp(argument)) found.push_back(id);
  }
  std::vector<std::string> rows = known.effective(found);
  rows.insert(rows.end(), literal.begin(), literal.end());
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

QualifiedName new_version_table(pg::Connection& connection, const std::string& schema,
                                const std::string& table) {
  if (!schema.empty()) return {schema, table};
  const std::vector<pg::Statement> statements = {{std::string(kSearchPathOfRole), {}},
                                                 {"SELECT pg_catalog.current_schema()", {}}};
  const std::vector<pg::Result> answers = connection.run_batch(statements);
  if (answers.back().is_null(0, 0)) {
    throw Error(ErrorKind::preflight, "there is no schema for the version table")
        .object(quote_identifier_pretty(table))
        .cause("no schema of the role's search_path exists");
  }
  return {answers.back().string(0, 0), table};
}

void check_fits(pg::Connection& connection, const StampPlan& plan) {
  const std::size_t most = plan.exists ? capacity_of(connection, plan.table) : kMostCharacters;
  for (const std::string& revision : plan.revisions) {
    if (characters_of(revision) <= most) continue;
    throw Error(ErrorKind::preflight, "the version table cannot hold this revision")
        .object(revision)
        .cause(fmt::format("{} takes {} characters", quote_name_pretty(plan.table), most));
  }
}

Stamped stamp(pg::Connection& connection, const StampPlan& plan, std::chrono::milliseconds wait,
              Clock& clock, const Cancellation& cancellation) {
  if (!plan.exists && !plan.creates()) return {};
  const auto deadline = clock.steady() + wait;
  for (;;) {
    cancellation.check();
    if (const std::optional<Stamped> stamped = try_stamp(connection, plan)) {
      return *stamped;
    }
    if (clock.steady() >= deadline) {
      throw Error(ErrorKind::lock_timeout, "another session works on the version table")
          .object(quote_name_pretty(plan.table))
          .next("wait for it to end, or try longer with --wait");
    }
    clock.sleep(kPause);
  }
}

}  // namespace belay::migrate
