// Logical replication: publications and what they publish, subscriptions.
#pragma once

#include <optional>
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

// Replication itself is not carried: a copy is not enabled, and has copied nothing.
struct Subscription : Object {
  std::string connection;  // may hold a password
  std::optional<std::string> slot;
  std::vector<std::string> publications;  // not quoted
  std::string synchronous_commit;
  bool binary = false;
  char streaming = 'f';  // f off, t on, p parallel (servers 16 and later)
  char two_phase = 'd';  // d disabled, p pending, e enabled
  bool disable_on_error = false, password_required = true, run_as_owner = false, failover = false;
  std::string origin;
};

}  // namespace belay::catalog
