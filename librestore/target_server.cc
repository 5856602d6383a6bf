#include "librestore/target_server.h"

#include <algorithm>

#include "libcore/base/name.h"
#include "libcore/pg/maintenance.h"
#include "librestore/embedded_sql.h"
#include "librestore/planner_statistics.h"
#include "librestore/role_rights.h"
#include "librestore/statements.h"

namespace belay::restore {
namespace {

constexpr std::string_view kApplicationName = "belay restore";

std::string list_of(const std::vector<std::string>& names, std::string_view between = ", ") {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += between;
    text += name;
  }
  return text;
}

// The same words wherever a target is refused: the list is the cause, the way out is `next`.
[[noreturn]] void refuse(ErrorKind kind, const std::string& what, const std::string& cause,
                         const std::string& next) {
  throw Error(kind, what).cause(cause).next(next);
}

// "role a", "extensions b 1.0, c".
void add_missing(std::vector<std::string>& missing, const std::string& kind,
                 const std::vector<std::string>& names) {
  if (names.empty()) return;
  missing.push_back(kind + (names.size() == 1 ? " " : "s ") + list_of(names));
}

// What only somebody else can bring, in one report: nobody should find out one by one.
void check_missing(const TargetFacts& target, const archive::Contents& contents, const Plan& plan,
                   const Options& options, ErrorKind refusal) {
  std::vector<std::string> extensions, tablespaces;
  for (const auto& [name, version] : contents.extensions) {
    const auto& names = plan.missing_extensions;
    if (std::find(names.begin(), names.end(), name) != names.end())
      extensions.push_back(version.empty() ? name : name + " " + version);
  }
  for (const std::string& name : plan.tablespaces) {
    if (!target.tablespaces.contains(name)) tablespaces.push_back(name);
  }
  std::vector<std::string> missing, remedies;
  add_missing(missing, "role", plan.missing_roles);
  add_missing(missing, "extension", extensions);
  add_missing(missing, "tablespace", tablespaces);
  if (missing.empty()) return;
  if (!plan.missing_roles.empty()) {
    std::string statements = options.create_roles || contents.role_definitions.empty()
                                 ? ""
                                 : "restore with --create-roles; or ";
    for (const std::string& role : plan.missing_roles)
      statements += "CREATE ROLE " + quote_identifier_pretty(role) + "; ";
    remedies.push_back(statements + "or restore with -O (no owners) and -x (no privileges)");
  }
  if (!extensions.empty()) remedies.push_back("install the extensions' packages on the server");
  if (!tablespaces.empty()) {
    remedies.push_back(refusal == ErrorKind::could_not_run
                           ? "CREATE TABLESPACE, or drill with --scratch local"
                           : "CREATE TABLESPACE, or restore with --tablespace-map or "
                             "--no-tablespaces");
  }
  std::string next;
  for (const std::string& remedy : remedies) next += (next.empty() ? "" : "; ") + remedy;
  refuse(refusal, "the server lacks what the archive needs", list_of(missing, "; "), next);
}

void check_tablespaces(const TargetFacts& target, const Plan& plan, ErrorKind refusal) {
  std::vector<std::string> closed;
  std::string grants;
  for (const std::string& name : plan.tablespaces) {
    if (target.tablespaces.at(name)) continue;
    closed.push_back(name);
    grants += "GRANT CREATE ON TABLESPACE " + quote_identifier_pretty(name) + " TO " +
              quote_identifier_pretty(target.login) + "; ";
  }
  if (closed.empty()) return;
  refuse(refusal, "the role " + target.login + " may not create in tablespaces that are needed",
         list_of(closed), grants + "or restore with --tablespace-map or --no-tablespaces");
}

void check_roles(const TargetFacts& target, const archive::Contents& contents, const Plan& plan,
                 const Options& options, ErrorKind refusal) {
  const auto actor = target.roles.find(options.role);
  if (!options.role.empty() && (actor == target.roles.end() || !actor->second)) {
    refuse(refusal, "the role " + target.login + " cannot become " + options.role,
           actor == target.roles.end() ? "there is no such role" : "it is not a member of it",
           actor == target.roles.end() ? "CREATE ROLE " + quote_identifier_pretty(options.role)
                                       : "GRANT " + quote_identifier_pretty(options.role) + " TO " +
                                             quote_identifier_pretty(target.login));
  }
  if (target.superuser) return;
  std::vector<std::string> foreign;
  const auto note = [&](const std::string& owner) {
    const auto role = target.roles.find(owner);
    if (owner.empty() || (role != target.roles.end() && role->second)) return;
    // Its members are decided per database: in the new one the login role is among them.
    if (owner == "pg_database_owner") return;
    if (std::find(foreign.begin(), foreign.end(), owner) == foreign.end()) foreign.push_back(owner);
  };
  if (!options.no_owner && !options.exists) note(contents.database.owner);
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    if (!plan.entries[i]) continue;
    const archive::Entry& entry = contents.entries[i];
    if (!options.no_owner && !entry.set_owner.empty()) note(entry.owner);
    if (options.no_privileges) continue;
    for (const std::string& grantor : entry.acl_run_as) note(grantor);
  }
  if (foreign.empty()) return;
  refuse(refusal, "the role " + target.login + " cannot act for roles that the archive names",
         list_of(foreign),
         "connect as a superuser or as a member of these roles, or restore with -O (no owners) "
         "and -x (no privileges)");
}

