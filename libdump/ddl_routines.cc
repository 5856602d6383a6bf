// Functions and procedures, put together here rather than by
// pg_get_functiondef(), which rounds large costs.
#include <algorithm>
#include <array>

#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Function;

namespace {

// Settings whose value is a list of names, stored with the names already quoted.
constexpr std::array<std::string_view, 8> kListSettings = {
    "local_preload_libraries",   "output_plugin_libraries",  "search_path",
    "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces",
    "unix_socket_directories",   "oauth_validator_libraries"};

// Splits a stored list at its commas and takes the quotes off.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  bool quoted = false, any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        item += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        item += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = any = true;
    } else if (c == ',') {
      items.push_back(item);
      item.clear();
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
      item += c;
      any = true;
    }
  }
  if (any || !items.empty()) items.push_back(item);
  return items;
}

std::string setting_clause(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos) return "";
  const std::string name = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  const std::string start = "\n    SET " + quote_identifier_pretty(name);
  const bool list =
      std::find(kListSettings.begin(), kListSettings.end(), name) != kListSettings.end();
  if (!list) return start + " TO " + quote_literal(value);
  std::string text;
  for (const std::string& item : split_list(value)) {
    text += (text.empty() ? "" : ", ") + quote_literal(item);
  }
  // A list of nothing at all cannot be written; every session that runs this has an empty one.
  if (text.empty()) return start + " FROM CURRENT";
  return start + " TO " + text;
}

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
  std::string create = "CREATE " + word + name + '(' + function.arguments + ')';
  if (!procedure) create += " RETURNS " + function.result;
  create += "\n    LANGUAGE " + quote_identifier_pretty(function.language);
  for (std::size_t i = 0; i < function.transform_types.size(); ++i) {
    create += (i == 0 ? " TRANSFORM FOR TYPE " : ", FOR TYPE ") + function.transform_types[i];
  }
  create += attributes(function);
  for (const std::string& setting : function.settings) create += setting_clause(setting);
  entry.create.push_back(create + body(function));
  const std::string target = word + name + '(' + function.identity_arguments + ')';
  add_owner(entry, target, function);
  add_comment(entry, target, function);
  add_grants(lookup, entry, function, Grantable::function, target);
}

}  // namespace belay::dump
