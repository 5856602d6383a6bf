// Schemas as people name them: a database, an archive, or a file that `belay schema` wrote.
#pragma once

#include <optional>
#include <string>

#include "libdump/schema.h"
#include "tools/commands.h"

namespace belay::tools {

struct SchemaSource {
  std::string title;  // for messages
  std::string sql;    // the script; empty for an exported JSON
  Sha256 fingerprint;
  // Nothing for an exported script, and for an archive of a version that did not record them.
  std::optional<dump::SchemaObjects> objects;
};

SchemaSource schema_of_archive(const Path& path, const FileSystem& files);
SchemaSource schema_of_database(pg::ConnectTarget target, const Command& command, Context& context);
// A file that `belay schema -f` wrote, as JSON or SQL.
SchemaSource schema_of_export(const Path& path, const FileSystem& files);
// By what `text` is: a file says itself what it holds; everything else is a database.
SchemaSource schema_named(const std::string& text, const Command& command, Context& context);

// The objects, or Error{usage} that says why there are none.
const dump::SchemaObjects& objects_of(const SchemaSource& schema);

}  // namespace belay::tools
