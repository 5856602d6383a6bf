#include "librestore/statements.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "librestore/plan.h"

namespace belay::restore {
namespace {

using Statements = std::vector<std::string>;

constexpr std::size_t kShown = 80;  // bytes of a statement in an error

// Cuts a keyword and the space behind it off: comments and other spaces are none of belay's.
std::string_view take_word(std::string_view& sql) {
  const std::size_t end = std::min(sql.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), sql.size());
  const std::string_view word = sql.substr(0, end);
  const bool spaced = end < sql.size() && sql[end] == ' ';
  sql.remove_prefix(spaced ? end + 1 : end);
  return word;
}

// Nothing of the kind belongs to a single database.
bool is_beyond_the_database(std::string_view object, std::string_view rest) {
  static constexpr std::array<std::string_view, 5> kShared = {"ROLE", "GROUP", "DATABASE",
                                                              "TABLESPACE", "SYSTEM"};
  if (object == "USER") return !rest.starts_with("MAPPING FOR ");
  return std::find(kShared.begin(), kShared.end(), object) != kShared.end();
}

bool changes_an_object(std::string_view sql) {
  const std::string_view verb = take_word(sql);
  if (verb != "CREATE" && verb != "ALTER" && verb != "COMMENT") return false;
  if (verb == "COMMENT" && take_word(sql) != "ON") return false;
  const std::string_view object = take_word(sql);
  return !object.empty() && !is_beyond_the_database(object, sql);
}

bool creates_large_object(std::string_view sql) {
  static constexpr std::string_view kStart = "SELECT pg_catalog.lo_create(";
  if (!sql.starts_with(kStart)) return false;
  sql.remove_prefix(kStart.size());
  const std::size_t digits = std::min(sql.find_first_not_of("0123456789"), sql.size());
  return digits > 0 && sql.substr(digits) == ")";
}

// What the same entry made a moment before, to put columns in their order.
bool drops_its_own(std::string_view sql, std::span<const std::string> before) {
  static constexpr std::string_view kStart = "DROP TABLE ";
  if (!sql.starts_with(kStart)) return false;
  const std::string made = "CREATE TABLE " + std::string(sql.substr(kStart.size())) + " (";
  return std::any_of(before.begin(), before.end(),
                     [&](const std::string& one) { return one.starts_with(made); });
}

bool creates(std::string_view sql, std::span<const std::string> before) {
  return (changes_an_object(sql) && !sql.starts_with("COMMENT")) || creates_large_object(sql) ||
         sql.starts_with("REFRESH MATERIALIZED VIEW ") || sql == "DROP SCHEMA IF EXISTS public" ||
         drops_its_own(sql, before);
}

// A privilege stands behind the verb; without one it would be a role that is granted.
bool grants(std::string_view sql) {
  static constexpr std::array<std::string_view, 16> kPrivileges = {
      "SELECT", "INSERT",  "UPDATE", "DELETE",  "TRUNCATE",  "REFERENCES", "TRIGGER", "MAINTAIN",
      "USAGE",  "EXECUTE", "CREATE", "CONNECT", "TEMPORARY", "SET",        "ALL",     "GRANT"};
  if (sql.starts_with("ALTER DEFAULT PRIVILEGES FOR ROLE ")) return true;
  const std::string_view verb = take_word(sql);
  if (verb != "GRANT" && verb != "REVOKE") return false;
  const std::string_view privilege = take_word(sql);
  return std::find(kPrivileges.begin(), kPrivileges.end(), privilege) != kPrivileges.end() &&
         (sql.starts_with("ON ") || sql.find(" ON ") != sql.npos);
}

bool sets(std::string_view sql) {
  return sql.starts_with("ALTER DATABASE %DATABASE% SET ") ||
         (sql.starts_with("ALTER ROLE \"") &&
          sql.find("\" IN DATABASE %DATABASE% SET ") != sql.npos);
}

[[noreturn]] void refuse(const std::string& object, const std::string& sql) {
  throw Error(ErrorKind::damaged, "the archive holds a statement that belay does not write")
      .object(object)
      .cause(sql.size() > kShown ? sql.substr(0, kShown) + "..." : sql)
      .next("do not restore it; belay export writes it as a script to look at");
}

template <typename Predicate>
void require_all(const Statements& statements, const std::string& object,
                 const Predicate& allowed) {
  for (const std::string& sql : statements) {
    if (!allowed(sql)) refuse(object, sql);
  }
}

}  // namespace

void check_statements(const archive::Contents& contents) {
  for (const archive::Entry& entry : contents.entries) {
    const std::string object = describe(entry);
    for (std::size_t i = 0; i < entry.create.size(); ++i) {
      if (!creates(entry.create[i], std::span(entry.create).first(i)))
        refuse(object, entry.create[i]);
    }
    require_all(entry.set_owner, object, [](std::string_view sql) {
      return sql.starts_with("ALTER ") && changes_an_object(sql);
    });
    require_all(entry.acl, object, grants);
    require_all(entry.comment, object, [](std::string_view sql) {
      return sql.starts_with("COMMENT ON ") && changes_an_object(sql);
    });
    require_all(entry.label, object,
                [](std::string_view sql) { return sql.starts_with("SECURITY LABEL "); });
  }
  const std::string object = "properties of the database";
  require_all(contents.database.acl, object, [](std::string_view sql) {
    return grants(sql) && sql.find(" ON DATABASE %DATABASE% ") != sql.npos;
  });
  require_all(contents.database.settings, object, sets);
  require_all(contents.database.label, object, [](std::string_view sql) {
    return sql.starts_with("SECURITY LABEL FOR ") &&
           sql.find(" ON DATABASE %DATABASE% IS ") != sql.npos;
  });
  require_all(contents.database.comment, object, [](std::string_view sql) {
    return sql.starts_with("COMMENT ON DATABASE %DATABASE% IS ");
  });
}

}  // namespace belay::restore
