#include "migrate/open_snapshots.h"

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/look.h"
#include "migrate/traces.h"

namespace belay::migrate {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(200);

}  // namespace

void wait_for_open_snapshots(const RunOptions& options, Environment& environment,
                             const Step& step) {
  pg::Connection connection = connect(options, &environment.cancellation);
  const auto deadline = environment.clock.steady() + options.wait;
  bool told = false;
  while (true) {
    const std::vector<CommandSession> open = look_at_open_snapshots(connection);
    if (open.empty()) return;
    environment.cancellation.check();
    if (environment.clock.steady() >= deadline) {
      throw Error(ErrorKind::lock_timeout, "a transaction keeps its snapshot of the database open")
          .object(connection.database())
          .cause(to_text(open) + "; the migration might wait for it without end")
          .next(fmt::format("wait for it to end, or end it: SELECT pg_terminate_backend({})",
                            open.front().pid));
    }
    if (!told) step(fmt::format("waiting for a transaction to end: {}", to_text(open)));
    told = true;
    environment.clock.sleep(kPoll);
  }
}

}  // namespace belay::migrate
