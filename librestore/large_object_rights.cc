#include "librestore/large_object_rights.h"

#include <optional>
#include <string_view>

#include "libcore/base/error.h"
#include "libcore/base/name.h"

namespace belay::restore {
namespace {

// Of one large object: grantee ("" is PUBLIC) -> letter -> with grant option.
using Granted = std::map<std::string, std::map<char, bool>>;

std::string text_of(const std::string& owner, const Granted& granted) {
  std::string text = "owner " + quote_identifier_pretty(owner);
  for (const auto& [grantee, letters] : granted) {
    if (letters.empty()) continue;
    text += "; " + (grantee.empty() ? std::string("PUBLIC") : quote_identifier_pretty(grantee));
    text += "=";
    for (const auto& [letter, grantable] : letters) {
      text += letter;
      if (grantable) text += '*';
    }
  }
  return text;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "ALL", "SELECT", "SELECT, UPDATE" ...
std::string letters_of(std::string_view words) {
  std::string letters;
  const bool all = words.starts_with("ALL");
  if (all || words.find("SELECT") != words.npos) letters += 'r';
  if (all || words.find("UPDATE") != words.npos) letters += 'w';
  return letters;
}

// A role as the renderer writes it; the rest stays in `text`.
std::optional<std::string> take_role(std::string_view& text) {
  std::string name;
  if (take(text, "\"")) {
    while (!text.empty()) {
      if (take(text, "\"\"")) {
        name += '"';
      } else if (take(text, "\"")) {
        return name;
      } else {
        name += text.front();
        text.remove_prefix(1);
      }
    }
    return std::nullopt;
  }
  const std::size_t end = text.find(' ');
  name = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end);
  if (name == "PUBLIC") name.clear();
  return name;
}

bool apply(Granted& granted, std::string_view statement, const std::string& object) {
  const bool grant = take(statement, "GRANT ");
  if (!grant && !take(statement, "REVOKE ")) return false;
  const std::string on = " ON LARGE OBJECT " + object + (grant ? " TO " : " FROM ");
  const std::size_t at = statement.find(on);
  if (at == statement.npos) return false;
  const std::string letters = letters_of(statement.substr(0, at));
  statement.remove_prefix(at + on.size());
  const std::optional<std::string> role = take_role(statement);
  if (!role || letters.empty()) return false;
  const bool grantable = statement == " WITH GRANT OPTION";
  if (!grantable && !statement.empty()) return false;
  for (const char letter : letters) {
    if (grant) {
      granted[*role][letter] |= grantable;
    } else {
      granted[*role].erase(letter);
    }
  }
  return true;
}

}  // namespace

LargeObjectRights rights_in_archive(const archive::Contents& contents) {
  LargeObjectRights rights;
  for (const archive::Entry& entry : contents.entries) {
    if (entry.kind != "large object") continue;
    Granted granted{{entry.owner, {{'r', false}, {'w', false}}}};
    for (const std::string& statement : entry.acl) {
      if (apply(granted, statement, entry.name)) continue;
      throw Error(ErrorKind::damaged, "not a privilege on a large object")
          .object(describe(entry))
          .cause(statement);
    }
    rights[entry.name] = text_of(entry.owner, granted);
  }
  return rights;
}

LargeObjectRights rights_in_database(const catalog::Catalog& catalog) {
  LargeObjectRights rights;
  for (const catalog::LargeObject& object : catalog.large_objects) {
    Granted granted;
    for (const catalog::AclItem& item : object.acl.is_null ? object.acl.base : object.acl.current) {
      for (const char letter : item.privileges) granted[item.grantee][letter] |= false;
      for (const char letter : item.grantable) granted[item.grantee][letter] = true;
    }
    if (object.acl.is_null && granted.empty()) granted[object.owner] = {{'r', false}, {'w', false}};
    rights[object.name.name] = text_of(object.owner, granted);
  }
  return rights;
}

}  // namespace belay::restore
