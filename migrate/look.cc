#include "migrate/look.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/pg/pooler.h"
#include "libcore/pg/snapshot.h"
#include "migrate/here.h"
#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

constexpr auto kToolLockLook = std::chrono::milliseconds(500);
// For a version table's lock, at least: where nobody said how long to wait, too.
constexpr auto kTableLockPatience = std::chrono::milliseconds(1000);

pg::Connection connect_to(const pg::ConnectTarget& target, Cancellation* cancellation,
                          std::chrono::milliseconds wait) {
  pg::ConnectOptions options;
  options.wait = wait;
  options.application_name = kSessionName;
  options.cancellation = cancellation;
  return pg::Connection::connect(target, options);
}

// A deploy does not hang for as long as somebody rewrites the table or forgot to commit.
RevisionLook look_patiently(const RunOptions& options, pg::Connection& connection) {
  const auto patience = std::max<std::chrono::milliseconds>(options.wait, kTableLockPatience);
  connection.run(fmt::format("SET lock_timeout = {}", patience.count()));
  try {
    RevisionLook look = look_at_revisions(options, connection);
    connection.run("SET lock_timeout = 0");
    return look;
  } catch (const Error& error) {
    if (!error.sqlstate_is("55P03")) throw;
    throw Error(ErrorKind::lock_timeout, "the version table is locked")
        .object(error.object())
        .cause(fmt::format("another session has held it for {} ms", patience.count()))
        .next(
            "see who: SELECT pid, mode, relation::regclass FROM pg_locks WHERE mode = "
            "'AccessExclusiveLock' AND granted");
  }
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
  RevisionLook look{revision_sets(tables), {}, {}};
  if (options.project) {
    const VersionTable* table =
        the_version_table(tables, options.project->version_table, options.project->version_schema);
    if (table != nullptr) look.current = table->revisions;
  } else if (!options.command.adapter.empty()) {
    look.tool = read_tool_state(connection, options.command.adapter);
    look.current = look.tool.current;
    if (!look.current.empty()) look.revisions[look.tool.table] = look.current;
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
  look.revisions = look_patiently(options, as_command);
  try {
    look.expected = expected_revisions(options, look.revisions.current);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::ahead) throw DatabaseAhead(error, std::move(look));
    throw;
  }
  look.pending = !look.expected || *look.expected != look.revisions.current ||
                 !look.revisions.tool.dirty.empty();
  return look;
}

std::optional<std::vector<std::string>> expected_revisions(
    const RunOptions& options, const std::vector<std::string>& current) {
  if (!options.project && options.command.on_disk) {
    return expected_by_tool(options.command.adapter, current, *options.command.on_disk);
  }
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

void require_clean_tool(const RunOptions& options, const RevisionLook& look,
                        Environment& environment) {
  const std::string& name = options.command.adapter;
  if (!look.tool.dirty.empty()) {
    throw Error(ErrorKind::drift, "a migration was begun and not finished")
        .object(look.tool.table)
        .cause(fmt::format("{} says so of {}", name, to_text(look.tool.dirty)))
        .next(
            "see what it did, then tell the tool (flyway repair, prisma migrate resolve, migrate "
            "force), or take the database back: belay rollback");
  }
  std::string holder = look.tool.locked_by;
  const auto until = environment.clock.steady() + options.wait;
  while (!holder.empty() && environment.clock.steady() < until) {
    environment.cancellation.check();
    environment.clock.sleep(std::min<std::chrono::milliseconds>(options.wait, kToolLockLook));
    pg::Connection connection = connect_as_command(options, &environment.cancellation);
    holder = read_tool_state(connection, name).locked_by;
  }
  if (holder.empty()) return;
  throw Error(ErrorKind::lock_timeout, "the migration tool's own lock is held")
      .object(name)
      .cause(fmt::format("by {}", printable(holder)))
      .next(
          "wait for it; if nobody is at work any more, release it with the tool (liquibase "
          "releaseLocks)");
}

JournalIdentity journal_identity(const Look& look) {
  return {look.identity.system_identifier, look.identity.database_oid, look.identity.database,
          look.identity.environment};
}

std::string here(const RunOptions& options, const Look& look) {
  return here(options.target, look.identity.database, options.repository);
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
