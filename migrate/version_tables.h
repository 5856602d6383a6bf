// Alembic's version tables in a database: found as the migrator would find them, and read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/name.h"
#include "libcore/pg/connection.h"
#include "migrate/journal.h"

namespace belay::migrate {

// Until the transaction ends unqualified names mean what they mean to the role: belay's sessions
// pin their search_path to empty.
inline constexpr std::string_view kSearchPathOfRole =
    "SELECT pg_catalog.set_config('search_path', reset_val, true) FROM pg_catalog.pg_settings "
    "WHERE name = 'search_path'";

struct VersionTable {
  QualifiedName name;
  bool visible = false;                // its name alone means it, by the role's own search_path
  std::vector<std::string> revisions;  // sorted
};

// Tables named alembic_version or `named`, or whose only column is version_num. Read under the
// login role of `connection`; what its search_path would be (role, database, options= of the URL)
// is asked from the server, although belay's sessions pin theirs to empty. `connection` is outside
// a transaction. Error{not_permitted} for one that cannot be read.
std::vector<VersionTable> find_version_tables(pg::Connection& connection,
                                              const std::string& named = "alembic_version");

// The one that is meant; null: there is none (base). `table` and `schema` as AlembicProject has
// them. Error{preflight} that lists them if several could be meant.
const VersionTable* the_version_table(const std::vector<VersionTable>& found,
                                      const std::optional<std::string>& table,
                                      const std::optional<std::string>& schema);

// For people: "base" where there is none.
std::string to_text(const std::vector<std::string>& revisions);
std::string to_text(const RevisionSets& sets);
// Of all tables together.
std::vector<std::string> every_revision(const RevisionSets& sets);

// Tables without rows are left out: as good as absent.
RevisionSets revision_sets(const std::vector<VersionTable>& found);

}  // namespace belay::migrate
