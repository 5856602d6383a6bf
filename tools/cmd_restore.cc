#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "librestore/restore.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/target.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

// "Nothing left behind" holds for every failure of the server or the disk once work has begun.
restore::Summary restore_archive(ByteSource& source, const pg::ConnectTarget& target,
                                 const std::string& name, const restore::Options& options,
                                 Environment& environment) {
  try {
    return restore::restore_create(source, target, name, options, environment);
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::sql:
      case ErrorKind::unreachable:  // it was reached before
      case ErrorKind::io:
      case ErrorKind::cancelled:
      case ErrorKind::mismatch:
        throw Error(error).as(ErrorKind::restore_failed);
      default:
        throw;
    }
  }
}

std::unique_ptr<ByteSource> open(const Path& archive, const Environment& environment) {
  if (archive == "-") {
    if (Process::stdin_is_terminal()) {
      throw Error(ErrorKind::usage, "an archive is not read from a terminal")
          .next("redirect the standard input, or name a file");
    }
    return Process::input(environment.cancellation);
  }
  try {
    return environment.files.open(archive);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
}

}  // namespace

int run_restore(const Command& command, Context& context) {
  if (!command.on(Option::create)) {
    throw Error(ErrorKind::usage, "restore needs --create")
        .cause("restoring into an existing database is not built yet")
        .next("belay restore ARCHIVE -d NEW_NAME --create");
  }
  if (!command.given(Option::dbname)) {
    throw Error(ErrorKind::usage, "restore needs -d")
        .cause("it names the database that will be created");
  }
  pg::ConnectTarget target = database(command, context);
  const std::string* name = target.find("dbname");
  if (name == nullptr || name->empty()) {
    throw Error(ErrorKind::usage, "-d names no database").object(command.text(Option::dbname));
  }
  if (derived_name(*name, "") != *name) {
    throw Error(ErrorKind::usage, "a database name of more than 63 bytes")
        .object(*name)
        .cause("the server would cut it");
  }
  restore::Options options;
  options.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  options.no_owner = command.on(Option::no_owner);
  options.no_privileges = command.on(Option::no_privileges);
  options.schema_only = command.on(Option::schema_only);
  const Path archive = command.arguments().front();
  const std::unique_ptr<ByteSource> source = open(archive, context.environment);
  pg::ConnectTarget maintenance = target.with_database("postgres");
  reach(maintenance, command, context);  // waits, and may ask for the password
  const restore::Summary summary =
      restore_archive(*source, maintenance, *name, options, context.environment);

  Output& output = context.output;
  for (const std::string& warning : summary.warnings) output.warning(warning);
  output.line(fmt::format("restored: database {}", printable(summary.database)));
  output.facts({{"from", fmt::format("{}, {}, sha256 {}",
                                     archive == "-" ? "standard input" : archive.native(),
                                     human_bytes(summary.size), summary.sha256.hex())},
                {"of", fmt::format("database {}, {}", printable(summary.header.source.database),
                                   summary.header.source.server_clock)},
                {"contents", fmt::format("{}, {}, {}, {}, {}", counted(summary.tables, "table"),
                                         counted(summary.rows, "row"), human_bytes(summary.bytes),
                                         counted(summary.sequences, "sequence"),
                                         counted(summary.large_objects, "large object"))},
                {"time", human_seconds(summary.seconds)}});
  if (archive != "-") {
    output.next(fmt::format("belay compare {} {}", archive.native(), command.text(Option::dbname)));
  }
  nlohmann::ordered_json object;
  object["database"] = summary.database;
  object["archive"] = archive.native();
  object["archive_id"] = summary.header.archive_id;
  object["sha256"] = summary.sha256.hex();
  object["size"] = summary.size;
  object["tables"] = summary.tables;
  object["rows"] = summary.rows;
  object["bytes"] = summary.bytes;
  object["sequences"] = summary.sequences;
  object["large_objects"] = summary.large_objects;
  object["statements"] = summary.statements;
  object["seconds"] = summary.seconds;
  output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
