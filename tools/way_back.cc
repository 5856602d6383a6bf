#include "tools/way_back.h"

#include <utility>

#include <fmt/format.h>

#include "libcore/pg/connect_option.h"
#include "libcore/pg/maintenance.h"
#include "librestore/made_database.h"

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

}  // namespace belay::tools
