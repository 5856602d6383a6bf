#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/schema_diff.h"
#include "tools/schema_source.h"
#include "tools/target.h"

namespace belay::tools {
namespace {

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

// The archive that is named, or the database of -d.
SchemaSource source_of(const Command& command, Context& context) {
  if (command.arguments().empty()) {
    return schema_of_database(database(command, context), command, context);
  }
  return schema_of_archive(command.arguments().front(), context.environment.files);
}

int export_schema(const Command& command, Context& context) {
  const bool json = command.choice(Option::schema_format) == 1;
  const SchemaSource schema = source_of(command, context);
  const std::string text = json ? dump::to_json(objects_of(schema)) : schema.sql;
  const Path file = command.text(Option::file);
  const bool to_stdout = file.empty() || file == "-";
  if (!to_stdout) {
    write(file, text, context.environment);
  } else if (!context.output.style().json) {
    context.output.bytes(text);
  }
  nlohmann::ordered_json object;
  object["source"] = schema.title;
  object["fingerprint"] = schema.fingerprint.hex();
  object["format"] = json ? "json" : "sql";
  object["file"] = to_stdout ? "" : file.native();
  if (to_stdout) object["schema"] = text;
  context.output.result(object, 0);
  return 0;
}

int check_schema(const Command& command, Context& context) {
  const SchemaSource expected =
      schema_of_export(command.text(Option::check), context.environment.files);
  const SchemaSource found = source_of(command, context);
  return expected.objects ? print_schema_diff(expected, found, context.output)
                          : print_script_diff(expected, found, context.output);
}

int diff_schemas(const Command& command, Context& context) {
  const SchemaSource before = schema_named(command.arguments()[1], command, context);
  const SchemaSource after = schema_named(command.arguments()[2], command, context);
  return print_schema_diff(before, after, context.output);
}

// What could not be read was not compared.
template <typename Comparison>
int comparing(Comparison compare) {
  try {
    return compare();
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::io:
      case ErrorKind::sql:
      case ErrorKind::cancelled:
      case ErrorKind::backup_failed:  // the catalog holds what belay cannot read
        throw Error(error).as(ErrorKind::could_not_run);
      default:
        throw;
    }
  }
}

void refuse(const std::string& what) {
  throw Error(ErrorKind::usage, what)
      .next("usage: belay schema [-d DB | ARCHIVE] [--check FILE], or belay schema diff A B");
}

}  // namespace

int run_schema(const Command& command, Context& context) {
  const std::vector<std::string>& arguments = command.arguments();
  const bool checks = command.given(Option::check);
  const bool diffs = !arguments.empty() && arguments.front() == "diff";
  if (arguments.size() != (diffs ? 3 : std::min<std::size_t>(arguments.size(), 1))) {
    refuse(diffs ? "diff takes two schemas" : "schema takes one archive");
  }
  if (!arguments.empty() && command.given(Option::dbname)) {
    refuse(diffs ? "diff takes two schemas, and no -d" : "schema takes an archive or -d, not both");
  }
  if ((diffs || checks) && (command.given(Option::file) || command.given(Option::schema_format))) {
    refuse("nothing is written where schemas are compared: no -f and no --format");
  }
  if (diffs && checks) refuse("diff or --check, not both");
  if (diffs) return comparing([&] { return diff_schemas(command, context); });
  if (checks) return comparing([&] { return check_schema(command, context); });
  return export_schema(command, context);
}

}  // namespace belay::tools
