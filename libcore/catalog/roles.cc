#include "libcore/catalog/roles.h"

#include <algorithm>
#include <map>
#include <set>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {
namespace {

using Names = std::set<std::string>;

pg::Result ask(pg::Connection& connection, std::string_view name) {
  return connection.query(pg::select_sql(embedded_sql(), name, connection.server_major()));
}

void require_passwords(pg::Connection& connection) {
  const pg::Result row =
      connection.query("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')");
  if (row.boolean(0, 0)) return;
  throw Error(ErrorKind::not_permitted, "the passwords of roles cannot be read")
      .object("--role-passwords")
      .cause("pg_authid is for superusers")
      .next("connect as a superuser, or as one: GRANT SELECT ON pg_authid TO " +
            quote_identifier_pretty(connection.user()));
}

std::vector<RoleDefinition> read_attributes(pg::Connection& connection) {
  const pg::Result rows = ask(connection, "roles");
  std::vector<RoleDefinition> roles;
  for (int row = 0; row < rows.rows(); ++row) {
    const auto flag = [&](const char* column) { return rows.boolean(row, rows.column(column)); };
    RoleDefinition& role = roles.emplace_back();
    role.name = rows.string(row, rows.column("name"));
    role.superuser = flag("superuser");
    role.inherits = flag("inherits");
    role.creates_roles = flag("creates_roles");
    role.creates_databases = flag("creates_databases");
    role.logs_in = flag("logs_in");
    role.replicates = flag("replicates");
    role.bypasses_row_security = flag("bypasses_row_security");
    role.connection_limit = static_cast<int>(rows.integer(row, rows.column("connection_limit")));
    role.valid_until = rows.string(row, rows.column("valid_until"));
    role.comment = rows.string(row, rows.column("comment"));
  }
  return roles;
}

std::optional<bool> option(const pg::Result& rows, int row, const char* column) {
  const std::optional<std::string> text = rows.optional_string(row, rows.column(column));
  if (!text) return std::nullopt;
  return *text == "true";
}

class Reader {
 public:
  Reader(pg::Connection& connection, ClusterRoles& found) : connection_(connection), found_(found) {
    for (RoleDefinition& role : found.roles) roles_[role.name] = &role;
  }

  void passwords() {
    const pg::Result rows = ask(connection_, "role_passwords");
    for (int row = 0; row < rows.rows(); ++row) {
      if (RoleDefinition* role = of(rows, row, "role")) role->password = rows.string(row, 1);
    }
  }
  void memberships() {
    const pg::Result rows = ask(connection_, "role_memberships");
    for (int row = 0; row < rows.rows(); ++row) {
      RoleDefinition* member = of(rows, row, "member");
      if (member == nullptr) continue;  // a predefined one: as the server made it
      member->memberships.push_back({rows.string(row, rows.column("role")),
                                     rows.string(row, rows.column("grantor")),
                                     rows.boolean(row, rows.column("admin")),
                                     option(rows, row, "inherits"), option(rows, row, "sets")});
    }
  }
  void settings() {
    const pg::Result rows = ask(connection_, "role_settings");
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string text = rows.string(row, rows.column("setting"));
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) continue;  // the server stores none without
      if (RoleDefinition* role = of(rows, row, "role")) {
        role->settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
      } else if (rows.is_null(row, rows.column("role"))) {
        found_.of_all.push_back("ALTER ROLE ALL SET " + text.substr(0, equals));
      }
    }
  }
  void labels() {
    const pg::Result rows = ask(connection_, "role_labels");
    for (int row = 0; row < rows.rows(); ++row) {
      if (RoleDefinition* role = of(rows, row, "role"))
        role->labels.push_back({rows.string(row, 1), rows.string(row, 2)});
    }
  }
  void parameter_grants() {
    const pg::Result rows = ask(connection_, "parameter_grants");
    for (int row = 0; row < rows.rows(); ++row) {
      RoleDefinition::ParameterGrant grant{
          rows.string(row, rows.column("parameter")), rows.string(row, rows.column("privilege")),
          rows.string(row, rows.column("grantor")), rows.boolean(row, rows.column("grantable"))};
      if (RoleDefinition* role = of(rows, row, "role")) {
        role->parameter_grants.push_back(std::move(grant));
      } else {
        const std::string to = rows.string(row, rows.column("role"));
        found_.of_all.push_back(grant.privilege + " ON PARAMETER " + grant.parameter + " TO " +
                                (to.empty() ? "PUBLIC" : to));
      }
    }
  }

 private:
  RoleDefinition* of(const pg::Result& rows, int row, const char* column) {
    const auto role = roles_.find(rows.string(row, rows.column(column)));
    return role == roles_.end() ? nullptr : role->second;
  }

  pg::Connection& connection_;
  ClusterRoles& found_;
  std::map<std::string, RoleDefinition*> roles_;
};

// Everything that `step` leads to from `names`.
template <typename Step>
Names reached(Names names, const Step& step) {
  std::vector<std::string> open(names.begin(), names.end());
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    for (const std::string& next : step(name)) {
      if (names.insert(next).second) open.push_back(next);
    }
  }
  return names;
}

}  // namespace

ClusterRoles read_roles(pg::Connection& connection, bool passwords) {
  if (passwords) require_passwords(connection);
  ClusterRoles found;
  found.roles = read_attributes(connection);
  Reader reader(connection, found);
  if (passwords) reader.passwords();
  reader.memberships();
  reader.settings();
  reader.labels();
  reader.parameter_grants();
  return found;
}

std::vector<RoleDefinition> concerned_roles(const std::vector<RoleDefinition>& roles,
                                            const std::vector<std::string>& named) {
  std::map<std::string, Names> above, below, grantors;
  for (const RoleDefinition& role : roles) {
    for (const RoleDefinition::Membership& membership : role.memberships) {
      // Who is a member of a predefined role has nothing to do with who else is.
      if (is_predefined_role(membership.role)) continue;
      above[role.name].insert(membership.role);
      below[membership.role].insert(role.name);
      if (!membership.grantor.empty()) grantors[role.name].insert(membership.grantor);
    }
    for (const RoleDefinition::ParameterGrant& grant : role.parameter_grants) {
      if (!grant.grantor.empty()) grantors[role.name].insert(grant.grantor);
    }
  }
  const auto in = [](std::map<std::string, Names>& edges) {
    return [&edges](const std::string& name) { return edges[name]; };
  };
  const Names start(named.begin(), named.end());
  Names wanted = reached(start, in(above));
  wanted.merge(reached(start, in(below)));
  wanted = reached(wanted, in(grantors));
  std::vector<RoleDefinition> result;
  for (const RoleDefinition& role : roles) {
    if (!wanted.contains(role.name)) continue;
    RoleDefinition& kept = result.emplace_back(role);
    std::erase_if(kept.memberships, [&](const RoleDefinition::Membership& membership) {
      return !is_predefined_role(membership.role) && !wanted.contains(membership.role);
    });
  }
  return result;
}

}  // namespace belay::catalog
