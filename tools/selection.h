// Which repository, and which of its databases, a command is about.
#pragma once

#include <string>
#include <vector>

#include "tools/commands.h"
#include "tools/repository.h"

namespace belay::tools {

// --repo or BELAY_REPO, else Error{usage}.
Repository repository_of(const Command& command, Context& context);
// The names given with -d, or every database of the repository. Nothing is connected to.
std::vector<std::string> selected_databases(const Repository& repository, const Command& command,
                                            Context& context);

}  // namespace belay::tools
