// Properties of the database itself, with a placeholder for its name.
#include "libcore/base/setting.h"
#include "libdump/ddl.h"
#include "libdump/ddl_render.h"

namespace belay::dump {
namespace {

constexpr std::string_view kPlaceholder = "%DATABASE%";

std::string replace_placeholder(std::string text, std::string_view by) {
  std::size_t found = 0;
  while ((found = text.find(kPlaceholder, found)) != std::string::npos) {
    text.replace(found, kPlaceholder.size(), by);
    found += by.size();
  }
  return text;
}

// A literal in which the restore does not find the placeholder.
std::string opaque_literal(const std::string& text) {
  if (text.find(kPlaceholder) == std::string::npos) return quote_literal(text);
  std::string quoted = quote_literal(text);
  if (!quoted.starts_with('E')) quoted.insert(0, "E");
  return replace_placeholder(std::move(quoted), "\\x25DATABASE%");
}

// The placeholder for \1. A role's name that holds the placeholder itself is written with an
// escape.
std::string with_placeholder(std::string statement) {
  if (statement.find(kPlaceholder) != std::string::npos) {
    const std::size_t quote = statement.find('"');
    statement.insert(quote, "U&");
    // Backslashes of the name itself are escapes now.
    for (std::size_t at = quote; at < statement.size(); ++at) {
      if (statement[at] == '\\') statement.insert(at++, "\\");
    }
    statement = replace_placeholder(std::move(statement), "\\0025DATABASE%");
  }
  return statement.replace(statement.find('\1'), 1, kPlaceholder);
}

// As CREATE DATABASE spells it. The reader refuses letters that are not known.
std::string provider_word(const std::string& letter) {
  if (letter == "i") return "icu";
  if (letter == "b") return "builtin";
  return "libc";
}

}  // namespace

archive::DatabaseProperties render_database(const catalog::Catalog& catalog) {
  const catalog::Database& database = catalog.database;
  archive::DatabaseProperties properties;
  properties.name = database.name.name;
  properties.owner = database.owner;
  properties.encoding = database.encoding;
  properties.locale_provider = provider_word(database.locale_provider);
  properties.lc_collate = database.lc_collate;
  properties.lc_ctype = database.lc_ctype;
  properties.locale = database.locale;
  properties.icu_rules = database.icu_rules;
  properties.lc_monetary = database.lc_monetary;
  properties.tablespace = database.tablespace;
  properties.connection_limit = database.connection_limit;
  properties.is_template = database.is_template;
  const std::string target = "DATABASE " + std::string(kPlaceholder);
  if (database.has_comment && !database.comment.empty()) {
    properties.comment.push_back("COMMENT ON " + target + " IS " +
                                 opaque_literal(database.comment));
  }
  for (const catalog::SecurityLabel& label : database.labels) {
    properties.label.push_back(with_placeholder("SECURITY LABEL FOR " +
                                                quote_identifier(label.provider) +
                                                " ON DATABASE \1 IS ") +
                               opaque_literal(label.label));
  }
  Grants grants;
  add_grants(grants, database.acl, database.owner, Grantable::database, "DATABASE \1",
             catalog.identity.server_major());
  bool by_others = false;
  for (std::size_t i = 0; i < grants.statements.size(); ++i) {
    properties.acl.push_back(with_placeholder(grants.statements[i]));
    by_others = by_others || !grants.run_as[i].empty();
  }
  if (by_others) properties.acl_run_as = grants.run_as;
  for (const catalog::Database::Setting& setting : database.settings) {
    const std::string start =
        setting.role.empty() ? "ALTER DATABASE \1"
                             : "ALTER ROLE " + quote_identifier(setting.role) + " IN DATABASE \1";
    std::string statement = with_placeholder(start);
    std::string assignment = setting_assignment(setting.name, setting.value);
    if (assignment.find(kPlaceholder) != std::string::npos) {
      assignment = quote_identifier_pretty(setting.name) + " TO " + opaque_literal(setting.value);
    }
    properties.settings.push_back(statement + " SET " + assignment);
  }
  return properties;
}

}  // namespace belay::dump
