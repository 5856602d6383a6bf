#include "migrate/killed_run.h"

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/look.h"

namespace belay::migrate {

void wait_for_killed_command(const RunOptions& options, const std::string& run,
                             Environment& environment, const Step& step) {
  pg::Connection as_command = connect_as_command(options, &environment.cancellation);
  const std::vector<CommandSession> working = look_at_sessions(as_command, run).working;
  if (!working.empty()) {
    step(fmt::format("its command still works in the database: {}; waiting for its end",
                     to_text(working)));
  }
  const std::vector<CommandSession> left =
      sessions_left(as_command, run, options.wait, environment.clock, environment.cancellation);
  if (left.empty()) return;
  environment.cancellation.check();
  throw Error(ErrorKind::lock_timeout, "a session of a killed run still works in the database")
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
