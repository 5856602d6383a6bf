// Names of database objects, and the only functions that quote for SQL.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace belay {

struct QualifiedName {
  std::string schema;  // empty for what lives in no schema
  std::string name;

  auto operator<=>(const QualifiedName&) const = default;
};

// Always double quoted, embedded quotes doubled. Requires: no NUL byte.
std::string quote_identifier(std::string_view name);
// "schema"."name", or "name" where the schema is empty.
std::string quote_name(const QualifiedName& name);
// A literal that is correct with standard_conforming_strings on or off (E'' where it holds a
// backslash). The text is in the encoding of the session; every server encoding is ASCII-safe.
std::string quote_literal(std::string_view text);
// Quoted only where needed: for output that people read. Quotes all SQL key words of 13 to 18.
std::string quote_identifier_pretty(std::string_view name);
std::string quote_name_pretty(const QualifiedName& name);
// A dollar-quoted string whose tag does not occur in `text`.
std::string quote_dollar(std::string_view text);

// `name` cut at a character boundary so that name + suffix fits PostgreSQL's 63 bytes.
std::string derived_name(std::string_view name, std::string_view suffix);

}  // namespace belay
