#include "libdump/dump.h"

#include <algorithm>
#include <set>

#include "libcore/base/error.h"
#include "libcore/catalog/activity.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/reader.h"
#include "libcore/catalog/roles.h"
#include "libcore/pg/snapshot.h"
#include "libdump/table_copy.h"
#include "libdump/view_digest.h"

namespace belay::dump {
namespace {

// A session of a superuser turns these off by itself.
void demand_that_damage_is_an_error(pg::Connection& connection) {
  for (const char* setting : {"zero_damaged_pages", "ignore_checksum_failure"}) {
    const std::string value =
        connection.query("SELECT pg_catalog.current_setting($1)", {setting}).string(0, 0);
    if (value == "off") continue;
    throw Error(ErrorKind::backup_failed, "the server passes over damaged pages, and their rows")
        .object(setting)
        .cause("it is " + value)
        .next(
            "reset it for the database, the role or the server, or run this as a superuser, whose "
            "sessions turn it off");
  }
}

pg::Connection connect(const pg::ConnectTarget& source, Environment& environment) {
  pg::ConnectOptions connect;
  connect.kind = pg::SessionKind::catalog;
  connect.application_name = "belay backup";
  connect.cancellation = &environment.cancellation;
  pg::Connection connection = pg::Connection::connect(source, connect);
  demand_that_damage_is_an_error(connection);
  return connection;
}

catalog::Catalog read(pg::Connection& leader, const Options& options, Environment& environment) {
  catalog::ReadOptions read;
  read.lock_timeout = options.lock_timeout;
  read.large_objects = true;
  read.table_sizes = !options.schema_only;
  read.second_session_from = catalog::kLargeCatalogBytes;
  catalog::Catalog catalog = catalog::read_catalog(leader, read, environment.progress);
  catalog.identity.environment = options.environment;
  return catalog;
}

archive::Header make_header(const catalog::Catalog& catalog, const Plan& plan,
                            const Options& options) {
  constexpr int kArchiveIdBytes = 16;
  constexpr std::ptrdiff_t kMostOpen = 1024;  // docs/archive-format.md, section 4
  archive::Header header;
  header.archive_id = random_hex(kArchiveIdBytes);
  header.created_by = options.created_by;
  header.source = catalog.identity;
  // One for each worker, one for the leader; and a cut table stays open while one of its ranges
  // waits for the leader.
  const std::ptrdiff_t cut = std::count_if(plan.items.begin(), plan.items.end(),
                                           [](const archive::DataItem& item) { return item.cut; });
  header.open_tables = static_cast<int>(std::min(plan.jobs + 1 + cut, kMostOpen));
  for (const archive::DataItem& item : plan.items) {
    if (item.kind == archive::DataKind::planner_statistics)
      header.features.emplace_back(archive::kPlannerStatistics);
  }
  return header;
}

std::set<QualifiedName> refreshed_views(const Plan& plan) {
  std::set<QualifiedName> views;
  for (const archive::Entry& entry : plan.entries) {
    if (entry.kind == "refresh") views.insert({entry.schema, entry.name});
  }
  return views;
}

// Cautious: a column of the same name counts as well.
bool names_role(const Plan& plan, const std::string& role) {
  const std::string quoted = quote_identifier_pretty(role);
  const auto in = [&](const std::vector<std::string>& statements) {
    return std::any_of(statements.begin(), statements.end(), [&](const std::string& sql) {
      return sql.find(quoted) != std::string::npos;
    });
  };
  const auto by = [&](const std::vector<std::string>& roles) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  const archive::DatabaseProperties& database = plan.database;
  if (database.owner == role || in(database.acl) || by(database.acl_run_as)) return true;
  return std::any_of(plan.entries.begin(), plan.entries.end(), [&](const archive::Entry& entry) {
    return entry.owner == role || entry.run_as == role || by(entry.acl_run_as) || in(entry.acl) ||
           in(entry.create) || in(entry.set_owner) || in(entry.label);
  });
}

std::vector<std::string> named_roles(const catalog::Catalog& catalog, const Plan& plan,
                                     const Options& options) {
  std::vector<std::string> names = catalog.roles;
  if (options.selection.everything()) return names;
  std::erase_if(names, [&](const std::string& role) { return !names_role(plan, role); });
  return names;
}

// What belongs to nobody alone is the cluster's, and named as not carried.
std::vector<RoleDefinition> define_roles(pg::Connection& leader,
                                         const std::vector<std::string>& named,
                                         const Options& options,
                                         std::vector<std::string>& warnings) {
  if (!options.roles) return {};
  const catalog::ClusterRoles cluster = catalog::read_roles(leader, options.role_passwords);
  for (const std::string& what : cluster.of_all)
    warnings.push_back(what + ": of the whole cluster, not carried with roles");
  return catalog::concerned_roles(cluster.roles, named);
}

void write_table_of_contents(const catalog::Catalog& catalog, const Plan& plan,
                             const Options& options, const std::vector<std::string>& roles,
                             const std::vector<RoleDefinition>& definitions,
                             archive::Writer& writer) {
  writer.add_database(plan.database, definitions);
  const bool all = options.selection.everything();
  for (const std::string& role : roles) writer.add_role(role);
  const auto has = [&](const std::string& extension) {
    return std::any_of(plan.entries.begin(), plan.entries.end(), [&](const archive::Entry& entry) {
      return entry.kind == "extension" && entry.name == extension;
    });
  };
  for (const catalog::Extension& extension : catalog.extensions) {
    if (all || has(extension.name.name)) {
      writer.add_extension(extension.name.name, extension.version);
    }
  }
  for (const archive::Entry& entry : plan.entries) writer.add_entry(entry);
  for (const archive::DataItem& item : plan.items) writer.add_data_item(item);
  writer.end_toc();
}

archive::Manifest make_manifest(const catalog::Catalog& catalog, const Plan& plan,
                                const Options& options) {
  archive::Manifest manifest;
  manifest.fingerprint = plan.fingerprint;
  manifest.ledger = catalog.ledger;
  manifest.user_relations = catalog.user_relations;
  manifest.left_out = plan.left_out;
  manifest.warnings = catalog.warnings;
  manifest.schema_only = options.schema_only;
  manifest.started = catalog.identity.server_clock;
  return manifest;
}

// As SourceIdentity::server_clock.
std::string server_clock(pg::Connection& connection) {
  return connection
      .query(
          "SELECT pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', "
          "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
      .string(0, 0);
}

// What the caller acts on: the server's refusals by their meaning, the rest as a failed backup.
Error named(const Error& error, bool begun) {
  Error told = error;
  switch (error.kind()) {
    case ErrorKind::sql:
      if (error.sqlstate_is("42501")) return told.as(ErrorKind::not_permitted);
      if (error.sqlstate_is("55P03")) return told.as(ErrorKind::lock_timeout);
      return told.as(ErrorKind::backup_failed);
    case ErrorKind::unreachable:
      return begun ? told.as(ErrorKind::backup_failed) : told;
    case ErrorKind::io:
      return told.as(ErrorKind::backup_failed);
    default:
      return told;
  }
}

Summary write(const pg::ConnectTarget& source, const Options& options, ByteSink& sink,
              Environment& environment, bool& begun) {
  const std::chrono::steady_clock::time_point start = environment.clock.steady();
  pg::Connection leader = connect(source, environment);
  environment.progress.stage("read the catalog", 0, 0);
  // Before the snapshot: what is counted by then, the snapshot shows.
  const Activity activity = catalog::read_activity(leader);
  const catalog::Catalog catalog = read(leader, options, environment);
  // From here on the leader's transaction holds one snapshot, and a lock on every table in it.

  const Plan plan = make_plan(catalog, catalog::read_formats(leader), options);
  archive::Manifest manifest = make_manifest(catalog, plan, options);
  manifest.revisions = catalog::read_revisions(leader, catalog);
  manifest.activity = activity;
  const std::vector<std::string> roles = named_roles(catalog, plan, options);
  const std::vector<RoleDefinition> definitions =
      define_roles(leader, roles, options, manifest.warnings);
  // The plan is fixed: what is copied, in which order, under which numbers.

  begun = true;
  const archive::Header header = make_header(catalog, plan, options);
  archive::Writer writer(sink, header);
  write_table_of_contents(catalog, plan, options, roles, definitions, writer);
  const Copied copied =
      copy_contents(plan, options, leader, pg::export_snapshot(leader), writer, environment);
  if (!options.schema_only) {
    environment.progress.stage("read the materialized views", 0, 0);
    manifest.views = digest_views(leader, catalog, refreshed_views(plan), environment);
  }
  manifest.finished = server_clock(leader);
  pg::end_snapshot_transaction(leader);
  // Nothing is locked any more. What follows is bytes.

  environment.cancellation.check();
  const archive::Writer::Written written = writer.finish(manifest);
  Summary summary;
  summary.manifest = manifest;
  summary.manifest.archive_id = header.archive_id;
  summary.manifest.rows = copied.rows;
  summary.manifest.bytes = copied.bytes;
  summary.header = header;
  summary.sha256 = written.sha256;
  summary.size = written.size;
  summary.tables = static_cast<std::uint64_t>(std::count_if(
      plan.items.begin(), plan.items.end(),
      [](const archive::DataItem& item) { return item.kind == archive::DataKind::table; }));
  summary.rows = copied.table_rows;
  summary.bytes = copied.bytes;
  summary.sequences = catalog::sequences_with_states(catalog).size();
  summary.large_objects = catalog.large_objects.size();
  summary.warnings = manifest.warnings;
  summary.roles = definitions.size();
  summary.seconds = std::chrono::duration<double>(environment.clock.steady() - start).count();
  return summary;
}

}  // namespace

Summary dump(const pg::ConnectTarget& source, const Options& options, ByteSink& sink,
             Environment& environment) {
  bool begun = false;
  try {
    return write(source, options, sink, environment, begun);
  } catch (const Error& error) {
    throw named(error, begun);
  }
}

Plan plan_only(const pg::ConnectTarget& source, const Options& options,
               Environment& environment) try {
  pg::Connection leader = connect(source, environment);
  const catalog::Catalog catalog = read(leader, options, environment);
  const Plan plan = make_plan(catalog, catalog::read_formats(leader), options);
  pg::end_snapshot_transaction(leader);
  return plan;
} catch (const Error& error) {
  throw named(error, false);
}

}  // namespace belay::dump
