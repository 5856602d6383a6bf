#include "librestore/tablespaces.h"

namespace belay::restore {

std::string Placement::of(const std::string& name) const {
  if (ignored) return "";
  const auto other = instead.find(name);
  return other == instead.end() ? name : other->second;
}

std::string Placement::of_database(const std::string& name) const {
  if (!name.empty()) return of(name);
  // An archive does not name pg_default here, so that the server decides; a person may.
  const auto other = instead.find("pg_default");
  return other == instead.end() ? "" : other->second;
}

std::set<std::string> tablespaces_in(const archive::Contents& contents) {
  std::set<std::string> names{contents.database.tablespace};
  for (const archive::Entry& entry : contents.entries) names.insert(entry.tablespace);
  names.erase("");
  return names;
}

}  // namespace belay::restore
