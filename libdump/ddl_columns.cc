// Columns inside CREATE TABLE, and what a table that inherits must change of what it inherited.
#include <algorithm>

#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Column;
using catalog::Table;

namespace {

bool is_generated(const Column& column) { return column.generated != 0; }

class Columns {
 public:
  Columns(const Lookup& lookup, const Table& table) : lookup_(lookup), table_(table) {
    for (const catalog::Parent& parent : table.parents) {
      if (const auto* found = lookup.find<Table>({catalog::class_oid::kClass, parent.oid})) {
        parents_.push_back(found);
      }
    }
  }

  bool is_printed(const Column& column) const { return table_.parents.empty() || column.local; }

  std::string definition(const Column& column) const {
    std::string text = quote_identifier_pretty(column.name) + ' ' + column.type;
    if (!column.collation.empty()) text += " COLLATE " + column.collation;
    return text + value_clause(column) + not_null(column);
  }

  // Of a typed table; empty if the type says it all.
  std::string options(const Column& column) const {
    const std::string text = value_clause(column) + not_null(column);
    if (text.empty()) return text;
    return quote_identifier_pretty(column.name) + " WITH OPTIONS" + text;
  }

  // A column that only is inherited, and yet is not null by a constraint of its own (servers from
  // 18 on).
  std::string not_null_constraint(const Column& column) const {
    if (!column.not_null || !column.not_null_local || column.not_null_name.empty()) return {};
    return "CONSTRAINT " + quote_identifier_pretty(column.not_null_name) + " NOT NULL " +
           quote_identifier_pretty(column.name) + (column.not_null_no_inherit ? " NO INHERIT" : "");
  }

  // What the table has unlike its parents, where its own definition does not say so.
  void add_differences(Entry& entry) const {
    for (const Column& column : table_.columns) {
      const std::string alter = "ALTER TABLE ONLY " + quote_name_pretty(table_.name) +
                                " ALTER COLUMN " + quote_identifier_pretty(column.name);
      add_value(entry, alter, column);
      if (column.not_null_name.empty()) add_not_null(entry, alter, column);
      if (column.storage == 0 && column.type_storage != 0 &&
          any_parent(column, [](const Column& other) { return other.storage != 0; })) {
        entry.create.push_back(alter + " SET STORAGE " +
                               std::string(storage_word(column.type_storage)));
      }
      if (column.compression == 0 &&
          any_parent(column, [](const Column& other) { return other.compression != 0; })) {
        entry.create.push_back(alter + " SET COMPRESSION default");
      }
    }
  }

  // The same column as far as merging it with the parents' asks.
  std::string bare_definition(const Column& column) const {
    std::string text = quote_identifier_pretty(column.name) + ' ' + column.type;
    if (!column.collation.empty()) text += " COLLATE " + column.collation;
    if (const Column* parent = of_parent(column); parent && is_generated(*parent)) {
      text += generation(*parent);
    }
    if (has_name_of_its_own(column)) text += not_null_clause(column.not_null_name, {});
    return text;
  }

  // Inherited, and yet not called as the first parent's (servers from 18 on).
  bool has_name_of_its_own(const Column& column) const {
    if (!column.not_null || column.not_null_local || column.not_null_name.empty()) return false;
    for (const Table* parent : parents_) {
      for (const Column& other : parent->columns) {
        if (other.name != column.name || !other.not_null || other.not_null_no_inherit) continue;
        return other.not_null_name != column.not_null_name;
      }
    }
    return false;
  }

  // As some parent has it; nullptr: none has.
  const Column* of_parent(const Column& column) const {
    for (const Table* parent : parents_) {
      for (const Column& other : parent->columns) {
        if (other.name == column.name) return &other;
      }
    }
    return nullptr;
  }

 private:
  static std::string generation(const Column& column) {
    return " GENERATED ALWAYS AS (" + column.default_expression.value_or("NULL") + ')' +
           (column.generated == 'v' ? " VIRTUAL" : " STORED");
  }

  template <typename Predicate>
  bool any_parent(const Column& column, const Predicate& predicate) const {
    return std::any_of(parents_.begin(), parents_.end(), [&](const Table* parent) {
      return std::any_of(parent->columns.begin(), parent->columns.end(), [&](const Column& other) {
        return other.name == column.name && predicate(other);
      });
    });
  }

  bool is_separate(const Column& column) const {
    return lookup_.is_separate({catalog::class_oid::kAttrDef, column.default_oid});
  }

  // Whether the parents make the column generated, and just so.
  bool inherits_generation(const Column& column) const {
    return any_parent(column, is_generated) && !any_parent(column, [&](const Column& other) {
             return other.generated != column.generated ||
                    other.default_expression != column.default_expression;
           });
  }

