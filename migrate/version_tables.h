// Alembic's version tables in a database: found as the migrator would find them, read, and reset.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/name.h"
#include "libcore/pg/connection.h"
#include "migrate/journal.h"

namespace belay::migrate {

struct VersionTable {
  QualifiedName name;
  std::vector<std::string> revisions;  // sorted
};

// Tables whose only column (or a text column beside others) is version_num; see the rules in the
// source. Read under the login role of `connection`; its own search_path (role, database, options=
// of the URL) is asked from the server although belay's sessions pin theirs to empty.
struct VersionTables {
  std::vector<VersionTable> tables;
  // The one that `alembic_version` without a schema means for this role; -1: none.
  int visible = -1;
};
VersionTables find_version_tables(pg::Connection& connection);

// The one table that is meant; nothing where there is none (base). Error{preflight} that lists them
// if several could be meant.
const VersionTable* the_version_table(const VersionTables& found);

// Replaces the rows of the table in one transaction. Returns what was there.
std::vector<std::string> stamp(pg::Connection& connection, const VersionTable& table,
                               const std::vector<std::string>& revisions);

RevisionSets revision_sets(const VersionTables& found);

}  // namespace belay::migrate
