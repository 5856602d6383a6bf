// For commands that people paste into a shell.
#pragma once

#include <string>

#include "libcore/pg/conninfo.h"

namespace belay::pg {

// What to type after -d to mean `target`, as one word of a shell: server and role where they were
// named, never a password.
std::string connect_option(const ConnectTarget& target);
// The same for a database of the server that the environment names.
std::string connect_option(const std::string& database);

}  // namespace belay::pg
