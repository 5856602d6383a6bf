// Functions and procedures, put together here rather than by
// pg_get_functiondef(), which rounds large costs.
#include "libcore/base/setting.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Function;

namespace {

std::string attributes(const Function& function) {
  std::string text;
  if (function.kind == 'w') text += " WINDOW";
  if (function.volatility == 'i') text += " IMMUTABLE";
  if (function.volatility == 's') text += " STABLE";
  if (function.strict) text += " STRICT";
  if (function.security_definer) text += " SECURITY DEFINER";
  if (function.leakproof) text += " LEAKPROOF";
  if (!function.cost.empty()) text += " COST " + function.cost;
  if (!function.rows.empty()) text += " ROWS " + function.rows;
  if (!function.support.empty()) text += " SUPPORT " + function.support;
  if (function.parallel == 's') text += " PARALLEL SAFE";
  if (function.parallel == 'r') text += " PARALLEL RESTRICTED";
  return text;
}

std::string body(const Function& function) {
  if (function.sql_body) return '\n' + *function.sql_body;
  if (!function.library.empty()) {
    return "\n    AS " + quote_literal(function.library) + ", " + quote_literal(function.body);
  }
  return "\n    AS " + quote_dollar(function.body);
}

}  // namespace

void render(const Lookup& lookup, const Function& function, Entry& entry) {
  const bool procedure = function.kind == 'p';
  const std::string word = procedure ? "PROCEDURE " : "FUNCTION ";
  const std::string name = quote_name_pretty(function.name);
  std::string create = word + name + '(' + function.arguments + ')';
  if (!procedure) create += " RETURNS " + function.result;
  create += "\n    LANGUAGE " + quote_identifier_pretty(function.language);
  for (std::size_t i = 0; i < function.transform_types.size(); ++i) {
    create += (i == 0 ? " TRANSFORM FOR TYPE " : ", FOR TYPE ") + function.transform_types[i];
  }
  create += attributes(function);
  for (const std::string& setting : function.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) continue;
    create +=
        "\n    SET " + setting_assignment(setting.substr(0, equals), setting.substr(equals + 1));
  }
  if (function.calls_itself) {  // a body is read at once: it needs the function to be there
    entry.create.push_back("CREATE " + create + "\n    AS ''");
    entry.create.push_back("CREATE OR REPLACE " + create + body(function));
  } else {
    entry.create.push_back("CREATE " + create + body(function));
  }
  const std::string target = word + name + '(' + function.identity_arguments + ')';
  add_owner(entry, target, function);
  add_comment(entry, target, function);
  add_grants(lookup, entry, function, Grantable::function, target);
}

}  // namespace belay::dump
