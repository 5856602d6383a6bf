#include "tools/journal_of.h"

#include <vector>

#include "libcore/base/error.h"
#include "libcore/pg/snapshot.h"
#include "migrate/here.h"
#include "tools/repository.h"

namespace belay::tools {

DatabaseJournal journal_of(const Command& command, Context& context) {
  return journal_of(database(command, context), command, context);
}

DatabaseJournal journal_of(pg::ConnectTarget target, const Command& command, Context& context) {
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  reach(target, command, context);
  pg::ConnectOptions options;
  options.application_name = "belay journal";
  options.cancellation = &context.environment.cancellation;
  pg::Connection connection = pg::Connection::connect(target, options);
  const SourceIdentity identity = pg::read_identity(connection);
  const migrate::Journal journal(context.environment.files, command.text(Option::repo));
  std::vector<migrate::Event> events;
  try {
    events = journal.read();
  } catch (const Error& error) {
    throw not_readable(error);
  }
  const migrate::JournalIdentity database{identity.system_identifier, identity.database_oid,
                                          identity.database, command.text(Option::env)};
  return {journal, database, migrate::History(events, database),
          migrate::here(target, database.database, command.text(Option::repo))};
}

}  // namespace belay::tools
