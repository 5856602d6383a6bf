#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "migrate/version_tables.h"
#include "tools/journal_of.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

std::string outcome_text(const migrate::Run& run) {
  if (run.open()) return "open: it runs now, or was killed";
  std::string text = printable(run.result->outcome);
  if (run.rolled_back()) text += ", rolled back";
  if (run.release) text += ", released: " + printable(run.release->reason);
  return text;
}

}  // namespace

int run_runs(const Command& command, Context& context) {
  const DatabaseJournal found = journal_of(command, context);
  const std::optional<migrate::Hold> hold = found.history.hold();
  std::vector<std::vector<std::string>> rows;
  ordered_json list = ordered_json::array();
  for (const migrate::Run& run : found.history.runs()) {
    if (!run.began) continue;
    const std::string change = fmt::format("{} -> {}", migrate::to_text(run.intent.before),
                                           run.result ? migrate::to_text(run.result->after) : "?");
    rows.push_back({run.intent.run, change, outcome_text(run)});
    list.push_back(
        {{"run", run.intent.run},
         {"at", to_iso8601(run.intent.at)},
         {"before", run.intent.before},
         {"after", run.result ? ordered_json(run.result->after) : ordered_json(nullptr)},
         {"outcome", run.result ? run.result->outcome : "open"},
         {"changed", run.result && run.result->changed},
         {"rows_proved", !run.result || run.result->rows_proved},
         {"archive", run.intent.archive},
         {"archive_sha256", run.intent.archive_sha256},
         {"rolled_back", run.rolled_back()},
         {"held", hold && hold->run == run.intent.run},
         {"released", run.release ? ordered_json(run.release->reason) : ordered_json(nullptr)}});
  }
  if (rows.empty()) context.output.line("no migration of this database is in the journal");
  context.output.table(rows);
  if (hold) {
    context.output.line(fmt::format("held: {}", hold->reason));
    context.output.next("belay release --reason TEXT " + found.here);
  }
  context.output.result({{"database", found.database.database}, {"runs", list}}, 0);
  return 0;
}

int run_release(const Command& command, Context& context) {
  const std::string reason = command.text(Option::reason);
  if (reason.empty()) {
    throw Error(ErrorKind::usage, "no reason given").next("say why with --reason TEXT");
  }
  DatabaseJournal found = journal_of(command, context);
  const std::optional<migrate::Hold> hold = found.history.hold();
  if (hold) {
    migrate::Event event;
    event.kind = migrate::EventKind::release;
    event.run = hold->run;
    event.at = context.environment.clock.now();
    event.database = found.database;
    event.reason = reason;
    found.journal.write(event);
    context.output.line(fmt::format("released: {}; the same deploy may run again", hold->reason));
  } else {
    context.output.line("nothing is held");
  }
  context.output.result({{"database", found.database.database},
                         {"released", hold ? ordered_json(hold->run) : ordered_json(nullptr)}},
                        0);
  return 0;
}

}  // namespace belay::tools
