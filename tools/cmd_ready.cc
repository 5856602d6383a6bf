#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/pg/advisory_lock.h"
#include "migrate/applied.h"
#include "migrate/readiness.h"
#include "migrate/version_tables.h"
#include "tools/deploy.h"

namespace belay::tools {
namespace {

// One session, unless -d is said and env.py names its database in other words.
migrate::Look look_at(migrate::RunOptions& options, pg::Connection& connection,
                      const Command& command, Context& context) {
  const auto* own = options.project && options.project->database.target
                        ? &*options.project->database.target
                        : nullptr;
  if (own == nullptr || own->keywords() == connection.target().keywords()) {
    return migrate::take_look(options, connection, connection);
  }
  pg::ConnectTarget target = *own;
  pg::Connection as_command = open_session(target, command, context, pg::SessionKind::catalog);
  return migrate::take_look(options, connection, as_command);
}

migrate::Look explained(migrate::RunOptions& options, const migrate::Journal& journal,
                        pg::Connection& connection, const Command& command, Context& context) {
  try {
    return look_at(options, connection, command, context);
  } catch (const migrate::DatabaseAhead& ahead) {
    throw migrate::explain_ahead(ahead, journal, options);
  }
}

}  // namespace

int run_ready(const Command& command, Context& context) {
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  migrate::RunOptions options;
  const std::vector<std::string>& words = command.arguments();
  options.command = tool_command(
      command, words.empty() ? std::vector<std::string>{"alembic", "upgrade", "heads"} : words,
      context);
  options.project = project_of(options.command, command, context);
  if (options.project) migrate::require_one_run(*options.project);
  options.target = target_of(command, options.project, context);
  options.environment = command.text(Option::env);
  options.repository = command.text(Option::repo);
  pg::Connection connection =
      open_session(options.target, command, context, pg::SessionKind::catalog);
  const migrate::Journal journal(context.environment.files, options.repository);
  const migrate::Look look = explained(options, journal, connection, command, context);
  const migrate::JournalIdentity database = migrate::journal_identity(look);
  const migrate::History history(journal.read(), database);
  const bool at_work = history.open_run() != nullptr &&
                       pg::lock_is_taken(connection, pg::kDatabaseLock, pg::LockMode::exclusive);
  if (const std::optional<Error> reason = migrate::not_ready(options, history, look, at_work)) {
    throw *reason;
  }
  context.output.line(
      look.expected
          ? fmt::format("ready: {} is at {}", printable(database.database),
                        migrate::to_text(look.revisions.current))
          : fmt::format("ready: the last run on {} was good", printable(database.database)));
  context.output.result({{"database", database.database},
                         {"revisions", look.revisions.revisions},
                         {"expected", look.expected ? nlohmann::ordered_json(*look.expected)
                                                    : nlohmann::ordered_json(nullptr)}},
                        0);
  return 0;
}

}  // namespace belay::tools
