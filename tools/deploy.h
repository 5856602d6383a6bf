// What a deploy would run, and on which database: the command after --, its Alembic project, -d.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migrate/alembic.h"
#include "tools/commands.h"
#include "tools/target.h"

namespace belay::tools {

// The words after --, with --alembic-config where they name no file themselves; of another tool,
// what
// --tool or they say whose it is, and what is on disk for it.
migrate::ToolCommand tool_command(const Command& command, const std::vector<std::string>& words,
                                  const Context& context);

// The version table that is meant; nothing: not said, any.
struct WantedTable {
  std::optional<std::string> table, schema;
};
// What --version-table says. Requires that it is given.
WantedTable named_table(const Command& command);

// The project that an Alembic command works on, from the working directory; nothing: another tool.
// Its version table is that of --version-table, if it is given.
std::optional<migrate::AlembicProject> project_of(const migrate::ToolCommand& tool,
                                                  const Command& command, Context& context);

// True if -d, PGDATABASE or PGSERVICE names the database.
bool names_database(const Command& command, const Context& context);

// -d, PGDATABASE or PGSERVICE; else what the project would use; else DATABASE_URL.
pg::ConnectTarget target_of(const Command& command,
                            const std::optional<migrate::AlembicProject>& project,
                            Context& context);

}  // namespace belay::tools
