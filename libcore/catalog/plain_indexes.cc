// Definitions that the server need not write. It opens the table for each that it writes, which is
// most of the time that reading a large schema takes.
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

using Columns = std::unordered_map<Oid, const std::vector<Column>*>;
// Class and type -> the collation that goes without saying, too.
using Defaults = std::map<std::pair<Oid, Oid>, Oid>;

Columns columns_by_relation(const Catalog& catalog) {
  Columns columns;
  for (const Table& table : catalog.tables) columns.emplace(table.address.objid, &table.columns);
  for (const View& view : catalog.views) columns.emplace(view.address.objid, &view.columns);
  return columns;
}

Defaults defaults_of(const pg::Result& rows) {
  Defaults defaults;
  const int op_class = rows.column("class"), type = rows.column("type");
  const int collation = rows.column("collation");
  for (int row = 0; row < rows.rows(); ++row) {
    defaults.emplace(std::pair(rows.oid(row, op_class), rows.oid(row, type)),
                     rows.oid(row, collation));
  }
  return defaults;
}

const Column* column_numbered(const std::vector<Column>& columns, std::int64_t number) {
  for (const Column& column : columns) {
    if (column.number == number) return &column;
  }
  return nullptr;
}

// Of an int2vector or an oidvector, "1 2 3".
std::vector<std::int64_t> numbers(const std::string& text) {
  std::vector<std::int64_t> numbers;
  std::istringstream words(text);
  for (std::int64_t number; words >> number;) numbers.push_back(number);
  return numbers;
}

// A name that is not quoted here is not quoted by the server: it quotes its own key words, belay
// those of all servers.
bool is_plain(const std::string& name) { return quote_identifier_pretty(name) == name; }

// "(a, b)": columns by their names alone, where class and collation go without saying.
std::optional<std::string> plain_keys(const Row& row, const std::vector<Column>& columns,
                                      const Defaults& defaults) {
  const auto keys = numbers(row.text("keys")), classes = numbers(row.text("operator_classes"));
  const auto collations = numbers(row.text("collations"));
  if (keys.empty() || classes.size() != keys.size() || collations.size() != keys.size()) {
    return std::nullopt;
  }
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Column* column = column_numbered(columns, keys[i]);
    if (!column || !column->collation.empty() || !is_plain(column->name)) return std::nullopt;
    const auto silent = defaults.find({static_cast<Oid>(classes[i]), column->type_oid});
    if (silent == defaults.end() || silent->second != static_cast<Oid>(collations[i]))
      return std::nullopt;
    text += (i == 0 ? "(" : ", ") + column->name;
  }
  return text + ')';
}

}  // namespace

std::vector<Index*> define_plain_indexes(Reading& reading) {
  const Columns columns = columns_by_relation(reading.catalog);
  const Defaults defaults = defaults_of(reading.result("operator_class_defaults"));
  const pg::Result& rows = reading.result("indexes");
  const int oid = rows.column("oid");
  std::unordered_map<Oid, int> row_of;
  for (int row = 0; row < rows.rows(); ++row) row_of.emplace(rows.oid(row, oid), row);
  std::unordered_map<Oid, const QualifiedName*> tables;
  for (const Table& table : reading.catalog.tables) {
    tables.emplace(table.address.objid, &table.name);
  }
  for (const View& view : reading.catalog.views) tables.emplace(view.address.objid, &view.name);

  std::vector<Index*> others;
  for (Index& index : reading.catalog.indexes) {
    if (!index.definition.empty()) continue;
    const Row row(rows, row_of.at(index.address.objid));
    const auto table = tables.find(index.table);
    const auto table_columns = columns.find(index.table);
    std::optional<std::string> keys;
    if (table != tables.end() && is_plain(index.name.name) && is_plain(table->second->schema) &&
        is_plain(table->second->name) && is_plain(row.text("access_method"))) {
      keys = plain_keys(row, *table_columns->second, defaults);
    }
    if (!keys) {
      others.push_back(&index);
      continue;
    }
    index.definition = (row.boolean("is_unique") ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                       index.name.name + (index.on_partitioned ? " ON ONLY " : " ON ") +
                       table->second->schema + '.' + table->second->name + " USING " +
                       row.text("access_method") + ' ' + *keys;
  }
  return others;
}

}  // namespace belay::catalog
