// Loads an archive that streams past into an empty database.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"
#include "librestore/plan.h"
#include "librestore/restore.h"

namespace belay::restore {

// The next step in the only error after which something may have been changed.
inline constexpr std::string_view kLostAtCommit = "look whether the objects are there";

struct Loaded {
  Summary summary;
  std::vector<archive::DataEnd> ends;              // by number of the data item
  std::map<QualifiedName, std::string> sequences;  // "last_value,is_called", as the archive says
};

// Everything but the publication. Memory: at most two chunks for each job and one more.
// Error{sql} names the failing object; Error{damaged} as soon as something does not hold. A chunk
// that the server refuses is told as damage if the rest of the stream shows that it was damaged.
// Into a database that existed before (Options::exists) everything is one transaction over one
// connection, committed last.
Loaded load(archive::Reader& reader, Plan plan, const pg::ConnectTarget& target,
            const Options& options, Environment& environment);

}  // namespace belay::restore
