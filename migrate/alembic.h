// The adapter for Alembic: what a command line asks for, which database it would really use, and
// where its revision files lead. No database is touched here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"
#include "migrate/command.h"
#include "migrate/revision_graph.h"

namespace belay::migrate {

using Variables = std::function<std::optional<std::string>(const char* name)>;

// Where the URL comes from, and what it says.
struct CommandDatabase {
  enum class Source {
    ini,         // sqlalchemy.url is literal; gaps filled from PG* by libpq
    variable,    // env.py or the ini names it, and it is set
    libpq,       // neither names a URL: PG* alone
    unresolved,  // env.py computes it
  } source = Source::unresolved;
  std::string named_by;  // "sqlalchemy.url in alembic.ini", "DATABASE_URL named by env.py"
  std::optional<pg::ConnectTarget> target;  // nothing if unresolved
};

struct AlembicProject {
  Path config;  // the ini file; may not exist (Alembic will say so)
  Path script_location;
  RevisionGraph graph;         // complete, from literal files or from Alembic itself
  bool asked_alembic = false;  // a child process was started for it
  CommandDatabase database;
  // The version table as env.py names it; nothing: computed there. Schema "": the search_path's.
  std::optional<std::string> version_table, version_schema;
};

// Reads the project that `command` works on. `directory` is where the command would start. Where a
// revision file is not literal, asks Alembic (with the interpreter of the command's own first line)
// by a short program that prints the graph as JSON; Error{preflight} if that fails, with its last
// words. Requires: command.tool == Tool::alembic.
AlembicProject read_project(const ToolCommand& command, const Path& directory,
                            const Variables& variables, ChildProcesses& processes,
                            Environment& environment);

}  // namespace belay::migrate
