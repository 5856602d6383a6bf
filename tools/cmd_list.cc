#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/repository.h"
#include "tools/selection.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(Proved proved) {
  switch (proved) {
    case Proved::nothing:
      return "not verified";
    case Proved::readable:
      return "readable";
    case Proved::compared:
      return "compared";
  }
  return "";
}

std::vector<std::string> row_of(const Stored& stored, Moment now) {
  const std::string file = stored.path.native();
  if (!stored.problem.empty())
    return {file, human_bytes(stored.size), "", "UNUSABLE", stored.problem};
  std::string notes = printable(stored.header.source.environment);
  if (!stored.whole()) notes += notes.empty() ? "not everything" : ", not everything";
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - stored.taken());
  return {file, human_bytes(stored.size), human_age(age), std::string(name_of(stored.proved())),
          notes};
}

ordered_json object_of(const Stored& stored) {
  ordered_json object;
  object["database"] = stored.database;
  object["archive"] = stored.path.native();
  object["size"] = stored.size;
  object["problem"] = stored.problem;
  object["archive_id"] = stored.header.archive_id;
  object["snapshot_at"] = stored.header.source.server_clock;
  object["environment"] = stored.header.source.environment;
  object["system_identifier"] = stored.header.source.system_identifier;
  object["database_oid"] = stored.header.source.database_oid;
  object["rows"] = stored.manifest.rows;
  object["whole"] = stored.problem.empty() && stored.whole();
  object["proved"] = name_of(stored.proved());
  return object;
}

}  // namespace

int run_list(const Command& command, Context& context) {
  const Repository repository = repository_of(command, context);
  const Moment now = context.environment.clock.now();
  std::vector<std::vector<std::string>> rows;
  ordered_json archives = ordered_json::array();
  for (const std::string& database : selected_databases(repository, command, context)) {
    for (const Stored& stored : repository.archives(database)) {
      rows.push_back(row_of(stored, now));
      archives.push_back(object_of(stored));
    }
  }
  if (rows.empty()) {
    context.output.line("no archives");
  } else {
    rows.insert(rows.begin(), {"archive", "size", "age", "proved", "notes"});
    context.output.table(rows);
  }
  ordered_json object;
  object["archives"] = archives;
  context.output.result(object, 0);
  return 0;
}

int run_status(const Command& command, Context& context) {
  const Repository repository = repository_of(command, context);
  const Moment now = context.environment.clock.now();
  const std::chrono::milliseconds limit = command.duration(Option::max_age);
  const Proved wanted = command.choice(Option::level) == 0 ? Proved::readable : Proved::compared;
  const std::vector<std::string> databases = selected_databases(repository, command, context);
  ordered_json all = ordered_json::array();
  bool stale = databases.empty();
  if (stale) context.output.line("STALE: no backup of any database");
  for (const std::string& database : databases) {
    std::optional<Stored> newest;
    for (Stored& stored : repository.archives(database)) {
      const bool good = stored.problem.empty() && stored.whole() && stored.proved() >= wanted;
      if (good && (!newest || stored.taken() >= newest->taken())) newest = std::move(stored);
    }
    const bool fresh = newest && now - newest->taken() <= limit;
    stale = stale || !fresh;
    const std::string age =
        newest ? human_age(std::chrono::duration_cast<std::chrono::seconds>(now - newest->taken()))
               : "";
    context.output.line(fmt::format(
        "{}: {}: {}", fresh ? "fresh" : "STALE", printable(database),
        newest
            ? fmt::format("{} old, {}, {}", age, name_of(newest->proved()), newest->path.native())
            : fmt::format(
                  "no archive that is {}",
                  describe(Option::level).argument.substr(wanted == Proved::readable ? 0 : 9, 8))));
    ordered_json one;
    one["database"] = database;
    one["fresh"] = fresh;
    one["archive"] = newest ? newest->path.native() : "";
    one["snapshot_at"] = newest ? newest->header.source.server_clock : "";
    one["proved"] = newest ? name_of(newest->proved()) : name_of(Proved::nothing);
    all.push_back(one);
  }
  ordered_json object;
  object["databases"] = all;
  object["max_age_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
  const int status = stale ? describe(ErrorKind::stale).exit_status : 0;
  context.output.result(object, status);
  return status;
}

}  // namespace belay::tools
