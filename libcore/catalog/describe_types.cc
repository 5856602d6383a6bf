// Types and collations as properties.
#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

void describe(const Names&, const Collation& collation, Description& description) {
  Json& properties = description.properties;
  add_letter(properties, "provider", collation.provider);
  add_flag(properties, "nondeterministic", !collation.deterministic);
  add_text(properties, "lc_collate", collation.lc_collate);
  add_text(properties, "lc_ctype", collation.lc_ctype);
  add_text(properties, "locale", collation.locale);
  add_text(properties, "icu_rules", collation.icu_rules);
}

void describe(const Names&, const ShellType&, Description&) {}

void describe(const Names&, const BaseType& type, Description& description) {
  Json& properties = description.properties;
  properties["functions"] = type.functions;
  properties["length"] = type.length;
  add_flag(properties, "by_value", type.by_value);
  add_letter(properties, "alignment", type.alignment);
  add_letter(properties, "storage", type.storage);
  properties["category"] = type.category;
  add_flag(properties, "preferred", type.preferred);
  properties["delimiter"] = type.delimiter;
  add_flag(properties, "collatable", type.collatable);
  add_text(properties, "element", type.element);
  if (type.default_value) properties["default"] = *type.default_value;
}

void describe(const Names&, const RangeType& type, Description& description) {
  Json& properties = description.properties;
  properties["subtype"] = type.subtype;
  add_text(properties, "operator_class", type.operator_class);
  add_text(properties, "collation", type.collation);
  add_text(properties, "canonical", type.canonical);
  add_text(properties, "subtype_diff", type.subtype_diff);
  add_text(properties, "multirange", type.multirange);
  for (const RangeConstructor& function : type.constructors) {  // in the order of their making
    properties["constructors"].push_back(quote_name_pretty(function.name) + '(' +
                                         function.arguments + ')');
  }
}

void describe(const Names&, const EnumType& type, Description& description) {
  Json& properties = description.properties;
  properties["labels"] = type.labels;
}

void describe(const Names&, const DomainType& type, Description& description) {
  Json& properties = description.properties;
  properties["type"] = type.base_type;
  add_text(properties, "collation", type.collation);
  add_flag(properties, "not_null", type.not_null);
  add_text(properties, "not_null_name", type.not_null_name);
  add_text(properties, "not_null_comment", type.not_null_comment);
  if (type.default_expression) properties["default"] = *type.default_expression;
}

void describe(const Names&, const CompositeType& type, Description& description) {
  Json& properties = description.properties;
  Json columns = Json::array();
  for (const CompositeColumn& member : type.columns) {
    Json entry = {{"name", member.name}, {"type", member.type}};
    add_text(entry, "collation", member.collation);
    add_text(entry, "comment", member.comment);
    columns.push_back(std::move(entry));
  }
  properties["columns"] = std::move(columns);
}

}  // namespace belay::catalog