// False only for one whose entry is not in the plan.
bool makes_extension(const archive::Contents& contents, const Plan& plan, const std::string& name) {
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    const archive::Entry& entry = contents.entries[i];
    if (entry.kind == "extension" && entry.name == name) return plan.entries[i];
  }
  return true;
}

void check_extensions(const TargetFacts& target, const archive::Contents& contents,
                      const Plan& plan, ErrorKind refusal) {
  if (target.superuser) return;
  std::vector<std::string> beyond;
  for (const auto& [name, version] : contents.extensions) {
    if (!makes_extension(contents, plan, name)) continue;
    if (std::find(target.superuser_extensions.begin(), target.superuser_extensions.end(), name) !=
        target.superuser_extensions.end())
      beyond.push_back(name);
  }
  if (beyond.empty()) return;
  refuse(refusal, "only a superuser can create extensions that the archive needs", list_of(beyond),
         "connect as a superuser");
}

}  // namespace

pg::Connection connect_admin(const pg::ConnectTarget& server, Cancellation* cancellation) {
  return pg::connect_maintenance(server, kApplicationName, cancellation);
}

TargetFacts read_target(pg::Connection& connection) {
  TargetFacts target;
  target.server_version = connection.server_version();
  target.login = connection.user();
  target.superuser = connection.parameter("is_superuser") == "on";
  for (const auto& [name, rights] : read_role_rights(connection))
    target.roles.emplace(name, rights.becomes);
  std::map<std::string, bool> creatable;
  const pg::Result extensions = connection.query(sql_for(connection, "target_extensions"));
  for (int row = 0; row < extensions.rows(); ++row) {
    // Version by version; one that the login role can create is enough.
    const bool can = target.superuser || !extensions.boolean(row, 2);
    creatable[extensions.string(row, 0)] |= can;
  }
  for (const auto& [name, can] : creatable) {
    target.extensions.push_back(name);
    if (!can) target.superuser_extensions.push_back(name);
  }
  const pg::Result tablespaces = connection.query(sql_for(connection, "target_tablespaces"));
  for (int row = 0; row < tablespaces.rows(); ++row) {
    const std::string name = tablespaces.string(row, 0);
    target.tablespaces.emplace(name, tablespaces.boolean(row, 1));
    if (tablespaces.boolean(row, 2)) target.of_this = name;
    if (tablespaces.boolean(row, 3)) target.of_new = name;
  }
  return target;
}

Plan plan_for(const TargetFacts& target, const archive::Header& header,
              const archive::Contents& contents, const Options& options, ErrorKind refusal) {
  check_statements(contents);
  if (header.source.server_major() > target.server_version / 10000) {
    refuse(refusal, "the server is older than the one that the archive came from",
           "archive: server " + std::to_string(header.source.server_major()) + ", target: server " +
               std::to_string(target.server_version / 10000),
           "restore into a server of the same major version or a newer one");
  }
  std::vector<std::string> roles;
  for (const auto& [name, member] : target.roles) roles.push_back(name);
  Options here = options;
  here.default_tablespace = options.exists ? target.of_this : target.of_new;
  Plan plan = make_plan(contents, roles, target.extensions, here);
  if (target.server_version / 10000 < kTakesStatisticsFrom) {
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
      if (contents.items[i].kind == archive::DataKind::planner_statistics) plan.items[i] = false;
    }
  }
  if (!plan.in_the_way.empty()) {
    refuse(ErrorKind::target_exists, "what would be created is there already",
           list_of(plan.in_the_way),
           "drop it first, or restore only the rows (-a), or into a new database (--create)");
  }
  check_missing(target, contents, plan, options, refusal);
  check_roles(target, contents, plan, options, refusal);
  check_tablespaces(target, plan, refusal);
  check_extensions(target, contents, plan, refusal);
  if (!target.superuser && !options.no_owner) {
    lend_schemas(plan, contents, target.login, target.server_version >= 150000);
  }
  return plan;
}

std::string create_database_statement(std::string_view name,
                                      const archive::DatabaseProperties& properties,
                                      const std::string& tablespace, int server_major) {
  std::string sql = "CREATE DATABASE " + quote_identifier(name) + " TEMPLATE template0";
  const auto option = [&](std::string_view keyword, const std::string& value) {
    if (!value.empty()) sql.append(" ").append(keyword).append(" ").append(quote_literal(value));
  };
  option("ENCODING", properties.encoding);
  option("LC_COLLATE", properties.lc_collate);
  option("LC_CTYPE", properties.lc_ctype);
  if (server_major >= 15 && !properties.locale_provider.empty()) {
    sql += " LOCALE_PROVIDER " + quote_identifier(properties.locale_provider);
    if (properties.locale_provider == "icu") {
      option("ICU_LOCALE", properties.locale);
      if (server_major >= 16) option("ICU_RULES", properties.icu_rules);
    } else if (properties.locale_provider == "builtin") {
      option("BUILTIN_LOCALE", properties.locale);
    }
  }
  if (!tablespace.empty()) sql += " TABLESPACE " + quote_identifier(tablespace);
  return sql;
}

}  // namespace belay::restore
