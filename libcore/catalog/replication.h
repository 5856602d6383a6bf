// Logical replication: publications and what they publish.
#pragma once

#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

struct Publication : Object {
  bool all_tables = false;
  bool inserts = true, updates = true, deletes = true, truncates = true;
  bool via_partition_root = false;
  char generated_columns = 'n';  // servers 18 and later: n none, s stored
};

struct PublicationTable : Object {  // name.name is the publication's
  Oid table = 0;
  std::vector<std::string> columns;  // not quoted, by number; empty: all
  std::string filter;                // expression; empty: every row
};

struct PublicationSchema : Object {    // name.name is "PUBLICATION SCHEMA"
  std::string publication, published;  // not quoted
};

}  // namespace belay::catalog
