// Tables, views, sequences, and what hangs on them, as properties.
#include <algorithm>

#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

namespace {

Json columns_json(const std::vector<Column>& columns) {
  Json list = Json::array();
  for (const Column& column : columns) {
    Json entry = {{"name", column.name}, {"type", column.type}};
    add_text(entry, "collation", column.collation);
    add_flag(entry, "not_null", column.not_null);
    add_text(entry, "not_null_name", column.not_null_name);
    add_text(entry, "not_null_comment", column.not_null_comment);
    add_flag(entry, "not_null_no_inherit", column.not_null_no_inherit);
    add_letter(entry, "identity", column.identity);
    add_letter(entry, "generated", column.generated);
    if (column.default_expression) entry["default"] = *column.default_expression;
    add_text(entry, "comment", column.comment);
    add_acl(entry, column.acl);
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
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
  properties["columns"] = columns_json(table.columns);
  add_flag(properties, "unlogged", table.persistence == 'u');
  add_text(properties, "partition_key", table.partition_key);
  add_text(properties, "partition_of", names.relation(table.partition_of));
  add_text(properties, "partition_bound", table.partition_bound);
  description.table = table.address.objid;
}

void describe(const Names&, const View& view, Description& description) {
  Json& properties = description.properties;
  properties["definition"] = view.definition;
  properties["columns"] = columns_json(view.columns);
  if (!view.options.empty()) properties["options"] = sorted(view.options);
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
}

void describe(const Names&, const Trigger& trigger, Description& description) {
  description.implied = trigger.parent != 0;
  Json& properties = description.properties;
  properties["definition"] = trigger.definition;
  if (trigger.enabled != 'O') add_letter(properties, "enabled", trigger.enabled);
}

}  // namespace belay::catalog
