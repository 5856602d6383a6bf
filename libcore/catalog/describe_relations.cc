// Tables, views, sequences, and what hangs on them, as properties.
#include <algorithm>

#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

namespace {

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

void add_storage(Json& properties, const Storage& storage) {
  add_text(properties, "tablespace", storage.tablespace);
  add_text(properties, "access_method", storage.access_method);
  if (!storage.options.empty()) properties["options"] = sorted(storage.options);
}

void add_replica_identity(Json& properties, char letter) {
  if (letter != 'd') add_letter(properties, "replica_identity", letter);
}

Json columns_json(const std::vector<Column>& columns, bool inherits = false) {
  Json list = Json::array();
  for (const Column& column : columns) {
    Json entry = {{"name", column.name}, {"type", column.type}};
    add_text(entry, "collation", column.collation);
    add_flag(entry, "not_null", column.not_null);
    add_text(entry, "not_null_name", column.not_null_name);
    add_text(entry, "not_null_comment", column.not_null_comment);
    add_flag(entry, "not_null_no_inherit", column.not_null_no_inherit);
    add_flag(entry, "inherited", inherits && !column.local);
    add_flag(entry, "not_null_inherited", inherits && !column.not_null_local);
    add_letter(entry, "identity", column.identity);
    add_letter(entry, "generated", column.generated);
    add_letter(entry, "storage", column.storage);
    add_letter(entry, "compression", column.compression);
    if (column.statistics >= 0) entry["statistics"] = column.statistics;
    if (!column.options.empty()) entry["options"] = sorted(column.options);
    add_options(entry, "foreign_options", column.foreign_options);
    if (column.default_expression) entry["default"] = *column.default_expression;
    add_text(entry, "comment", column.comment);
    add_labels(entry, column.labels);
    add_acl(entry, column.acl);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

void describe(const Names& names, const Sequence& sequence, Description& description) {
  Json& properties = description.properties;
  properties["type"] = sequence.type;
  properties["start"] = sequence.start;
  properties["increment"] = sequence.increment;
  properties["minimum"] = sequence.minimum;
  properties["maximum"] = sequence.maximum;
  properties["cache"] = sequence.cache;
  add_flag(properties, "cycle", sequence.cycle);
  add_flag(properties, "unlogged", sequence.persistence == 'u');
  add_flag(properties, "identity", sequence.is_identity);
  if (sequence.owner_table != 0) {
    properties["owned_by"] = names.relation(sequence.owner_table) + "." +
                             names.column(sequence.owner_table, sequence.owner_column);
  }
}

void describe(const Names& names, const Table& table, Description& description) {
  Json& properties = description.properties;
  properties["columns"] = columns_json(table.columns, !table.parents.empty());
  for (const Parent& parent : table.parents) properties["inherits"].push_back(parent.name);
  add_text(properties, "server", table.server);
  add_options(properties, "foreign_options", table.foreign_options);
  add_text(properties, "of_type", table.of_type);
  add_flag(properties, "unlogged", table.persistence == 'u');
  add_text(properties, "partition_key", table.partition_key);
  add_text(properties, "partition_of", names.relation(table.partition_of));
  add_text(properties, "partition_bound", table.partition_bound);
  add_storage(properties, table.storage);
  add_replica_identity(properties, table.replica_identity);
  add_flag(properties, "row_security", table.row_security);
  add_flag(properties, "force_row_security", table.force_row_security);
  description.table = table.address.objid;
}

// What users added.
void describe(const Names&, const ExtensionTable& table, Description& description) {
  Json& properties = description.properties;
  add_flag(properties, "row_security", table.row_security);
  add_flag(properties, "force_row_security", table.force_row_security);
  if (!table.altered.empty()) properties["columns"] = columns_json(altered_columns(table));
  description.table = table.address.objid;
  description.implied = properties.empty();
}

void describe(const Names&, const View& view, Description& description) {
  Json& properties = description.properties;
  properties["definition"] = view.definition;
  properties["columns"] = columns_json(view.columns);
  add_storage(properties, view.storage);
  add_replica_identity(properties, view.replica_identity);
  add_text(properties, "check_option", view.check_option);
  if (view.materialized) properties["populated"] = view.populated;
}

void describe(const Names& names, const Constraint& constraint, Description& description) {
  description.kind = "constraint";
  description.implied = constraint.type == 'f' && constraint.parent != 0;
  Json& properties = description.properties;
  properties["definition"] = constraint.definition;
  add_letter(properties, "type", constraint.type);
  add_flag(properties, "not_valid", !constraint.validated);
  add_flag(properties, "inherited", constraint.inherited);
  if (const std::string domain = names.domain(constraint.domain); !domain.empty()) {
    description.identity = quote_identifier_pretty(constraint.name.name) + " on domain " + domain;
  }
}

void describe(const Names& names, const Index& index, Description& description) {
  Json& properties = description.properties;
  description.identity = quote_name_pretty(index.name);
  properties.erase("owner");  // the table's
  properties["definition"] = index.definition;
  add_flag(properties, "of_constraint", index.constraint != 0);
  add_flag(properties, "invalid", !index.valid);
  add_text(properties, "attached_to", names.relation(index.parent_index));
  add_storage(properties, index.storage);
  add_flag(properties, "clustered", index.clustered);
  add_flag(properties, "replica_identity", index.replica_identity);
  for (const auto& [column, target] : index.statistics) {
    properties["statistics"][std::to_string(column)] = target;
  }
}

void describe(const Names&, const Trigger& trigger, Description& description) {
  description.implied = trigger.parent != 0 && !trigger.differs_from_parent && !trigger.has_comment;
  Json& properties = description.properties;
  properties["definition"] = trigger.definition;
  if (trigger.enabled != 'O') add_letter(properties, "enabled", trigger.enabled);
}

void describe(const Names&, const Rule& rule, Description& description) {
  description.properties["definition"] = rule.definition;
  if (rule.enabled != 'O') add_letter(description.properties, "enabled", rule.enabled);
}

void describe(const Names&, const Policy& policy, Description& description) {
  Json& properties = description.properties;
  add_flag(properties, "restrictive", !policy.permissive);
  add_letter(properties, "command", policy.command);
  Json roles = Json::array();
  for (const std::string& role : policy.roles) {
    roles.push_back(role.empty() ? "PUBLIC" : quote_identifier_pretty(role));
  }
  properties["roles"] = std::move(roles);
  if (policy.filter) properties["using"] = *policy.filter;
  if (policy.check) properties["with_check"] = *policy.check;
}

}  // namespace belay::catalog
