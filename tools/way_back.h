// Whether a database could be rolled back later, asked before it is needed.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/error.h"
#include "libcore/pg/conninfo.h"
#include "librestore/obstacles.h"
#include "tools/commands.h"

namespace belay::tools {

// Connects to the maintenance database.
restore::SwapFacts way_back_facts(const pg::ConnectTarget& target, const std::string& database,
                                  Cancellation* cancellation);

// Error{preflight}, `what`, with the first, the number of the others, and what mends it. Requires:
// there is one. `database` is the one of that name on `target`'s server.
Error refusal(std::string what, const std::vector<restore::Obstacle>& obstacles,
              const pg::ConnectTarget& target, const std::string& database);
// A drill, or a rollback, would not work.
inline constexpr const char* kNoDrill = "a drill would not work";
inline constexpr const char* kNoWayBack = "a rollback would not work";

// `missing`, that there is no database of that name, with the command that makes it again from the
// newest archive of it which was compared; of none, from the newest whole one.
Error way_back_to_nothing(const Error& missing, const Command& command, Context& context);

}  // namespace belay::tools
