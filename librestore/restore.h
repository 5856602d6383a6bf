// Archive to database. The new database gets its name only when the whole archive has been read and
// everything holds; on failure it is dropped.
#pragma once

#include <optional>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"
#include "librestore/plan.h"
#include "librestore/planner_statistics.h"

namespace belay::restore {

struct Summary {
  archive::Header header;
  archive::Manifest manifest;
  std::string database;  // final name
  Sha256 sha256;         // of the archive; zero if only parts of it were read
  std::uint64_t size = 0;
  std::uint64_t tables = 0, rows = 0, bytes = 0, sequences = 0, large_objects = 0, statements = 0;
  bool whole = true;  // nothing of the archive was left out
  // What hangs on the selection and needs more than that: "foreign key x on y: it needs table z".
  std::vector<std::string> left_out;
  std::vector<std::string> roles_created;       // --create-roles
  std::optional<PlannerStatistics> statistics;  // nothing: none came along
  std::vector<std::string> warnings;
  double seconds = 0;
};

// --create: restores `source` (a file or a pipe) into the new database `name` on `server`. Loads
// into NAME__belay_loading_ID and renames at the end. Error{target_exists} before anything is
// created if `name` exists; Error{damaged} or Error{restore_failed} (which names the failing
// object) after the loading database was dropped. `name` empty: the archive's own.
Summary restore_create(ByteSource& source, const pg::ConnectTarget& server, const std::string& name,
                       const Options& options, Environment& environment);

// The same from a reader of either kind.
Summary restore_create(archive::Reader& reader, const pg::ConnectTarget& server,
                       const std::string& name, const Options& options, Environment& environment);

// --in-place: restores into the existing database that `target` names, in one transaction over one
// connection, under the lock of migrations. Error{target_exists} before anything is done if an
// object to be created is there already, or if a table to be loaded only has rows; any other
// Error says that nothing was changed, unless the connection was lost at COMMIT.
Summary restore_in_place(archive::Reader& reader, const pg::ConnectTarget& target,
                         const Options& options, Environment& environment);

// Loads an archive into the existing empty database that `target` names (a scratch database): all
// sections, no rename, nothing dropped on failure. restore_create and the drill stand on it.
Summary load_into(archive::Reader& reader, const pg::ConnectTarget& target, const Options& options,
                  Environment& environment);

// Ends its sessions by OID and drops it. No error if absent.
void drop_database(pg::Connection& admin, const std::string& name);

}  // namespace belay::restore
