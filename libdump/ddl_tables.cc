// Sequences, tables, partitions and column defaults.
#include <limits>

#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Column;
using catalog::Part;
using catalog::Sequence;
using catalog::Table;

namespace {

struct Bounds {
  std::int64_t lowest, highest;
};
Bounds bounds(const std::string& type) {
  if (type == "smallint") {
    return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
  }
  if (type == "integer") {
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
  return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
}

std::string sequence_options(const Sequence& sequence, std::string_view indent) {
  const bool up = sequence.increment > 0;
  const Bounds range = bounds(sequence.type);
  const std::int64_t default_minimum = up ? 1 : range.lowest;
  const std::int64_t default_maximum = up ? range.highest : -1;
  const std::string line = '\n' + std::string(indent);
  std::string text = line + "START WITH " + std::to_string(sequence.start) + line +
                     "INCREMENT BY " + std::to_string(sequence.increment) + line;
  text += sequence.minimum == default_minimum ? "NO MINVALUE"
                                              : "MINVALUE " + std::to_string(sequence.minimum);
  text += line;
  text += sequence.maximum == default_maximum ? "NO MAXVALUE"
                                              : "MAXVALUE " + std::to_string(sequence.maximum);
  text += line + "CACHE " + std::to_string(sequence.cache);
  if (sequence.cycle) text += line + "CYCLE";
  return text;
}

const Column& owning_column(const Lookup::Relation& relation, const Sequence& sequence) {
  for (const Column& column : *relation.columns) {
    if (column.number == sequence.owner_column) return column;
  }
  throw Error(ErrorKind::backup_failed, "a sequence belongs to a column that does not exist")
      .object(quote_name_pretty(sequence.name));
}

std::string identity_statement(const Lookup& lookup, const Sequence& sequence) {
  const Lookup::Relation& table = lookup.relation(sequence.owner_table, sequence);
  const Column& column = owning_column(table, sequence);
  std::string text = "ALTER TABLE " + quote_name_pretty(table.name) + " ALTER COLUMN " +
                     quote_identifier_pretty(column.name) + " ADD GENERATED " +
                     (column.identity == 'd' ? "BY DEFAULT" : "ALWAYS") +
                     " AS IDENTITY (\n    SEQUENCE NAME " + quote_name_pretty(sequence.name);
  // Made like its table, unless changed later; before 15 there are no unlogged sequences.
  const auto* found = lookup.find<Table>({catalog::class_oid::kClass, sequence.owner_table});
  const char usual = found ? found->persistence : 'p';
  if (lookup.catalog.identity.server_major() >= 15 && sequence.persistence != usual) {
    text += sequence.persistence == 'u' ? "\n    UNLOGGED" : "\n    LOGGED";
  }
  return text + sequence_options(sequence, "    ") + "\n)";
}

std::string constraint_target(const std::string& constraint, const Table& table) {
  return "CONSTRAINT " + quote_identifier_pretty(constraint) + " ON " +
         quote_name_pretty(table.name);
}

void render_ownership(const Lookup& lookup, const Sequence& sequence, Entry& entry) {
  entry.kind = "sequence ownership";
  const Lookup::Relation& table = lookup.relation(sequence.owner_table, sequence);
  entry.create.push_back("ALTER SEQUENCE " + quote_name_pretty(sequence.name) + " OWNED BY " +
                         quote_name_pretty(table.name) + '.' +
                         quote_identifier_pretty(owning_column(table, sequence).name));
}

// Never CREATE TABLE ... PARTITION OF: standing alone first keeps the order of the columns.
void render_attachment(const Lookup& lookup, const Table& table, Entry& entry) {
  entry.kind = "table attachment";
  entry.create.push_back(
      "ALTER TABLE ONLY " + quote_name_pretty(lookup.relation(table.partition_of, table).name) +
      " ATTACH PARTITION " + quote_name_pretty(table.name) + ' ' + table.partition_bound);
}

std::string inherits_clause(const Table& table, const std::string& scaffold) {
  std::vector<std::string> parents;
  if (!scaffold.empty()) parents.push_back(scaffold);
  for (const catalog::Parent& parent : table.parents) parents.push_back(parent.name);
  return "\nINHERITS (" + joined(parents, ", ") + ')';
}

void add_comments_on_inherited_checks(const Lookup& lookup, const Table& table, Entry& entry) {
  for (const catalog::Constraint& check : lookup.catalog.constraints) {
    if (check.table != table.address.objid || check.type != 'c' || check.local) continue;
    if (!check.has_comment || comes_with_ancestor(lookup, table, 'c', check.name.name)) continue;
    add_comment(entry, constraint_target(check.name.name, table), check);
  }
}

void render_row_security(const Table& table, Entry& entry) {
  entry.kind = "row security";
  const std::string alter = "ALTER TABLE " + quote_name_pretty(table.name);
  if (table.row_security) entry.create.push_back(alter + " ENABLE ROW LEVEL SECURITY");
  if (table.force_row_security) entry.create.push_back(alter + " FORCE ROW LEVEL SECURITY");
}

}  // namespace

std::string not_null_clause(const std::string& given_name, const std::string& default_name) {
  // Longer ones are cut in a way of their own.
  constexpr std::size_t kLongestName = 63;
  if (given_name.empty() || (given_name == default_name && default_name.size() <= kLongestName)) {
    return " NOT NULL";
  }
  return " CONSTRAINT " + quote_identifier_pretty(given_name) + " NOT NULL";
}

void render(const Lookup& lookup, const Sequence& sequence, Part part, Entry& entry) {
  if (part == Part::own) return render_ownership(lookup, sequence, entry);
  const std::string target = "SEQUENCE " + quote_name_pretty(sequence.name);
  if (sequence.is_identity) {
    entry.create.push_back(identity_statement(lookup, sequence));  // the owner is the table's
  } else {
    std::string create = "CREATE ";
    if (sequence.persistence == 'u') create += "UNLOGGED ";
    create += target;
    if (sequence.type != "bigint") create += "\n    AS " + sequence.type;
    entry.create.push_back(create + sequence_options(sequence, "    "));
    add_owner(entry, target, sequence);
  }
  add_comment(entry, target, sequence);
  add_grants(lookup, entry, sequence, Grantable::sequence, target);
  add_column_grants(lookup, entry, sequence, {}, "TABLE " + quote_name_pretty(sequence.name));
}

void render(const Lookup& lookup, const Table& table, Part part, Entry& entry) {
  if (part == Part::attach) return render_attachment(lookup, table, entry);
  if (part == Part::row_security) return render_row_security(table, entry);
  const bool foreign = table.kind == catalog::TableKind::foreign;
  const std::string name = "TABLE " + quote_name_pretty(table.name);
  const std::string target = (foreign ? "FOREIGN " : "") + name;
  std::vector<std::string> parts;
  for (const std::string& column : column_definitions(lookup, table)) {
    parts.push_back("\n    " + column);
  }
  const auto checks = lookup.inline_checks.find(table.address);
  if (checks != lookup.inline_checks.end()) {
    for (const catalog::Constraint* check : checks->second) {
      parts.push_back("\n    CONSTRAINT " + quote_identifier_pretty(check->name.name) + ' ' +
                      check->definition);
    }
  }
  const std::string scaffold =
      needs_scaffold(lookup, table) ? add_scaffold(lookup, table, entry) : std::string();
  std::string create = table.persistence == 'u' ? "CREATE UNLOGGED " : "CREATE ";
  create += target;
  if (!table.of_type.empty()) create += " OF " + table.of_type;
  if (table.of_type.empty() || !parts.empty()) {
    create += " (" + joined(parts, ",") + (parts.empty() ? ")" : "\n)");
  }
  if (!table.parents.empty()) create += inherits_clause(table, scaffold);
  if (table.kind == catalog::TableKind::partitioned) {
    create += "\nPARTITION BY " + table.partition_key;
  }
  if (foreign) {
    create +=
        "\nSERVER " + quote_identifier_pretty(table.server) + options_clause(table.foreign_options);
  }
  if (!table.storage.access_method.empty()) {
    create += "\nUSING " + quote_identifier_pretty(table.storage.access_method);
  }
  create += with_clause(table.storage.options);
  entry.create.push_back(std::move(create));
  entry.tablespace = table.storage.tablespace;
  if (!scaffold.empty()) remove_scaffold(table, scaffold, entry);
  add_differences_from_parents(lookup, table, entry);
  add_column_attributes(entry, table.name, table.columns);
  add_replica_identity(entry, table.name, table.replica_identity);
  add_owner(entry, target, table);
  add_comment(entry, target, table);
  add_column_comments(entry, table.name, table.columns);
  for (const Column& column : table.columns) {
    if (column.not_null_comment.empty()) continue;
    if (!column.not_null_local && comes_with_ancestor(lookup, table, 'n', column.not_null_name)) {
      continue;
    }
    add_comment(entry, constraint_target(column.not_null_name, table), column.not_null_comment);
  }
  if (checks != lookup.inline_checks.end()) {
    for (const catalog::Constraint* check : checks->second) {
      add_comment(entry, constraint_target(check->name.name, table), *check);
    }
  }
  if (!table.parents.empty()) add_comments_on_inherited_checks(lookup, table, entry);
  add_grants(lookup, entry, table, Grantable::relation, name);
  add_column_grants(lookup, entry, table, table.columns, name);
}

// The extension makes the table, and perhaps the column, too.
void render(const Lookup& lookup, const catalog::ExtensionTable& table, Part part, Entry& entry) {
  if (part == Part::row_security) return render_row_security(table, entry);
  if (table.altered.empty()) return;
  catalog::Table altered = table;
  altered.columns = altered_columns(table);
  const std::string alter = "ALTER TABLE ONLY " + quote_name_pretty(table.name);
  for (const std::string& definition : column_definitions(lookup, altered)) {
    entry.create.push_back(alter + " ADD COLUMN IF NOT EXISTS " + definition);
  }
  for (const Column& column : altered.columns) {
    const std::string of = alter + " ALTER COLUMN " + quote_identifier_pretty(column.name);
    if (column.default_expression && column.generated == 0) {
      entry.create.push_back(of + " SET DEFAULT " + *column.default_expression);
    }
    if (column.not_null) entry.create.push_back(of + " SET NOT NULL");
  }
  add_column_attributes(entry, table.name, altered.columns);
}
// The extension makes it.
void render(const Lookup&, const catalog::ExtensionSequence&, Part, Entry&) {}

void render(const Lookup&, const Lookup::Default& value, Entry& entry) {
  entry.kind = "default";
  entry.schema = value.object->name.schema;
  entry.name = name_on(value.column->name, value.object->name);
  entry.owner = value.object->owner;
  entry.create.push_back("ALTER TABLE ONLY " + quote_name_pretty(value.object->name) +
                         " ALTER COLUMN " + quote_identifier_pretty(value.column->name) +
                         " SET DEFAULT " + *value.column->default_expression);
}

}  // namespace belay::dump
