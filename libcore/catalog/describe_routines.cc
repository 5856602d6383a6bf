// Functions, casts and conversions as properties.
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

}  // namespace belay::catalog