  std::string value_clause(const Column& column) const {
    if (!column.default_expression) {
      const bool overrides = any_parent(column, [this](const Column& other) {
        return other.default_expression && !is_generated(other) && !is_separate(other);
      });
      return overrides ? " DEFAULT NULL" : "";
    }
    if (is_generated(column)) {
      if (inherits_generation(column)) return "";
      return generation(column);
    }
    return is_separate(column) ? "" : " DEFAULT " + *column.default_expression;
  }

  std::string not_null(const Column& column) const {
    if (!column.not_null) return "";
    if (!column.not_null_local && table_.partition_of == 0) return "";
    // A comment hangs on the name, so the name must not be left to the server; nor where a
    // partition that is made before its parent may have taken it (servers from 18 on choose
    // another then).
    const std::string usual = column.not_null_comment.empty() && table_.partition_key.empty()
                                  ? table_.name.name + '_' + column.name + "_not_null"
                                  : std::string();
    return not_null_clause(column.not_null_name, usual) +
           (column.not_null_no_inherit ? " NO INHERIT" : "");
  }

  void add_value(Entry& entry, const std::string& alter, const Column& column) const {
    if (is_generated(column)) return;
    if (column.default_expression) {
      if (is_printed(column) || is_separate(column)) return;
      entry.create.push_back(alter + " SET DEFAULT " + *column.default_expression);
      return;
    }
    if (any_parent(column, [](const Column& other) {
          return other.default_expression && !is_generated(other);
        })) {
      entry.create.push_back(alter + " DROP DEFAULT");
    }
  }

  // Servers before 18, where a column is not null or is not.
  void add_not_null(Entry& entry, const std::string& alter, const Column& column) const {
    const bool inherited = any_parent(column, [](const Column& other) { return other.not_null; });
    if (column.not_null && !inherited && !is_printed(column)) {
      entry.create.push_back(alter + " SET NOT NULL");
    }
    if (!column.not_null && inherited) entry.create.push_back(alter + " DROP NOT NULL");
  }

  const Lookup& lookup_;
  const Table& table_;
  std::vector<const Table*> parents_;
};

}  // namespace

std::vector<std::string> column_definitions(const Lookup& lookup, const Table& table) {
  const Columns columns(lookup, table);
  std::vector<std::string> parts;
  for (const Column& column : table.columns) {
    std::string part;
    if (!table.of_type.empty()) {
      part = columns.options(column);
    } else if (columns.is_printed(column)) {
      part = columns.definition(column);
    } else {
      part = columns.not_null_constraint(column);
    }
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return parts;
}

bool needs_scaffold(const Lookup& lookup, const Table& table) {
  if (table.parents.empty()) return false;
  const Columns columns(lookup, table);
  return table.own_order ||
         std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& column) { return columns.has_name_of_its_own(column); });
}

// INHERITS takes the columns, and the names of not-null constraints, of the first parent first. So
// one is made with the columns in their true order, which the real parents' are merged with, and
// leaves again.
std::string add_scaffold(const Lookup& lookup, const Table& table, Entry& entry) {
  QualifiedName name{table.name.schema, "belay_scaffold"};
  const auto is_taken = [&](const auto& relation) { return relation.second.name == name; };
  while (std::any_of(lookup.relations.begin(), lookup.relations.end(), is_taken)) name.name += '_';
  const std::string quoted = quote_name_pretty(name);
  const Columns columns(lookup, table);
  std::vector<std::string> parts, storage;
  for (const Column& column : table.columns) {
    parts.push_back("\n    " + columns.bare_definition(column));
    const Column* parent = columns.of_parent(column);
    if (!parent || parent->storage == 0) continue;
    storage.push_back("ALTER TABLE " + quoted + " ALTER COLUMN " +
                      quote_identifier_pretty(column.name) + " SET STORAGE " +
                      std::string(storage_word(parent->storage)));
  }
  entry.create.push_back("CREATE TABLE " + quoted + " (" + joined(parts, ",") + "\n)");
  entry.create.insert(entry.create.end(), storage.begin(), storage.end());
  return quoted;
}

void remove_scaffold(const Table& table, const std::string& scaffold, Entry& entry) {
  entry.create.push_back("ALTER TABLE " + quote_name_pretty(table.name) + " NO INHERIT " +
                         scaffold);
  entry.create.push_back("DROP TABLE " + scaffold);
}

void add_differences_from_parents(const Lookup& lookup, const Table& table, Entry& entry) {
  if (!table.parents.empty()) Columns(lookup, table).add_differences(entry);
}

}  // namespace belay::dump
