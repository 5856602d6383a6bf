// A failed run taken back at once, as `belay rollback` does it.
#pragma once

#include <string>

#include "tools/commands.h"

namespace belay::tools {

// `command` is the one of migrate. Returns the name of the database that was kept. What `belay
// rollback` throws; prints lines for people, and no result.
std::string take_back(const std::string& run, const Command& command, Context& context);

}  // namespace belay::tools
