#include "librestore/rescue.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/pg/connection.h"
#include "librestore/embedded_sql.h"

namespace belay::restore {
namespace {

constexpr std::size_t kHashLength = 64;

// One side of the comparison.
struct Side {
  std::string columns, key;  // quoted lists; an empty key: none
  bool there = false;
};

QualifiedName find_table(pg::Connection& former, const std::string& name) {
  const pg::Result rows = former.query(sql_for(former, "tables_named"), {name});
  if (rows.rows() == 1) return {rows.string(0, 0), rows.string(0, 1)};
  if (rows.rows() == 0) {
    throw Error(ErrorKind::usage, "no such table in the database that was kept").object(name);
  }
  std::vector<std::string> found;
  for (int row = 0; row < rows.rows(); ++row) {
    found.push_back(quote_name_pretty({rows.string(row, 0), rows.string(row, 1)}));
  }
  throw Error(ErrorKind::usage, "several tables have that name")
      .object(name)
      .cause(fmt::format("{}", fmt::join(found, ", ")))
      .next("name it with its schema");
}

Side look_at(pg::Connection& connection, const QualifiedName& table) {
  const pg::Result row = connection.query(sql_for(connection, "rescue_table"), {quote_name(table)});
  if (row.rows() == 0) return {};
  return {row.string(0, 0), row.string(0, 1), true};
}

// "<64 digits>" and what follows, in the order of the digits, which is the same on every server.
std::string hashed(const QualifiedName& table, const std::string& key, const std::string& columns,
                   std::string_view with) {
  return fmt::format(
      "COPY (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.textsend(ROW({})::text)), "
      "'hex') COLLATE \"C\"{}{} FROM {} ORDER BY 1) TO STDOUT{}",
      key, columns.empty() ? "" : ", ", columns, quote_name(table), with);
}

std::uint64_t write_lost(pg::CopyOut rows, pg::CopyOut present,
                         const std::function<void(std::string_view)>& write) {
  std::uint64_t written = 0;
  const auto next = [&]() -> std::optional<std::string> {
    const std::optional<std::string_view> digits = present.next();
    return digits ? std::optional<std::string>(digits->substr(0, kHashLength)) : std::nullopt;
  };
  std::optional<std::string> digits = next();
  while (const std::optional<std::string_view> row = rows.next()) {
    const std::string_view mine = row->substr(0, kHashLength);
    while (digits && *digits < mine) digits = next();
    if (digits && *digits == mine) continue;
    write(row->substr(kHashLength + 1));
    ++written;
  }
  while (digits) digits = next();
  return written;
}

std::uint64_t write_all(pg::CopyOut rows, const std::function<void(std::string_view)>& write) {
  std::uint64_t written = 0;
  while (const std::optional<std::string_view> row = rows.next()) {
    write(*row);
    ++written;
  }
  return written;
}

}  // namespace

Rescued rescue_rows(const pg::ConnectTarget& former, const pg::ConnectTarget& current,
                    const RescueOptions& options,
                    const std::function<void(std::string_view bytes)>& write,
                    Environment& environment) {
  pg::ConnectOptions how;
  how.kind = pg::SessionKind::contents;
  how.application_name = "belay rescue";
  how.cancellation = &environment.cancellation;
  pg::Connection left = pg::Connection::connect(former, how);
  pg::Connection right = pg::Connection::connect(current, how);
  Rescued rescued;
  rescued.table = find_table(left, options.table);
  const Side mine = look_at(left, rescued.table), other = look_at(right, rescued.table);
  rescued.columns = mine.columns;
  if (other.there && (mine.key.empty() || mine.key != other.key)) {
    throw Error(ErrorKind::usage, "rows cannot be told apart")
        .object(quote_name_pretty(rescued.table))
        .cause(mine.key.empty() ? "the table has no primary key"
                                : "its primary key is another one now")
        .next("take what is needed with psql from the database that was kept");
  }
  const bool csv = options.format == RescueOptions::Format::csv;
  const std::string_view with = csv ? " WITH (FORMAT csv)" : "";
  if (csv) write(mine.columns + "\n");
  rescued.rows =
      other.there
          ? write_lost(left.copy_out(hashed(rescued.table, mine.key, mine.columns, with), false),
                       right.copy_out(hashed(rescued.table, mine.key, "", ""), false), write)
          : write_all(left.copy_out(fmt::format("COPY (SELECT {} FROM {}) TO STDOUT{}",
                                                mine.columns, quote_name(rescued.table), with),
                                    false),
                      write);
  return rescued;
}

}  // namespace belay::restore
