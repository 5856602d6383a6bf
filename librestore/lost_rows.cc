#include "librestore/lost_rows.h"

#include <map>
#include <optional>
#include <string_view>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/connection.h"
#include "librestore/embedded_sql.h"

namespace belay::restore {
namespace {

constexpr std::size_t kHashLength = 64;

using Keys = std::map<QualifiedName, std::string>;  // table -> key columns, quoted; "": none

Keys read_keys(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "key_tables"));
  Keys keys;
  for (int row = 0; row < rows.rows(); ++row) {
    std::string& key = keys[{rows.string(row, 0), rows.string(row, 1)}];
    if (rows.is_null(row, 2)) continue;
    key += (key.empty() ? "" : ", ") + quote_identifier(rows.text(row, 2));
  }
  return keys;
}

std::uint64_t count_rows(pg::Connection& connection, const QualifiedName& table) {
  return static_cast<std::uint64_t>(
      connection.query("SELECT pg_catalog.count(*) FROM " + quote_name(table)).integer(0, 0));
}

// "<64 digits>\t<key>\n" in the order of the digits, which is the same on every server.
pg::CopyOut copy_keys(pg::Connection& connection, const QualifiedName& table,
                      const std::string& key) {
  return connection.copy_out(
      "COPY (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.textsend(ROW(" + key +
          ")::text)), 'hex') COLLATE \"C\", ROW(" + key + ")::text FROM " + quote_name(table) +
          " ORDER BY 1) TO STDOUT",
      false);
}

LostRows merge(pg::Connection& former, pg::Connection& current, const QualifiedName& table,
               const std::string& key) {
  pg::CopyOut left = copy_keys(former, table, key), right = copy_keys(current, table, key);
  LostRows lost{quote_name_pretty(table), 0, {}, true};
  const auto next = [](pg::CopyOut& copy) -> std::optional<std::string> {
    const std::optional<std::string_view> row = copy.next();
    return row ? std::optional<std::string>(*row) : std::nullopt;
  };
  std::optional<std::string> a = next(left), b = next(right);
  while (a) {
    const int order = b ? a->compare(0, kHashLength, *b, 0, kHashLength) : -1;
    if (order < 0) {
      ++lost.rows;
      if (lost.first_keys.size() < kMostKeys) {
        lost.first_keys.push_back(a->substr(kHashLength + 1, a->size() - kHashLength - 2));
      }
    }
    if (order >= 0) b = next(right);
    if (order <= 0) a = next(left);
  }
  while (b) b = next(right);
  return lost;
}

LostRows compare_table(pg::Connection& former, pg::Connection& current, const QualifiedName& table,
                       const std::string& key, const Keys& present) {
  const auto there = present.find(table);
  if (there != present.end() && !key.empty() && there->second == key) {
    return merge(former, current, table, key);
  }
  const std::uint64_t before = count_rows(former, table);
  const std::uint64_t now = there == present.end() ? 0 : count_rows(current, table);
  return {quote_name_pretty(table), before > now ? before - now : 0, {}, there == present.end()};
}

}  // namespace

std::uint64_t LostRowsReport::total() const {
  std::uint64_t sum = 0;
  for (const LostRows& table : tables) sum += table.rows;
  return sum;
}

LostRowsReport count_lost_rows(const pg::ConnectTarget& former, const pg::ConnectTarget& current,
                               Environment& environment) {
  LostRowsReport report;
  pg::ConnectOptions options;
  options.kind = pg::SessionKind::contents;
  options.application_name = "belay rollback: rows";
  options.cancellation = &environment.cancellation;
  try {
    pg::Connection left = pg::Connection::connect(former, options);
    pg::Connection right = pg::Connection::connect(current, options);
    const Keys tables = read_keys(left), present = read_keys(right);
    for (const auto& [table, key] : tables) {
      try {
        LostRows lost = compare_table(left, right, table, key, present);
        if (lost.rows > 0) report.tables.push_back(std::move(lost));
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::sql) throw;
        report.not_counted.push_back(quote_name_pretty(table) + ": " + error.what());
      }
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    report.not_counted.emplace_back(error.what());
  }
  return report;
}

}  // namespace belay::restore
