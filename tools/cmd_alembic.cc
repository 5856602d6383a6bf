#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/maintenance.h"
#include "libcore/pg/snapshot.h"
#include "migrate/name_lock.h"
#include "migrate/stamp.h"
#include "tools/deploy.h"

namespace belay::tools {
namespace {

using migrate::AlembicProject;
using migrate::VersionTable;
using nlohmann::ordered_json;

migrate::ToolCommand alembic_words(const Command& command, const Context& context) {
  return tool_command(command, {"alembic", "current"}, context);
}

// Whether there is a project to look into, without being told of one.
bool has_project(const Command& command, const Context& context) {
  if (command.given(Option::alembic_config)) return true;
  const Path file = migrate::config_of(alembic_words(command, context),
                                       std::filesystem::current_path(), context.variables);
  return context.environment.files.status(file).type == FileStatus::Type::regular;
}

AlembicProject settings_of(const Command& command, const Context& context) {
  return migrate::read_settings(alembic_words(command, context), std::filesystem::current_path(),
                                context.variables, context.environment.files);
}

// --version-table, else what env.py says literally, else any.
WantedTable wanted_table(const Command& command, const std::optional<AlembicProject>& project) {
  if (command.given(Option::version_table)) return named_table(command);
  if (project) return {project->version_table, project->version_schema};
  return {};
}

std::vector<VersionTable> found_tables(pg::Connection& connection, const WantedTable& wanted) {
  return wanted.table ? migrate::find_version_tables(connection, *wanted.table)
                      : migrate::find_version_tables(connection);
}

const VersionTable* choose(const std::vector<VersionTable>& found, const WantedTable& wanted,
                           const Command& command) {
  try {
    return migrate::the_version_table(found, wanted.table, wanted.schema);
  } catch (const Error& error) {
    if (command.given(Option::version_table)) {
      throw Error(error).next("name its schema, too: --version-table SCHEMA.NAME");
    }
    throw Error(error).next("name it with --version-table SCHEMA.NAME");
  }
}

int run_current(const Command& command, Context& context) {
  std::optional<AlembicProject> project;
  if (command.given(Option::alembic_config) ||
      (!names_database(command, context) && has_project(command, context))) {
    project = settings_of(command, context);
  }
  pg::ConnectTarget target = target_of(command, project, context);
  pg::Connection connection = open_session(target, command, context, pg::SessionKind::catalog);
  WantedTable wanted;
  if (command.given(Option::version_table)) wanted = wanted_table(command, project);
  std::vector<std::vector<std::string>> rows;
  ordered_json list = ordered_json::array();
  for (const VersionTable& table : found_tables(connection, wanted)) {
    if (wanted.table && table.name.name != *wanted.table) continue;
    if (wanted.schema && table.name.schema != *wanted.schema) continue;
    const std::string name = quote_name_pretty(table.name);
    rows.push_back({name, migrate::to_text(table.revisions)});
    list.push_back({{"table", name},
                    {"schema", table.name.schema},
                    {"name", table.name.name},
                    {"visible", table.visible},
                    {"revisions", table.revisions}});
  }
  if (rows.empty()) context.output.line("there is no version table: the database is at base");
  context.output.table(rows);
  context.output.result({{"database", connection.database()}, {"tables", list}}, 0);
  return 0;
}

int run_heads(const Command& command, Context& context) {
  const std::optional<AlembicProject> project =
      project_of(alembic_words(command, context), command, context);
  std::vector<std::vector<std::string>> rows;
  ordered_json list = ordered_json::array();
  for (const std::string& id : project->graph.heads()) {
    const migrate::Revision& head = *project->graph.find(id);
    rows.push_back({printable(id), printable(fmt::format("{}", fmt::join(head.labels, ", "))),
                    printable(head.file.native())});
    list.push_back({{"revision", id}, {"labels", head.labels}, {"file", head.file.native()}});
  }
  if (rows.empty()) context.output.line("there are no revisions");
  context.output.table(rows);
  context.output.result({{"config", project->config.native()}, {"heads", list}}, 0);
  return 0;
}

// What gives revisions their meaning, and says which database and table are meant.
struct Migrations {
  std::optional<AlembicProject> project;
  bool readable = false;  // its graph is known
};

// With --force, and for base, there need not be a project, nor a Python that reads it.
Migrations migrations_to_stamp(const Command& command, Context& context,
                               const std::vector<std::string>& revisions) {
  const bool optional = command.on(Option::force) || revisions == std::vector<std::string>{"base"};
  if (optional && !has_project(command, context)) return {};
  try {
    return {project_of(alembic_words(command, context), command, context), true};
  } catch (const Error& error) {
    if (!optional || error.kind() != ErrorKind::preflight) throw;
    context.output.warning(fmt::format("{}; no revision is known", error.what()));
    return {settings_of(command, context), false};
  }
}

// With the project's own role and search_path where they are known: they decide which table is
// meant, and own it if it is created.
pg::Connection connect_to_stamp(const Command& command, Context& context,
                                const std::optional<AlembicProject>& project,
                                pg::ConnectTarget& target) {
  pg::Connection connection = open_session(target, command, context, pg::SessionKind::admin);
  const SourceIdentity identity = pg::read_identity(connection);
  if (identity.in_recovery) {
    throw Error(ErrorKind::preflight, "this server is a standby")
        .object(identity.database)
        .next("name the primary with -d");
  }
  if (!project || !project->database.target ||
      project->database.target->keywords() == target.keywords()) {
    return connection;
  }
  pg::ConnectTarget own = *project->database.target;
  pg::Connection as_project = open_session(own, command, context, pg::SessionKind::admin);
  if (!same_database(identity, pg::read_identity(as_project))) {
    throw Error(ErrorKind::other_database, "these migrations are of another database")
        .object(identity.database)
        .cause(fmt::format("{} means {}", project->database.named_by, own.describe()))
        .next("name the same database with -d, or leave -d out");
  }
  return as_project;
}

migrate::StampPlan plan_stamp(const Command& command, pg::Connection& connection,
                              const Migrations& migrations,
                              const std::vector<std::string>& arguments) {
  const std::optional<AlembicProject>& project = migrations.project;
  migrate::StampPlan plan;
  plan.revisions = migrate::rows_of_stamp(migrations.readable ? &project->graph : nullptr,
                                          arguments, command.on(Option::force));
  const WantedTable wanted = wanted_table(command, project);
  const std::vector<VersionTable> found = found_tables(connection, wanted);
  if (const VersionTable* table = choose(found, wanted, command)) {
    plan.table = table->name;
    plan.before = table->revisions;
  } else if (command.given(Option::version_table)) {
    throw Error(ErrorKind::preflight, "there is no such version table")
        .object(command.text(Option::version_table))
        .next("belay alembic current lists them");
  } else {
    if (project && (!wanted.table || !wanted.schema)) {
      throw Error(ErrorKind::preflight, "env.py does not show where the version table belongs")
          .object(project->config.native())
          .next("create it with Alembic, then name it with --version-table SCHEMA.NAME");
    }
    plan.exists = false;
    plan.table = migrate::new_version_table(connection, wanted.schema.value_or(""),
                                            wanted.table.value_or("alembic_version"));
  }
  migrate::check_fits(connection, plan);
  return plan;
}

void print_stamp(const migrate::StampPlan& plan, const migrate::Stamped& stamped,
                 const std::string& database, bool dry_run, Output& output) {
  const std::string table = quote_name_pretty(plan.table);
  if (stamped.changed()) {
    output.line(fmt::format("{} {}: {} -> {}", dry_run ? "would stamp" : "stamped", table,
                            migrate::to_text(stamped.before), migrate::to_text(stamped.after)));
    if (plan.creates())
      output.line(fmt::format("  {} created", dry_run ? "would be" : "the table was"));
  } else {
    output.line(fmt::format("{} is at {} already; nothing was changed", table,
                            migrate::to_text(stamped.after)));
  }
  output.result({{"database", database},
                 {"table", table},
                 {"before", stamped.before},
                 {"after", stamped.after},
                 {"changed", stamped.changed()},
                 {"created", plan.creates()},
                 {"dry_run", dry_run}},
                0);
}

int run_stamp(const Command& command, Context& context, const std::vector<std::string>& revisions) {
  if (revisions.empty()) {
    throw Error(ErrorKind::usage, "no revision given")
        .next("usage: belay alembic stamp [OPTION]... REVISION...");
  }
  const Migrations migrations = migrations_to_stamp(command, context, revisions);
  const std::optional<AlembicProject>& project = migrations.project;
  pg::ConnectTarget target = target_of(command, project, context);
  pg::Connection connection = connect_to_stamp(command, context, project, target);
  const auto plan = [&] { return plan_stamp(command, connection, migrations, revisions); };
  const migrate::StampPlan planned = plan();  // what cannot be done is said before any wait
  if (command.on(Option::dry_run)) {
    print_stamp(planned, {planned.before, planned.revisions}, connection.database(), true,
                context.output);
    return 0;
  }
  Environment& environment = context.environment;
  const std::chrono::milliseconds wait = command.duration(Option::migrate_wait);
  pg::Connection maintenance = pg::connect_maintenance(target, "belay alembic", nullptr);
  const migrate::NameLock name_lock(maintenance, connection.database(), wait, environment.clock,
                                    environment.cancellation);
  const pg::AdvisoryLock lock(connection, pg::kDatabaseLock, pg::LockMode::exclusive, wait,
                              environment.clock, environment.cancellation);
  const migrate::StampPlan now = plan();
  const migrate::Stamped stamped =
      migrate::stamp(connection, now, wait, environment.clock, environment.cancellation);
  print_stamp(now, stamped, connection.database(), false, context.output);
  return 0;
}

}  // namespace

int run_alembic(const Command& command, Context& context) {
  const std::string& action = command.arguments().front();
  const std::vector<std::string> rest(command.arguments().begin() + 1, command.arguments().end());
  if (action == "stamp") return run_stamp(command, context, rest);
  if ((action == "current" || action == "heads") && rest.empty()) {
    return action == "current" ? run_current(command, context) : run_heads(command, context);
  }
  throw Error(ErrorKind::usage, "alembic needs other arguments")
      .object(action)
      .next("usage: belay alembic current|heads|stamp [REVISION]...");
}

}  // namespace belay::tools
