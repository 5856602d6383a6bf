// The Python that runs a command's Alembic.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/file_system.h"
#include "migrate/command.h"

namespace belay::migrate {

// Words that start it: python on the PATH may not have Alembic. `directory` is where the command
// would start; here if empty. Error{preflight} if it cannot be told.
std::vector<std::string> interpreter_of(const ToolCommand& command, const Path& directory,
                                        const FileSystem& files);

}  // namespace belay::migrate
