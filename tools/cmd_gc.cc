#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/pg/maintenance.h"
#include "librestore/leftovers.h"
#include "tools/journal_of.h"
#include "tools/repository.h"
#include "tools/sealed_copies.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

// Says what goes and what stays, and counts.
class Ledger {
 public:
  Ledger(bool dry_run, Output& output) : dry_run_(dry_run), output_(output) {}

  void gone(std::string_view what, const std::string& name, const std::string& reason) {
    ++gone_;
    add(fmt::format("{} {}", dry_run_ ? "would drop" : "dropped", what), name, reason, true);
  }
  void left(std::string_view what, const std::string& name, const std::string& reason) {
    ++left_;
    add(fmt::format("left {}", what), name, reason, false);
  }
  void close(const std::string& database) {
    output_.table(rows_);
    output_.line(
        gone_ + left_ == 0
            ? "nothing to collect"
            : fmt::format("{} {}, left {}", dry_run_ ? "would drop" : "dropped", gone_, left_));
    output_.result({{"database", database},
                    {"dry_run", dry_run_},
                    {"dropped", gone_},
                    {"left", left_},
                    {"decisions", decisions_}},
                   0);
  }

 private:
  void add(const std::string& verb, const std::string& name, const std::string& reason, bool gone) {
    rows_.push_back({verb, printable(name), printable(reason)});
    decisions_.push_back({{"name", name}, {"dropped", gone}, {"reason", reason}});
  }

  const bool dry_run_;
  Output& output_;
  std::uint64_t gone_ = 0, left_ = 0;
  std::vector<std::vector<std::string>> rows_;
  ordered_json decisions_ = ordered_json::array();
};

// What a rollback that was killed needs to be finished.
std::set<std::string> needed_by_rollbacks(const migrate::History& history) {
  std::set<std::string> names;
  if (const migrate::Run* unfinished = history.unfinished_rollback()) {
    names = {unfinished->rollback->incoming_name, unfinished->rollback->outgoing_name};
  }
  return names;
}

void collect_databases(const pg::ConnectTarget& target, const restore::CollectionRules& rules,
                       bool dry_run, Context& context, Ledger& ledger) {
  pg::Connection admin = pg::connect_maintenance(target, "belay gc", nullptr);
  restore::CollectionRules now = rules;
  now.now = restore::server_time(admin);
  for (const restore::Leftover& leftover : restore::find_leftovers(admin)) {
    context.environment.cancellation.check();
    const restore::Decision decision = restore::decide(leftover, now);
    if (!decision.drop) {
      ledger.left("database", leftover.name, decision.reason);
      continue;
    }
    try {
      if (dry_run || restore::drop(admin, leftover, context.environment)) {
        ledger.gone("database", leftover.name, decision.reason);
      } else {
        ledger.left("database", leftover.name, "it changed just now");
      }
    } catch (const Error& error) {
      ledger.left("database", leftover.name, error.what());
    }
  }
}

void collect_files(const std::vector<Path>& files, bool dry_run, Context& context, Ledger& ledger) {
  for (const Path& file : files) {
    if (!dry_run) context.environment.files.remove(file);
    ledger.gone("file", file.native(), "left by a run that was killed");
  }
}

void collect_in_repository(Repository& repository, bool dry_run, Context& context, Ledger& ledger) {
  const Moment now = context.environment.clock.now();
  const std::chrono::hours day(24);
  collect_files(repository.left_behind(repository.journal(), now, day), dry_run, context, ledger);
  for (const std::string& database : repository.databases()) {
    const Path directory = repository.directory(database);
    try {
      const std::unique_ptr<FileSystem::Lock> lock = repository.lock(database);
      collect_files(repository.left_behind(directory, now, std::chrono::hours(0)), dry_run, context,
                    ledger);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy) throw;
      ledger.left("directory", directory.native(), "a backup writes there");
    }
  }
}

}  // namespace

int run_gc(const Command& command, Context& context) {
  const bool dry_run = command.on(Option::dry_run);
  if (command.on(Option::failed) && !command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "which databases an unfinished rollback needs is not known")
        .object("--failed")
        .next("give --repo DIR (or BELAY_REPO): its journal tells");
  }
  pg::ConnectTarget target = database(command, context);
  const Reached reached = reach(target, command, context);
  restore::CollectionRules rules;
  if (command.on(Option::failed)) rules.failed_of = reached.database;
  Ledger ledger(dry_run, context.output);
  if (command.given(Option::repo)) {
    Repository repository(context.environment.files, command.text(Option::repo));
    rules.needed = needed_by_rollbacks(journal_of(command, context).history);
    collect_in_repository(repository, dry_run, context, ledger);
  }
  collect_databases(target, rules, dry_run, context, ledger);
  // Copies of the journal's are among them: it is to know that they are gone.
  if (command.given(Option::repo) && !dry_run) {
    drop_expired_copies(target, command.text(Option::repo), context);
  }
  ledger.close(reached.database);
  return 0;
}

}  // namespace belay::tools
