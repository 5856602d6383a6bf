#include "tools/way_back.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "libcore/base/shell_word.h"
#include "libcore/pg/connect_option.h"
#include "libcore/pg/maintenance.h"
#include "librestore/made_database.h"
#include "tools/repository.h"
#include "tools/target.h"

namespace belay::tools {

restore::SwapFacts way_back_facts(const pg::ConnectTarget& target, const std::string& database,
                                  Cancellation* cancellation) {
  pg::Connection admin = pg::connect_maintenance(target, "belay", cancellation);
  return restore::read_swap_facts(admin, restore::database_oid(admin, database));
}

Error refusal(std::string what, const std::vector<restore::Obstacle>& obstacles,
              const pg::ConnectTarget& target, const std::string& database) {
  const restore::Obstacle& first = obstacles.front();
  Error error(ErrorKind::preflight, std::move(what));
  error.object(database);
  if (obstacles.size() == 1) return error.cause(first.what).next(first.mend);
  return error.cause(fmt::format("{}, and {} more", first.what, obstacles.size() - 1))
      .next(fmt::format("belay doctor -d {}", pg::connect_option(target.with_database(database))));
}

Error way_back_to_nothing(const Error& missing, const Command& command, Context& context) {
  const pg::ConnectTarget target = database(command, context);
  const std::string name = name_in(target, context.variables);
  if (name.empty()) return missing;
  const Repository repository(context.environment.files, command.text(Option::repo));
  std::optional<Stored> newest;
  for (Stored& stored : repository.archives(name)) {
    if (!stored.problem.empty() || !stored.whole()) continue;
    if (newest && newest->proved() > stored.proved()) continue;
    newest = std::move(stored);
  }
  if (!newest) return missing;
  return Error(missing).next(fmt::format("belay restore {} -d {} --create",
                                         quote_shell_word(newest->path.native()),
                                         pg::connect_option(target.with_database(name))));
}

}  // namespace belay::tools
