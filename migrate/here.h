// For commands that people paste.
#pragma once

#include <string>

#include "libcore/base/file_system.h"
#include "libcore/pg/conninfo.h"

namespace belay::migrate {

// What to type after a verb to mean a database of `target`'s server and the repository:
// "-d NAME --repo DIR".
std::string here(const pg::ConnectTarget& target, const std::string& database,
                 const Path& repository);

}  // namespace belay::migrate
