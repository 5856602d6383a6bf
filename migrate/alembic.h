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

// Where the command would connect. Nothing where env.py computes it.
struct CommandDatabase {
  std::string named_by;  // "sqlalchemy.url in alembic.ini", "DATABASE_URL, named by env.py"
  std::optional<pg::ConnectTarget> target;  // what it leaves out, libpq takes from PG*
};

struct AlembicProject {
  Path config;  // the ini file; may not exist (Alembic will say so)
  Path script_location;
  RevisionGraph graph;  // complete, from literal files or from Alembic itself
  CommandDatabase database;
  // The version table as env.py names it; nothing: computed there. Schema "": the search_path's.
  std::optional<std::string> version_table, version_schema;
  // Why one run of it cannot be judged; empty: it can.
  std::string several;
};

// Error{preflight} for a project that migrates several databases or schemas in one run: there would
// be several version tables to reach, and only one snapshot.
void require_one_run(const AlembicProject& project);

// The configuration that `command` names, ALEMBIC_CONFIG does, or alembic.ini; whether it exists is
// not looked at.
Path config_of(const ToolCommand& command, const Path& directory, const Variables& variables);

// Everything but the graph: nothing is asked of Python. Contract as read_project().
AlembicProject read_settings(const ToolCommand& command, const Path& directory,
                             const Variables& variables, const FileSystem& files);

// Reads the project that `command` works on. `directory` is where the command would start. Where a
// revision file is not literal, asks Alembic (with the interpreter of the command's own first line)
// by a short program that prints the graph as JSON; Error{preflight} if that fails, with its last
// words. Requires: command.tool == Tool::alembic.
AlembicProject read_project(const ToolCommand& command, const Path& directory,
                            const Variables& variables, ChildProcesses& processes,
                            Environment& environment);

}  // namespace belay::migrate
