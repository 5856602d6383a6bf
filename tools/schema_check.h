// The schema after a migration against the one that a project expects.
#pragma once

#include "migrate/run.h"
#include "tools/schema_source.h"

namespace belay::tools {

// `file` is one that `belay schema` wrote, as JSON or SQL. Tables and columns are counted in the
// database.
migrate::SchemaCheck check_schema(const Path& file, const pg::ConnectTarget& target,
                                  const Command& command, Context& context);

}  // namespace belay::tools
