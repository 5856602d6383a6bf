#include "migrate/killed_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/look.h"

namespace belay::migrate {
namespace {

// As long as a command has that belay itself stops.
constexpr std::chrono::seconds kGrace{30};

}  // namespace

void end_killed_command(const RunOptions& options, const std::string& run, Environment& environment,
                        const Step& step) {
  pg::Connection as_command = connect_as_command(options, &environment.cancellation);
  const Sessions at_work = look_at_sessions(as_command, run);
  if (at_work.working.empty()) return;
  step(fmt::format("its command still works in the database: {}; waiting for its end",
                   to_text(at_work.working)));
  const auto left_after = [&](std::chrono::milliseconds wait) {
    std::vector<CommandSession> left =
        sessions_left(as_command, run, wait, environment.clock, environment.cancellation);
    environment.cancellation.check();
    return left;
  };
  if (left_after(std::min<std::chrono::milliseconds>(options.wait, kGrace)).empty()) return;
  if (!look_at_sessions(as_command, run).command.empty()) {
    end_sessions(as_command, run);
    step("ended what its command had left at work");
  }
  const std::vector<CommandSession> left = left_after(options.wait);
  if (left.empty()) return;
  throw Error(ErrorKind::lock_timeout, "a session still works on the version table")
      .object(run)
      .cause(to_text(left))
      .next(fmt::format("wait for it to end, or end it: SELECT pg_terminate_backend({})",
                        left.front().pid));
}

Event result_of_killed(const Event& intent, const Facts& now, const TransactionCount& count,
                       bool reached) {
  Event event;
  event.kind = EventKind::result;
  event.run = intent.run;
  event.after = now.revisions;
  event.fingerprint_after = now.fingerprint.hex();
  event.rows_proved = count.complete && count.committed == 0 && now.prepared.empty();
  event.changed =
      event.fingerprint_after != intent.fingerprint_before || now.revisions != intent.before;
  if (reached) {
    event.note = "killed, but its revisions were reached";
    return event;
  }
  event.outcome =
      describe(event.changed ? ErrorKind::migration_failed_changed : ErrorKind::timed_out).name;
  event.exit_status = describe(ErrorKind::timed_out).exit_status;
  if (event.changed) {
    event.note = "killed, and the database was changed";
  } else if (event.rows_proved) {
    event.note = "killed; nothing was changed";
  } else {
    event.note = "killed; revision and schema are as before, rows are not proved";
  }
  return event;
}

}  // namespace belay::migrate
