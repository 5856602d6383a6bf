#include "migrate/look.h"

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/pg/pooler.h"
#include "libcore/pg/snapshot.h"
#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

pg::Connection connect_to(const pg::ConnectTarget& target, Cancellation* cancellation,
                          std::chrono::milliseconds wait) {
  pg::ConnectOptions options;
  options.wait = wait;
  options.application_name = kSessionName;
  options.cancellation = cancellation;
  return pg::Connection::connect(target, options);
}

}  // namespace

pg::Connection connect(const RunOptions& options, Cancellation* cancellation,
                       std::chrono::milliseconds wait) {
  return connect_to(options.target, cancellation, wait);
}

pg::Connection connect_as_command(const RunOptions& options, Cancellation* cancellation,
                                  std::chrono::milliseconds wait) {
  const bool known = options.project && options.project->database.target;
  return connect_to(known ? *options.project->database.target : options.target, cancellation, wait);
}

RevisionLook look_at_revisions(const RunOptions& options, pg::Connection& connection) {
  const bool named = options.project && options.project->version_table;
  const std::vector<VersionTable> tables =
      named ? find_version_tables(connection, *options.project->version_table)
            : find_version_tables(connection);
  RevisionLook look{revision_sets(tables), {}};
  if (options.project) {
    const VersionTable* table =
        the_version_table(tables, options.project->version_table, options.project->version_schema);
    if (table != nullptr) look.current = table->revisions;
  }
  return look;
}

Look take_look(const RunOptions& options, Cancellation& cancellation) {
  pg::Connection connection = connect(options, &cancellation);
  const bool differs = options.project && options.project->database.target &&
                       options.project->database.target->keywords() != options.target.keywords();
  if (!differs) return take_look(options, connection, connection);
  pg::Connection as_command = connect_as_command(options, &cancellation);
  pg::refuse_transaction_pooling(as_command, &cancellation);
  return take_look(options, connection, as_command);
}

Look take_look(const RunOptions& options, pg::Connection& connection, pg::Connection& as_command) {
  Look look;
  look.identity = pg::read_identity(connection);
  look.identity.environment = options.environment;
  if (&connection != &as_command && !same_database(look.identity, pg::read_identity(as_command))) {
    const CommandDatabase& named = options.project->database;
    throw Error(ErrorKind::other_database, "the command would migrate another database")
        .object(look.identity.database)
        .cause(fmt::format("{} means {}", named.named_by, named.target->describe()))
        .next("name the same database with -d, or leave -d out");
  }
  look.revisions = look_at_revisions(options, as_command);
  try {
    if (options.project) look.expected = expected_revisions(options, look.revisions.current);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::ahead) throw DatabaseAhead(error, std::move(look));
    throw;
  }
  look.pending = !look.expected || *look.expected != look.revisions.current;
  return look;
}

std::optional<std::vector<std::string>> expected_revisions(
    const RunOptions& options, const std::vector<std::string>& current) {
  if (!options.project || options.command.sql) return std::nullopt;
  const RevisionGraph& graph = options.project->graph;
  switch (options.command.action) {
    case AlembicAction::upgrade:
      return graph.after_upgrade(current, options.command.revisions.front());
    case AlembicAction::downgrade:
      return graph.after_downgrade(current, options.command.revisions.front());
    case AlembicAction::stamp:
      return graph.after_stamp(current, options.command.revisions);
    case AlembicAction::other:
      break;
  }
  return std::nullopt;
}

JournalIdentity journal_identity(const Look& look) {
  return {look.identity.system_identifier, look.identity.database_oid, look.identity.database,
          look.identity.environment};
}

DeployTarget deploy_target(const RunOptions& options, const Look& look) {
  DeployTarget target;
  target.argv = without_secrets(options.command.argv);
  if (options.project && look.expected) {
    target.heads = *look.expected;
    target.files = options.project->graph.digest(*look.expected);
  }
  return target;
}

}  // namespace belay::migrate
