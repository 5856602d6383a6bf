// Definitions that the server need not write. It opens the table, or looks up each column, for each
// that it writes, which is most of the time that reading a large schema takes.
#include <map>
#include <optional>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

// Class and type -> the collation that goes without saying, too.
using Defaults = std::map<std::pair<Oid, Oid>, Oid>;

Defaults defaults_of(const pg::Result& rows) {
  Defaults defaults;
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Oid op_class = row.oid("class"), type = row.oid("type");
    defaults.emplace(std::pair(op_class, type), row.oid("collation"));
  }
  return defaults;
}

// A name that is not quoted here is not quoted by the server: it quotes its own key words, belay
// those of all servers.
bool is_plain(const std::string& name) { return quote_identifier_pretty(name) == name; }

// Tables and materialized views whose names nobody quotes.
class PlainNames {
 public:
  explicit PlainNames(const Catalog& catalog) {
    for (const Table& table : catalog.tables) add(table);
    for (const View& view : catalog.views) add(view);
  }

  // "schema.name", or nothing.
  const std::string* relation(Oid oid) const {
    const auto found = relations_.find(oid);
    return found == relations_.end() ? nullptr : &found->second.name;
  }

  const Column* column(Oid relation, std::int64_t number) const {
    const auto found = relations_.find(relation);
    if (found == relations_.end()) return nullptr;
    for (const Column& column : *found->second.columns) {
      if (column.number == number) return is_plain(column.name) ? &column : nullptr;
    }
    return nullptr;
  }

  // "(a, b)", or nothing.
  std::optional<std::string> columns(Oid relation, const std::vector<std::int64_t>& numbers) const {
    if (numbers.empty()) return std::nullopt;
    std::string text;
    for (const std::int64_t number : numbers) {
      const Column* found = column(relation, number);
      if (!found) return std::nullopt;
      text += (text.empty() ? "(" : ", ") + found->name;
    }
    return text + ')';
  }

 private:
  struct Relation {
    std::string name;
    const std::vector<Column>* columns;
  };

  template <typename T>
  void add(const T& relation) {
    if (!is_plain(relation.name.schema) || !is_plain(relation.name.name)) {
      return;
    }
    relations_.try_emplace(relation.address.objid, relation.name.schema + '.' + relation.name.name,
                           &relation.columns);
  }

  ByOid<Relation> relations_;
};

// Whether the columns' names alone say all, where class and collation go without saying.
bool are_silent(const Row& row, Oid table, const std::vector<std::int64_t>& keys,
                const PlainNames& names, const Defaults& defaults) {
  const std::vector<Oid> classes = row.oids("operator_classes"),
                         collations = row.oids("collations");
  if (classes.size() != keys.size() || collations.size() != keys.size()) return false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Column* column = names.column(table, keys[i]);
    if (!column || !column->collation.empty()) return false;
    const auto silent = defaults.find({classes[i], column->type_oid});
    if (silent == defaults.end() || silent->second != collations[i]) return false;
  }
  return true;
}

// What the server writes behind REFERENCES, or nothing.
std::optional<std::string> reference(const Row& row, const Constraint& constraint,
                                     const PlainNames& names) {
  const std::string* table = names.relation(constraint.referenced_table);
  const auto keys = names.columns(constraint.referenced_table, row.integers("referenced_keys"));
  if (!table || !keys) return std::nullopt;
  std::string text = *table + *keys;
  for (const auto& [event, column] :
       {std::pair(" ON UPDATE ", "on_update"), std::pair(" ON DELETE ", "on_delete")}) {
    switch (row.letter(column)) {
      case 'a':
        break;
      case 'r':
        text.append(event).append("RESTRICT");
        break;
      case 'c':
        text.append(event).append("CASCADE");
        break;
      default:
        return std::nullopt;
    }
  }
  return text;
}

// f(object, row) for those whose row has an empty definition; they were read in the order of the
// rows.
template <typename T, typename F>
void for_each_undefined(const pg::Result& rows, std::vector<T>& objects, F f) {
  const int oid = rows.column("oid");
  int number = 0;
  for (T& object : objects) {
    while (rows.oid(number, oid) != object.address.objid) ++number;
    if (object.definition.empty()) f(object, Row(rows, number));
  }
}

// Columns of plain indexes that a constraint owns, by the constraint.
using KeyColumns = ByOid<std::string>;

std::vector<Index*> define_plain_indexes(Reading& reading, const PlainNames& names,
                                         KeyColumns& key_columns) {
  const Defaults defaults = defaults_of(reading.result("operator_class_defaults"));
  std::vector<Index*> others;
  for_each_undefined(
      reading.result("indexes"), reading.catalog.indexes, [&](Index& index, const Row& row) {
        const std::string method = row.text("access_method");
        const std::vector<std::int64_t> keys = row.integers("keys");
        const std::string* table = names.relation(index.table);
        const auto columns = names.columns(index.table, keys);
        if (!table || !columns || !is_plain(index.name.name) || !is_plain(method) ||
            !are_silent(row, index.table, keys, names, defaults)) {
          others.push_back(&index);
          return;
        }
        index.definition = (row.boolean("is_unique") ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                           index.name.name + (index.on_partitioned ? " ON ONLY " : " ON ") +
                           *table + " USING " + method + ' ' + *columns;
        if (index.constraint != 0) key_columns.try_emplace(index.constraint, *columns);
      });
  return others;
}

std::vector<Constraint*> define_plain_constraints(Reading& reading, const PlainNames& names,
                                                  const KeyColumns& key_columns) {
  std::vector<Constraint*> others;
  for_each_undefined(
      reading.result("constraints"), reading.catalog.constraints,
      [&](Constraint& constraint, const Row& row) {
        if (constraint.type == 'f') {
          const auto columns = names.columns(constraint.table, row.integers("keys"));
          const auto referenced = reference(row, constraint, names);
          if (columns && referenced) {
            constraint.definition = "FOREIGN KEY " + *columns + " REFERENCES " + *referenced;
          }
        } else if (const auto columns = key_columns.find(constraint.address.objid);
                   columns != key_columns.end()) {
          constraint.definition =
              (constraint.type == 'p' ? "PRIMARY KEY " : "UNIQUE ") + columns->second;
        }
        if (constraint.definition.empty()) others.push_back(&constraint);
      });
  return others;
}

}  // namespace

Undefined define_plain(Reading& reading) {
  const PlainNames names(reading.catalog);
  KeyColumns key_columns;
  Undefined undefined;
  undefined.indexes = define_plain_indexes(reading, names, key_columns);
  undefined.constraints = define_plain_constraints(reading, names, key_columns);
  return undefined;
}

}  // namespace belay::catalog
