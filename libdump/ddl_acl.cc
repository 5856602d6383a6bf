// Privileges as GRANT and REVOKE statements.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "libcore/base/error.h"
#include "libdump/ddl_render.h"

namespace belay::dump {
namespace {

using catalog::Acl;
using catalog::AclItem;

struct Privilege {
  char letter;
  std::string_view word;
};
// The order in which statements name them.
constexpr std::array<Privilege, 15> kPrivileges = {{
    {'r', "SELECT"},
    {'a', "INSERT"},
    {'w', "UPDATE"},
    {'d', "DELETE"},
    {'D', "TRUNCATE"},
    {'x', "REFERENCES"},
    {'t', "TRIGGER"},
    {'m', "MAINTAIN"},
    {'X', "EXECUTE"},
    {'U', "USAGE"},
    {'C', "CREATE"},
    {'c', "CONNECT"},
    {'T', "TEMPORARY"},
    {'s', "SET"},
    {'A', "ALTER SYSTEM"},
}};

std::string_view all_letters(Grantable kind, int server_major) {
  switch (kind) {
    case Grantable::relation:
      return server_major >= 17 ? "rawdDxtm" : "rawdDxt";
    case Grantable::sequence:
      return "rwU";
    case Grantable::column:
      return "rawx";
    case Grantable::schema:
      return "UC";
    case Grantable::function:
      return "X";
    case Grantable::type:
    case Grantable::foreign:
    case Grantable::language:
      return "U";
    case Grantable::large_object:
      return "rw";
    case Grantable::database:
      return "CTc";
  }
  return "";
}

bool contains(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

struct Writer {
  Grants& grants;
  const std::string& owner;
  std::string_view all;
  std::string_view target, column;

  // "ALL" where the set is complete, so that it stays complete on a server that knows more.
  std::string words(std::string_view letters) const {
    const std::string suffix = column.empty() ? "" : '(' + std::string(column) + ')';
    const bool complete =
        std::all_of(all.begin(), all.end(), [&](char letter) { return contains(letters, letter); });
    if (complete) return "ALL" + suffix;
    std::string text;
    for (const Privilege& privilege : kPrivileges) {
      if (!contains(letters, privilege.letter)) continue;
      if (!text.empty()) text += ", ";
      text += std::string(privilege.word) + suffix;
    }
    return text;
  }

  static std::string role(const std::string& name) {
    return name.empty() ? "PUBLIC" : quote_identifier_pretty(name);
  }

  void revoke(const AclItem& item) const {
    add("REVOKE " + words(item.privileges) + " ON " + std::string(target) + " FROM " +
            role(item.grantee),
        item);
  }

  void grant(const AclItem& item) const {
    std::string plain;
    for (const char letter : item.privileges) {
      if (!contains(item.grantable, letter)) plain += letter;
    }
    const std::string start = " ON " + std::string(target) + " TO " + role(item.grantee);
    if (!plain.empty()) add("GRANT " + words(plain) + start, item);
    if (!item.grantable.empty()) {
      add("GRANT " + words(item.grantable) + start + " WITH GRANT OPTION", item);
    }
  }

  void add(std::string statement, const AclItem& item) const {
    grants.statements.push_back(std::move(statement));
    grants.run_as.push_back(item.grantor == owner ? std::string() : item.grantor);
  }
};

// Equal as sets of letters.
AclItem normal(AclItem item) {
  std::sort(item.privileges.begin(), item.privileges.end());
  std::sort(item.grantable.begin(), item.grantable.end());
  return item;
}

bool holds(const std::vector<AclItem>& items, const AclItem& wanted) {
  const AclItem item = normal(wanted);
  return std::any_of(items.begin(), items.end(),
                     [&](const AclItem& other) { return normal(other) == item; });
}

}  // namespace

void add_grants(Grants& grants, const Acl& acl, const std::string& owner, Grantable kind,
                std::string_view target, int server_major, std::string_view column) {
  if (acl.is_null) return;
  const Writer writer{grants, owner, all_letters(kind, server_major), target, column};
  for (const AclItem& item : acl.base) {
    if (!holds(acl.current, item)) writer.revoke(item);
  }
  // The owner's own come first: who grants needs to hold. All others in the order in which they
  // were granted, so that chains of grant options come out again.
  for (const bool of_owner : {true, false}) {
    for (const AclItem& item : acl.current) {
      if ((item.grantee == owner && item.grantor == owner) != of_owner) continue;
      if (!holds(acl.base, item)) writer.grant(item);
    }
  }
}

namespace {

// By the letter that acldefault() takes.
Grantable grantable(char type, const catalog::Object& object) {
  switch (type) {
    case 'r':
      return Grantable::relation;
    case 's':
      return Grantable::sequence;
    case 'f':
      return Grantable::function;
    case 'T':
      return Grantable::type;
    case 'n':
      return Grantable::schema;
    case 'L':
      return Grantable::large_object;
    case 'l':
      return Grantable::language;
    case 'F':
    case 'S':
      return Grantable::foreign;
    default:
      throw Error(ErrorKind::internal, "unknown type of privileges").object(object.name.name);
  }
}

void append(archive::Entry& entry, Grants grants) {
  const bool by_others = std::any_of(grants.run_as.begin(), grants.run_as.end(),
                                     [](const std::string& role) { return !role.empty(); });
  if (by_others || !entry.acl_run_as.empty()) {
    entry.acl_run_as.resize(entry.acl.size());
    entry.acl_run_as.insert(entry.acl_run_as.end(), grants.run_as.begin(), grants.run_as.end());
  }
  entry.acl.insert(entry.acl.end(), grants.statements.begin(), grants.statements.end());
}

}  // namespace

void add_grants(const Lookup& lookup, archive::Entry& entry, const catalog::Object& object,
                Grantable kind, std::string_view target) {
  Grants grants;
  add_grants(grants, object.acl, object.owner, kind, target,
             lookup.catalog.identity.server_major());
  append(entry, std::move(grants));
}

void add_column_grants(const Lookup& lookup, archive::Entry& entry, const catalog::Object& object,
                       const std::vector<catalog::Column>& columns, std::string_view target) {
  Grants grants;
  const auto add = [&](const Acl& acl, const std::string& column) {
    add_grants(grants, acl, object.owner, Grantable::column, target,
               lookup.catalog.identity.server_major(), quote_identifier_pretty(column));
  };
  for (const catalog::Column& column : columns) {
    Acl acl = column.acl;
    acl.base.clear();  // a new column has no privileges of its own
    add(acl, column.name);
  }
  for (const catalog::ColumnAcl& column : object.column_acls) add(column.acl, column.column);
  append(entry, std::move(grants));
}

void render(const Lookup& lookup, const catalog::SystemAcl& changed, archive::Entry& entry) {
  if (changed.given_away) add_owner(entry, changed.target, changed);
  add_grants(lookup, entry, changed, grantable(changed.type, changed), changed.target);
  add_column_grants(lookup, entry, changed, {}, changed.target);
  entry.owner.clear();  // not made here
}

// Privileges, so that they come when all else is there: nothing that the restore makes may get
// them.
void render(const Lookup& lookup, const catalog::DefaultAcl& defaults, archive::Entry& entry) {
  // Its own letter for sequences is that of foreign servers elsewhere.
  const char type = defaults.object_type == 'S' ? 's' : defaults.object_type;
  static const std::map<char, std::string_view> objects = {
      {'r', "TABLES"}, {'s', "SEQUENCES"}, {'f', "FUNCTIONS"},
      {'T', "TYPES"},  {'n', "SCHEMAS"},   {'L', "LARGE OBJECTS"}};
  Grants grants;
  add_grants(grants, defaults.acl, defaults.owner, grantable(type, defaults), objects.at(type),
             lookup.catalog.identity.server_major());
  std::string start =
      "ALTER DEFAULT PRIVILEGES FOR ROLE " + quote_identifier_pretty(defaults.owner) + ' ';
  if (!defaults.in_schema.empty()) {
    start += "IN SCHEMA " + quote_identifier_pretty(defaults.in_schema) + ' ';
  }
  for (const std::string& statement : grants.statements) entry.acl.push_back(start + statement);
  entry.owner.clear();  // nobody owns them
}

}  // namespace belay::dump
