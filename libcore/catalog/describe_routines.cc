// Functions, and what is made of functions, as properties.
#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

void describe(const Names&, const Cast& cast, Description& description) {
  description.identity = cast.name.name;  // the names in it are quoted already
  Json& properties = description.properties;
  add_letter(properties, "method", cast.method);
  add_letter(properties, "context", cast.context);
  add_text(properties, "function", cast.function);
}

void describe(const Names&, const Conversion& conversion, Description& description) {
  Json& properties = description.properties;
  properties["from"] = conversion.from;
  properties["to"] = conversion.to;
  properties["function"] = conversion.function;
  add_flag(properties, "default", conversion.is_default);
}

void describe(const Names&, const Function& function, Description& description) {
  Json& properties = description.properties;
  properties["arguments"] = function.arguments;
  add_text(properties, "result", function.result);
  properties["language"] = function.language;
  add_letter(properties, "volatility", function.volatility);
  add_letter(properties, "parallel", function.parallel);
  add_flag(properties, "strict", function.strict);
  add_flag(properties, "security_definer", function.security_definer);
  add_flag(properties, "leakproof", function.leakproof);
  add_flag(properties, "window", function.kind == 'w');
  add_text(properties, "cost", function.cost);
  add_text(properties, "rows", function.rows);
  add_text(properties, "support", function.support);
  if (!function.settings.empty()) properties["settings"] = function.settings;
  if (!function.transform_types.empty()) {
    properties["transform_types"] = function.transform_types;
  }
  if (function.sql_body) {
    properties["sql_body"] = *function.sql_body;
  } else {
    properties["body"] = function.body;
  }
  add_text(properties, "library", function.library);
}

void describe(const Names&, const AccessMethod& method, Description& description) {
  add_letter(description.properties, "type", method.type);
  description.properties["handler"] = method.handler;
}

void describe(const Names&, const Aggregate& aggregate, Description& description) {
  Json& properties = description.properties;
  properties["arguments"] = aggregate.arguments;
  properties["clauses"] = aggregate.clauses;
  add_flag(properties, "hypothetical", aggregate.kind == 'h');
  add_letter(properties, "parallel", aggregate.parallel);
}

void describe(const Names&, const Language& language, Description& description) {
  Json& properties = description.properties;
  add_flag(properties, "trusted", language.trusted);
  properties["handler"] = language.handler;
  add_text(properties, "inline", language.inliner);
  add_text(properties, "validator", language.validator);
}

void describe(const Names&, const Operator& op, Description& description) {
  description.identity = quote_identifier_pretty(op.name.schema) + '.' + name_in_schema(op);
  Json& properties = description.properties;
  properties["function"] = op.function;
  add_text(properties, "restrict", op.restrict_function);
  add_text(properties, "join", op.join_function);
  add_text(properties, "commutator", op.commutator);
  add_text(properties, "negator", op.negator);
  add_flag(properties, "merges", op.merges);
  add_flag(properties, "hashes", op.hashes);
}

void describe(const Names&, const OperatorClass& op_class, Description& description) {
  Json& properties = description.properties;
  properties["type"] = op_class.type;
  properties["family"] = op_class.family;
  properties["members"] = op_class.members;
  add_text(properties, "storage", op_class.storage);
  add_flag(properties, "default", op_class.is_default);
}

void describe(const Names&, const OperatorFamily& family, Description& description) {
  description.properties["members"] = family.members;
}

// An extension's count with its members: nothing tells for certain what of these its script made.
void describe(const Names&, const FamilyAdditions& additions, Description& description) {
  description.properties["members"] = additions.members;
  description.implied = !additions.extension.empty();
}

void describe(const Names&, const Transform& transform, Description& description) {
  description.identity = transform.name.name;  // the names in it are quoted already
  add_text(description.properties, "from_sql", transform.from_sql);
  add_text(description.properties, "to_sql", transform.to_sql);
}

}  // namespace belay::catalog
