#include "libcore/base/name.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay {
namespace {

// NAMEDATALEN - 1.
constexpr std::size_t kLongestName = 63;

// Every key word that is not "unreserved" in some server from 13 to 18: one list for all of them,
// so that the same schema gives the same text whatever the server. Sorted, for binary search.
constexpr std::array<std::string_view, 164> kKeyWords = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};
static_assert(std::is_sorted(kKeyWords.begin(), kKeyWords.end()));

std::string doubled(std::string_view text, char quote) {
  std::string result;
  result.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == quote) result += c;
    result += c;
  }
  return result;
}

// Names and literals travel as C strings: a NUL would cut the statement short.
void refuse_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::damaged, "a name or value holds a NUL byte").object(text);
  }
}

bool is_plain_identifier(std::string_view name) {
  bool digits = false;  // no key word has any
  for (const char c : name) {
    if (c >= '0' && c <= '9') {
      digits = true;
    } else if (!(c >= 'a' && c <= 'z') && c != '_') {
      return false;
    }
  }
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return digits || !std::binary_search(kKeyWords.begin(), kKeyWords.end(), name);
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  refuse_nul(name);
  return '"' + doubled(name, '"') + '"';
}

std::string quote_name(const QualifiedName& name) {
  if (name.schema.empty()) return quote_identifier(name.name);
  return quote_identifier(name.schema) + '.' + quote_identifier(name.name);
}

std::string quote_literal(std::string_view text) {
  refuse_nul(text);
  std::string quoted = doubled(text, '\'');
  if (text.find('\\') == std::string_view::npos) return '\'' + quoted + '\'';
  return "E'" + doubled(quoted, '\\') + '\'';
}

std::string quote_identifier_pretty(std::string_view name) {
  return is_plain_identifier(name) ? std::string(name) : quote_identifier(name);
}

std::string quote_name_pretty(const QualifiedName& name) {
  if (name.schema.empty()) return quote_identifier_pretty(name.name);
  return quote_identifier_pretty(name.schema) + '.' + quote_identifier_pretty(name.name);
}

std::string quote_dollar(std::string_view text) {
  refuse_nul(text);
  // A tag is safe if neither it occurs, nor the text ends with its beginning ("...$tag" + "$").
  std::string tag = "$$";
  for (int n = 0; (std::string(text) + '$').find(tag) != std::string::npos; ++n) {
    tag = n == 0 ? "$_$" : fmt::format("$_{}$", n);
  }
  return tag + std::string(text) + tag;
}

std::string derived_name(std::string_view name, std::string_view suffix) {
  if (suffix.size() >= kLongestName) {
    throw Error(ErrorKind::internal, "the suffix of a derived name is too long").object(suffix);
  }
  std::size_t length = std::min(name.size(), kLongestName - suffix.size());
  if (length < name.size()) {
    // Back to the start of a UTF-8 character; bytes that are no UTF-8 are cut where they stand.
    const auto continues = [&](std::size_t i) {
      return (static_cast<unsigned char>(name[i]) & 0xc0) == 0x80;
    };
    std::size_t boundary = length;
    while (boundary > 0 && length - boundary < 4 && continues(boundary)) --boundary;
    if (!continues(boundary)) length = boundary;
  }
  return std::string(name.substr(0, length)) + std::string(suffix);
}

}  // namespace belay
