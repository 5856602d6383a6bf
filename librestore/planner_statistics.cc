#include "librestore/planner_statistics.h"

#include <algorithm>

#include "libcore/base/error.h"
#include "librestore/embedded_sql.h"
#include "librestore/run_steps.h"

namespace belay::restore {
namespace {

// Few enough that the locks of one statement, on a table and an index each, fit the server's
// default lock table.
constexpr std::int64_t kBatch = 500;
// Each costs a search for the row. So many have one reason, and it is told by then.
constexpr std::size_t kMostErrors = 100;
constexpr std::size_t kMostNamed = 20;
constexpr std::string_view kDrop = "DROP TABLE pg_temp.belay_planner_statistics";

// "statistics of column x of public.t", from columns schema, relation, attribute and number.
std::string title(const pg::Result& rows, int row) {
  const auto at = [&](const char* name) { return rows.column(name); };
  std::string text = "statistics of ";
  if (!rows.is_null(row, at("attribute"))) {
    text += "column " + quote_identifier_pretty(rows.string(row, at("attribute"))) + " of ";
  } else if (!rows.is_null(row, at("number"))) {
    text += "column " + rows.string(row, at("number")) + " of ";
  }
  return text +
         quote_name_pretty({rows.string(row, at("schema")), rows.string(row, at("relation"))});
}

class Import {
 public:
  Import(pg::Connection& session, const StatisticsImport& import, Environment& environment)
      : session_(session),
        import_(import),
        environment_(environment),
        apply_(sql_for(session, "apply_planner_statistics")) {}

  PlannerStatistics run() {
    if (import_.as_owners) {
      session_.query("GRANT SELECT ON pg_temp.belay_planner_statistics TO PUBLIC");
      session_.query(sql_for(session_, "statistics_authority"));
    }
    const pg::Result places = session_.query(sql_for(session_, "statistics_places"));
    std::uint64_t came = 0;
    for (int row = 0; row < places.rows(); ++row) {
      came += static_cast<std::uint64_t>(places.integer(row, 3));
      role_ = places.string(row, 0);
      const ActingAs acting(session_, role_);
      const std::int64_t end = places.integer(row, 2);
      for (std::int64_t first = places.integer(row, 1); first <= end; first += kBatch) {
        environment_.cancellation.check();
        take_in(first, std::min(first + kBatch - 1, end));
      }
    }
    session_.query(kDrop);
    const std::uint64_t others = came - result_.taken - result_.refused.size();
    if (others > 0)
      result_.refused.push_back("statistics of " + std::to_string(others) +
                                " others: not taken in");
    const pg::Result tables = session_.query(sql_for(session_, "tables_without_statistics"));
    for (int row = 0; row < tables.rows(); ++row)
      result_.analyze.push_back({tables.string(row, 0), tables.string(row, 1)});
    return std::move(result_);
  }

 private:
  // All in one statement; if it fails, in halves, down to the row that makes it fail.
  void take_in(std::int64_t first, std::int64_t last) {
    if (errors_ > kMostErrors) return;
    try {
      if (import_.one_transaction) session_.run("SAVEPOINT belay_statistics");
      const pg::Result rows =
          session_.query(apply_, {std::to_string(first), std::to_string(last), role_,
                                  std::to_string(import_.source_version)});
      if (import_.one_transaction) session_.run("RELEASE SAVEPOINT belay_statistics");
      note(rows);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::sql || !session_.alive()) throw;
      if (import_.one_transaction) session_.run("ROLLBACK TO SAVEPOINT belay_statistics");
      if (first == last) {
        note(first, error);
      } else {
        const std::int64_t middle = first + (last - first) / 2;
        take_in(first, middle);
        take_in(middle + 1, last);
      }
    }
  }

  void note(const pg::Result& rows) {
    for (int row = 0; row < rows.rows(); ++row) {
      if (rows.boolean(row, rows.column("taken"))) {
        ++result_.taken;
      } else if (result_.refused.size() < kMostNamed) {
        result_.refused.push_back(title(rows, row) + ": not taken in as a whole");
      }
    }
    environment_.progress.advance("planner statistics", static_cast<std::uint64_t>(rows.rows()), 0);
  }

  void note(std::int64_t place, const Error& error) {
    ++errors_;
    if (result_.refused.size() >= kMostNamed) return;
    const pg::Result row = session_.query(
        "SELECT schema, relation, attribute, number FROM pg_temp.belay_planner_statistics "
        "WHERE place = $1",
        {std::to_string(place)});
    result_.refused.push_back(title(row, 0) + ": not taken in: " + error.what());
  }

  pg::Connection& session_;
  const StatisticsImport& import_;
  Environment& environment_;
  const std::string apply_;
  std::string role_;  // who takes in; empty: the login role
  std::size_t errors_ = 0;
  PlannerStatistics result_;
};

}  // namespace

void make_statistics_table(pg::Connection& session) {
  session.query(sql_for(session, "create_planner_statistics"));
}

PlannerStatistics take_in_statistics(pg::Connection& session, const StatisticsImport& import,
                                     Environment& environment) {
  return Import(session, import, environment).run();
}

}  // namespace belay::restore
