// A failed run taken back at once, as `belay rollback` does it.
#pragma once

#include <string>

#include "libcore/pg/conninfo.h"
#include "tools/commands.h"

namespace belay::tools {

// `command` is the one of migrate, `target` the database that it has migrated. Returns the name of
// the database that was kept. What `belay rollback` throws; prints lines for people, and no result.
std::string take_back(const std::string& run, const pg::ConnectTarget& target,
                      const Command& command, Context& context);

}  // namespace belay::tools
