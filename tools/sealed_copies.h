// Sealed copies, as the journal of a repository knows them.
#pragma once

#include <optional>

#include "migrate/history.h"
#include "tools/commands.h"
#include "tools/proof.h"

namespace belay::tools {

// Writes down that the drill's database was kept; nothing if it was not. `run`: what it was made
// for, empty for none.
std::optional<migrate::Event> record_copy(const Proof& proof, const Path& archive,
                                          const Path& repository, const std::string& run,
                                          Context& context);

restore::SealedCopy copy_of(const migrate::Event& sealed);

// Drops a copy that still is what was sealed, and writes that down.
void drop_copy(const migrate::Event& sealed, const pg::ConnectTarget& server,
               const Path& repository, Context& context);

// Drops the copies whose time is over, of any database of this repository that is on this server.
// What goes wrong is a warning: the command was given for something else.
void drop_expired_copies(const pg::ConnectTarget& server, const Path& repository, Context& context);

}  // namespace belay::tools
