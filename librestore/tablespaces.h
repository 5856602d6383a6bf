// Where objects are put. Tablespaces belong to the server: belay never makes one that a person
// uses.
#pragma once

#include <map>
#include <set>
#include <string>

#include "libcore/archive/reader.h"

namespace belay::restore {

// --tablespace-map and --no-tablespaces.
struct Placement {
  std::map<std::string, std::string> instead;  // by the archive's name
  bool ignored = false;                        // everything goes where the database is by default

  // Of an object that is in tablespace `name` at the source; empty: the database's default.
  std::string of(const std::string& name) const;
  // Of a new database whose own is `name`; empty: where the server makes databases.
  std::string of_database(const std::string& name) const;
};

// Every one that the archive names; pg_default, which every server has, only where objects name it.
std::set<std::string> tablespaces_in(const archive::Contents& contents);

}  // namespace belay::restore
