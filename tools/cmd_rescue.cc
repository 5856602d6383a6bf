#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/writer.h"
#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/maintenance.h"
#include "librestore/made_database.h"
#include "librestore/rescue.h"
#include "tools/commands.h"
#include "tools/journal_of.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

// The database that the last rollback kept, and nobody has put back since.
std::string kept_database(const pg::ConnectTarget& target, const DatabaseJournal& found,
                          Context& context) {
  const migrate::Run* run = found.history.kept_rollback();
  if (run == nullptr) {
    throw Error(ErrorKind::usage, "no rollback of this database stands")
        .object(found.database.database)
        .next("belay runs " + found.here);
  }
  const std::string& name = run->rollback->outgoing_name;
  pg::Connection maintenance =
      pg::connect_maintenance(target, "belay rescue", &context.environment.cancellation);
  if (restore::database_oid(maintenance, name) != run->rollback->old_oid) {
    throw Error(ErrorKind::rollback_failed, "the failed database is gone").object(name);
  }
  return name;
}

}  // namespace

int run_rescue(const Command& command, Context& context) {
  restore::RescueOptions options;
  options.table = command.text(Option::table);
  if (options.table.empty()) {
    throw Error(ErrorKind::usage, "no table named").next("give --table NAME or SCHEMA.NAME");
  }
  options.format = command.choice(Option::rescue_format) == 0
                       ? restore::RescueOptions::Format::csv
                       : restore::RescueOptions::Format::text;
  const DatabaseJournal found = journal_of(command, context);
  pg::ConnectTarget target = database(command, context);
  const std::string kept = kept_database(target, found, context);
  const Path file = command.given(Option::file) ? command.text(Option::file) : "-";
  archive::Publication publication(context.environment.files, file,
                                   context.environment.cancellation);
  const restore::Rescued rescued = restore::rescue_rows(
      target.with_database(kept), target, options,
      [&](std::string_view bytes) { publication.sink().write(bytes); }, context.environment);
  publication.commit();

  const std::string name = quote_name_pretty(rescued.table);
  Output& output = context.output;
  output.line(fmt::format("rescued: {} that only {} holds", counted(rescued.rows, "row"), kept));
  output.facts(
      {{"table", printable(name)}, {"file", file == "-" ? "standard output" : file.native()}});
  if (file != "-" && rescued.rows > 0) {
    output.next(fmt::format(
        "\\copy {} ({}) from {}{}", name, rescued.columns, quote_literal(file.native()),
        command.choice(Option::rescue_format) == 0 ? " with (format csv, header)" : ""));
  }
  output.result({{"database", found.database.database},
                 {"kept", kept},
                 {"table", name},
                 {"columns", rescued.columns},
                 {"rows", rescued.rows},
                 {"file", file == "-" ? "" : file.native()}},
                0);
  return 0;
}

}  // namespace belay::tools
