#include "librestore/restore.h"

#include <optional>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/reader.h"
#include "libcore/catalog/roles.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/snapshot.h"
#include "librestore/load.h"
#include "librestore/made_database.h"
#include "librestore/made_roles.h"
#include "librestore/schema_objects.h"
#include "librestore/target_server.h"

namespace belay::restore {
namespace {

// Statements that give the finished database what it must not have while it is being loaded.
std::vector<std::string> publication(const Plan& plan, const archive::DatabaseProperties& database,
                                     const std::string& name) {
  const std::string quoted = quote_identifier(name);
  std::vector<std::string> statements{"COMMENT ON DATABASE " + quoted + " IS NULL"};
  for (const Plan::Step& step : plan.database_comment)
    statements.push_back(with_database_name(step.sql, name));
  statements.push_back("ALTER DATABASE " + quoted + " CONNECTION LIMIT " +
                       std::to_string(database.connection_limit));
  if (database.is_template) statements.push_back("ALTER DATABASE " + quoted + " IS_TEMPLATE true");
  return statements;
}

// Every failure ends with what became of the loading database.
Error told_with(Error error, const std::string& remains) {
  if (error.kind() == ErrorKind::sql || error.kind() == ErrorKind::io ||
      error.kind() == ErrorKind::internal || error.kind() == ErrorKind::could_not_run)
    error.as(ErrorKind::restore_failed);
  const std::string cause = error.cause();
  error.cause(cause.empty() ? remains : cause + "; " + remains);
  return error;
}

void refuse_existing(pg::Connection& admin, const std::string& name) {
  if (!database_exists(admin, name)) return;
  throw Error(ErrorKind::target_exists, "the database exists already")
      .object(quote_identifier_pretty(name))
      .next("restore under another name, or drop it first");
}

pg::Connection connect(const pg::ConnectTarget& target, pg::SessionKind kind,
                       Environment& environment) {
  pg::ConnectOptions options;
  options.kind = kind;
  options.application_name = "belay restore";
  options.cancellation = &environment.cancellation;
  return pg::Connection::connect(target, options);
}

// Roles come first, in a transaction of their own: every session of the load must see them.
void create_roles(std::optional<MadeRoles>& made, pg::Connection& admin,
                  const pg::ConnectTarget& server, const archive::Reader& reader,
                  const Options& options) {
  const std::vector<RoleDefinition>& wanted = reader.contents().role_definitions;
  if (!options.create_roles || wanted.empty()) return;
  const catalog::ClusterRoles there = catalog::read_roles(admin, false);
  made.emplace(admin, server,
               plan_roles(wanted, there.roles, reader.header().source.server_major(),
                          admin.server_major(), admin.parameter("is_superuser") == "on"));
}

void keep(std::optional<MadeRoles>& made, Summary& summary) {
  if (!made) return;
  made->keep();
  const RolePlan& plan = made->plan();
  summary.roles_created = plan.created;
  summary.warnings.insert(summary.warnings.begin(), plan.warnings.begin(), plan.warnings.end());
}

// `remains`, and what remains of the roles, which go last: objects may have been theirs.
std::string with_roles(std::string remains, std::optional<MadeRoles>& made) {
  const std::string roles = made ? made->discard() : "";
  if (roles.empty()) return remains;
  return remains == kNothingLeft ? roles : remains + "; " + roles;
}

// Everything that the archive could collide with.
archive::Exists read_existing(pg::Connection& connection, Environment& environment) {
  catalog::ReadOptions read;
  read.lock_tables = false;
  const catalog::Catalog catalog = catalog::read_catalog(connection, read, environment.progress);
  pg::end_snapshot_transaction(connection);
  return objects_in(catalog);
}

}  // namespace

Summary load_into(archive::Reader& reader, const pg::ConnectTarget& target, const Options& options,
                  Environment& environment) {
  TargetFacts facts;
  {
    pg::Connection connection = connect(target, pg::SessionKind::load, environment);
    facts = read_target(connection);
  }
  Plan plan =
      plan_for(facts, reader.header(), reader.contents(), options, ErrorKind::restore_failed);
  return load(reader, std::move(plan), target, options, environment).summary;
}

Summary restore_create(ByteSource& source, const pg::ConnectTarget& server, const std::string& name,
                       const Options& options, Environment& environment) {
  archive::StreamReader reader(source);
  return restore_create(reader, server, name, options, environment);
}

Summary restore_create(archive::Reader& reader, const pg::ConnectTarget& server,
                       const std::string& name, const Options& options, Environment& environment) {
  const std::string final_name = name.empty() ? reader.contents().database.name : name;
  pg::Connection admin = connect_admin(server, &environment.cancellation);
  refuse_existing(admin, final_name);
  const Plan plan = plan_for(read_target(admin), reader.header(), reader.contents(), options,
                             ErrorKind::restore_failed);

  std::optional<MadeRoles> roles;
  std::optional<MadeDatabase> made;
  const auto discard = [&] {
    return with_roles(made ? made->discard() : std::string(kNothingLeft), roles);
  };
  try {
    create_roles(roles, admin, server, reader, options);
    made.emplace(admin, server, final_name, "loading", reader.header(), environment);
    made->create(reader.contents().database, plan.tablespace);
    if (!options.role.empty()) {
      admin.query("ALTER DATABASE " + quote_identifier(made->name()) + " OWNER TO " +
                  quote_identifier(options.role));
    }
    Summary summary = load(reader, plan, made->target(), options, environment).summary;
    environment.cancellation.check();
    made->publish(final_name, publication(plan, reader.contents().database, final_name));
    summary.database = final_name;
    keep(roles, summary);
    return summary;
  } catch (const Error& error) {
    throw told_with(error, discard());
  } catch (const std::exception& error) {
    throw told_with(Error(ErrorKind::restore_failed, error.what()), discard());
  }
}

Summary restore_in_place(archive::Reader& reader, const pg::ConnectTarget& target,
                         const Options& options, Environment& environment) {
  constexpr std::chrono::seconds kLongestWait{30};
  std::optional<MadeRoles> roles;
  try {
    pg::Connection connection = connect(target, pg::SessionKind::catalog, environment);
    const pg::AdvisoryLock lock(connection, pg::kDatabaseLock, pg::LockMode::exclusive,
                                kLongestWait, environment.clock, environment.cancellation);
    Options here = options;
    here.exists = read_existing(connection, environment);
    Plan plan = plan_for(read_target(connection), reader.header(), reader.contents(), here,
                         ErrorKind::restore_failed);
    if (options.create_roles) {
      pg::Connection admin = connect_admin(target, &environment.cancellation);
      create_roles(roles, admin, target, reader, options);
    }
    Summary summary = load(reader, std::move(plan), target, here, environment).summary;
    keep(roles, summary);
    return summary;
  } catch (const Error& error) {
    // Then nobody knows whether objects of these roles are there.
    const bool open = error.next() == kLostAtCommit;
    if (open && roles) roles->keep();
    throw open ? error : told_with(error, with_roles("nothing was changed", roles));
  }
}

}  // namespace belay::restore
