#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "migrate/history.h"
#include "tools/commands.h"
#include "tools/retention.h"
#include "tools/selection.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

KeepRules rules_of(const Command& command) {
  const auto number = [&](Option option) -> std::optional<std::uint64_t> {
    if (!command.given(option)) return std::nullopt;
    return command.count(option, 0, 100000);
  };
  KeepRules rules;
  rules.last = number(Option::keep_last);
  rules.hourly = number(Option::keep_hourly);
  rules.daily = number(Option::keep_daily);
  rules.weekly = number(Option::keep_weekly);
  rules.monthly = number(Option::keep_monthly);
  rules.yearly = number(Option::keep_yearly);
  if (command.given(Option::keep_within)) rules.within = command.duration(Option::keep_within);
  if (rules.empty()) {
    throw Error(ErrorKind::usage, "prune does not know what to keep")
        .next("give --keep-last, --keep-within, --keep-daily ... (belay prune --help)");
  }
  return rules;
}

// A database that was made anew under an old name is another one: its archives are counted apart.
using Identity = std::pair<std::string, std::uint32_t>;

struct Totals {
  std::uint64_t kept = 0, removed = 0, bytes = 0;
};

void settle(const Stored& stored, const Decision& decision, bool dry_run, Repository& repository,
            Output& output, Totals& totals, ordered_json& decisions) {
  if (!decision.keep) {
    if (!dry_run) repository.remove(stored.path);
    ++totals.removed;
    totals.bytes += stored.size;
  } else {
    ++totals.kept;
  }
  if (!decision.keep || dry_run || output.style().verbose) {
    const std::string_view what = decision.keep ? "keep  " : dry_run ? "would remove" : "removed";
    output.line(fmt::format("{} {}: {}", what, stored.path.native(), decision.reason));
  }
  ordered_json one;
  one["archive"] = stored.path.native();
  one["keep"] = decision.keep;
  one["reason"] = decision.reason;
  decisions.push_back(one);
}

}  // namespace

int run_prune(const Command& command, Context& context) {
  const KeepRules rules = rules_of(command);
  const bool dry_run = command.on(Option::dry_run);
  Repository repository = repository_of(command, context);
  const Moment now = context.environment.clock.now();
  std::vector<migrate::Event> events;
  try {
    events = migrate::Journal(context.environment.files, repository.root()).read();
  } catch (const Error& error) {
    throw not_readable(error);
  }
  Totals totals;
  ordered_json decisions = ordered_json::array();
  for (const std::string& database : selected_databases(repository, command, context)) {
    std::map<Identity, std::vector<Stored>> groups;
    for (Stored& stored : repository.archives(database)) {
      if (!stored.problem.empty()) {
        context.output.warning(
            fmt::format("left alone: {}: {}", stored.path.native(), stored.problem));
        continue;
      }
      const SourceIdentity& source = stored.header.source;
      groups[{source.system_identifier, source.database_oid}].push_back(std::move(stored));
    }
    for (const auto& [identity, archives] : groups) {
      const std::map<std::string, std::string> needed =
          migrate::History(events, {identity.first, identity.second, database, ""})
              .needed_archives();
      std::vector<Candidate> candidates;
      for (const Stored& stored : archives) {
        const auto run = needed.find(relative_to(repository.root(), stored.path));
        candidates.push_back({stored.taken(), stored.proved(), stored.whole(),
                              run == needed.end() ? "" : run->second});
      }
      const std::vector<Decision> decided = decide(candidates, rules, now);
      for (std::size_t i = 0; i < archives.size(); ++i) {
        settle(archives[i], decided[i], dry_run, repository, context.output, totals, decisions);
      }
    }
  }
  context.output.line(fmt::format("{} {}, {}; kept {}", dry_run ? "would remove" : "removed",
                                  counted(totals.removed, "archive"), human_bytes(totals.bytes),
                                  totals.kept));
  ordered_json object;
  object["dry_run"] = dry_run;
  object["kept"] = totals.kept;
  object["removed"] = totals.removed;
  object["bytes"] = totals.bytes;
  object["decisions"] = decisions;
  context.output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
