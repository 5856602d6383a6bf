// What the tables of other migration tools say: how far the database is, whether a migration was
// left half done, and whether somebody holds the tool's own lock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/file_system.h"
#include "libcore/pg/connection.h"
#include "migrate/command.h"

namespace belay::migrate {

// Those that --tool takes, but for "none".
std::span<const std::string_view> adapter_names();

// The tool that a command line shows: "flyway migrate", "npx prisma migrate deploy", "python
// manage.py migrate", "bundle exec rails db:migrate"; empty: none of them.
std::string adapter_of(const std::vector<std::string>& argv);

struct ToolState {
  std::string table;                 // of the tool, for people; empty: there is none yet
  std::vector<std::string> current;  // what is applied, sorted
  std::vector<std::string> dirty;    // what was begun and not finished
  std::string locked_by;             // empty: nobody, or the tool has no such table
};

// `name` is one of adapter_names(). Without its table: as if nothing were applied. Error{preflight}
// if several tables could be meant. `connection` is outside a transaction, as for
// find_version_tables().
ToolState read_tool_state(pg::Connection& connection, const std::string& name);

// What the command would bring the table to, by the names of the files that the tool reads by
// default, or that its own options name; nothing: unknown (no such files, other arguments,
// repeatable ones).
std::optional<std::vector<std::string>> revisions_on_disk(const std::string& name,
                                                          const std::vector<std::string>& argv,
                                                          const Path& directory,
                                                          const FileSystem& files);
// From `current`, with those on disk. golang-migrate keeps only the latest.
std::vector<std::string> expected_by_tool(const std::string& name,
                                          const std::vector<std::string>& current,
                                          const std::vector<std::string>& on_disk);

}  // namespace belay::migrate
