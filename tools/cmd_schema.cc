#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/reader.h"
#include "libcore/base/error.h"
#include "libdump/ddl.h"
#include "libdump/schema.h"
#include "tools/commands.h"
#include "tools/target.h"

namespace belay::tools {
namespace {

struct Schema {
  std::string text, source;
  Sha256 fingerprint;
};

Schema schema_of_archive(const Path& path, bool json, const FileSystem& files) {
  if (json) {
    throw Error(ErrorKind::usage, "an archive holds its schema as SQL only")
        .object(path.native())
        .next("leave out --format json, or restore it and export that");
  }
  std::unique_ptr<RandomAccessFile> file;
  try {
    file = files.open_random(path);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
  const archive::ArchiveFile archive(*file);
  return {dump::render_script(archive.contents().database, archive.contents().entries),
          path.native(), archive.manifest().fingerprint};
}

Schema schema_of_database(bool json, const Command& command, Context& context) {
  pg::ConnectTarget target = database(command, context);
  const Reached reached = reach(target, command, context);
  const dump::SchemaExport exported = dump::export_schema(target, context.environment);
  return {json ? exported.json : exported.sql, reached.database, exported.fingerprint};
}

void write(const Path& file, std::string_view text, Environment& environment) {
  if (environment.files.status(file).type != FileStatus::Type::other) {
    publish_file(environment.files, file, text);
    return;
  }
  const std::unique_ptr<ByteSink> sink =
      environment.files.open_for_writing(file, environment.cancellation);
  sink->write(text);
  sink->close();
}

}  // namespace

int run_schema(const Command& command, Context& context) {
  const bool json = command.choice(Option::schema_format) == 1;
  const bool from_archive = !command.arguments().empty();
  if (from_archive && command.given(Option::dbname)) {
    throw Error(ErrorKind::usage, "schema takes an archive or -d, not both");
  }
  const Schema schema =
      from_archive ? schema_of_archive(command.arguments().front(), json, context.environment.files)
                   : schema_of_database(json, command, context);
  const Path file = command.text(Option::file);
  const bool to_stdout = file.empty() || file == "-";
  if (!to_stdout) {
    write(file, schema.text, context.environment);
  } else if (!context.output.style().json) {
    context.output.bytes(schema.text);
  }
  nlohmann::ordered_json object;
  object["source"] = schema.source;
  object["fingerprint"] = schema.fingerprint.hex();
  object["format"] = json ? "json" : "sql";
  object["file"] = to_stdout ? "" : file.native();
  if (to_stdout) object["schema"] = schema.text;
  context.output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
