#include "librestore/database_settings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/base/setting.h"
#include "librestore/embedded_sql.h"
#include "librestore/role_rights.h"

namespace belay::restore {
namespace {

std::string grantee_of(const std::string& name) {
  return name.empty() ? "PUBLIC" : quote_identifier(name);
}

// A role can pass on only what it was given with the grant option, by the owner in the end.
std::vector<DatabaseSettings::Grant> in_order_of_granting(const DatabaseSettings& wanted) {
  std::vector<DatabaseSettings::Grant> left = wanted.grants, ordered;
  std::set<std::pair<std::string, std::string>> grantable;
  const auto may_grant = [&](const DatabaseSettings::Grant& grant) {
    return grant.grantor == wanted.owner || grantable.contains({grant.grantor, grant.privilege});
  };
  while (!left.empty()) {
    const auto next = std::stable_partition(left.begin(), left.end(), may_grant);
    if (next == left.begin()) break;  // the server would not have such a list
    for (auto grant = left.begin(); grant != next; ++grant) {
      if (grant->grantable) grantable.emplace(grant->grantee, grant->privilege);
    }
    ordered.insert(ordered.end(), left.begin(), next);
    left.erase(left.begin(), next);
  }
  ordered.insert(ordered.end(), left.begin(), left.end());
  return ordered;
}

void apply_grants(pg::Connection& admin, const std::string& target, const DatabaseSettings& current,
                  const DatabaseSettings& wanted) {
  std::set<std::string> grantees{"PUBLIC"};
  for (const DatabaseSettings::Grant& grant : current.grants) {
    grantees.insert(grantee_of(grant.grantee));
  }
  for (const std::string& grantee : grantees) {
    admin.run("REVOKE ALL ON " + target + " FROM " + grantee + " CASCADE");
  }
  for (const DatabaseSettings::Grant& grant : in_order_of_granting(wanted)) {
    const bool by_other = grant.grantor != wanted.owner;
    if (by_other) admin.run("SET LOCAL ROLE " + quote_identifier(grant.grantor));
    admin.run("GRANT " + grant.privilege + " ON " + target + " TO " + grantee_of(grant.grantee) +
              (grant.grantable ? " WITH GRANT OPTION" : ""));
    if (by_other) admin.run("RESET ROLE");
  }
}

// By the login role where it may change the settings of that role, else in the role's own name.
void alter_role(pg::Connection& admin, const std::map<std::string, RoleRights>& roles,
                const std::string& role, const std::string& change) {
  const auto found = roles.find(role);
  const bool as_itself = found != roles.end() && !found->second.alters && found->second.becomes;
  if (as_itself) admin.run("SET LOCAL ROLE " + quote_identifier(role));
  admin.run("ALTER ROLE " + quote_identifier(role) + change);
  if (as_itself) admin.run("RESET ROLE");
}

std::string to_text(const DatabaseSettings::Grant& grant) {
  return fmt::format("{} for {}, granted by {}", grant.privilege,
                     grant.grantee.empty() ? "PUBLIC" : grant.grantee, grant.grantor);
}

std::string to_text(const DatabaseSettings::Setting& setting) {
  return setting.role.empty() ? fmt::format("setting {}", setting.name)
                              : fmt::format("setting {} of role {}", setting.name, setting.role);
}

// Of two sorted lists; rather what the first one has.
template <typename Item>
std::string first_difference(const std::vector<Item>& one, const std::vector<Item>& other) {
  std::vector<Item> different;
  std::ranges::set_difference(one, other, std::back_inserter(different));
  std::ranges::set_difference(other, one, std::back_inserter(different));
  return different.empty() ? "" : to_text(different.front());
}

}  // namespace

std::string first_difference(const DatabaseSettings& one, const DatabaseSettings& other) {
  if (one.owner != other.owner) return "the owner";
  if (one.connection_limit != other.connection_limit) return "the connection limit";
  if (one.is_template != other.is_template) return "whether it is a template";
  if (one.comment != other.comment) return "the comment";
  const std::string grant = first_difference(one.grants, other.grants);
  return grant.empty() ? first_difference(one.settings, other.settings) : grant;
}

DatabaseSettings read_settings(pg::Connection& admin, std::uint32_t database_oid) {
  const std::string oid = std::to_string(database_oid);
  const pg::Result row = admin.query(sql_for(admin, "database_settings"), {oid});
  if (row.rows() != 1) throw Error(ErrorKind::internal, "no such database").object(oid);
  DatabaseSettings settings;
  settings.owner = row.string(0, 0);
  settings.connection_limit = static_cast<int>(row.integer(0, 1));
  settings.is_template = row.boolean(0, 2);
  settings.comment = row.optional_string(0, 3);
  const pg::Result grants = admin.query(sql_for(admin, "database_grants"), {oid});
  for (int i = 0; i < grants.rows(); ++i) {
    settings.grants.push_back(
        {grants.string(i, 0), grants.string(i, 1), grants.string(i, 2), grants.boolean(i, 3)});
  }
  const pg::Result values = admin.query(sql_for(admin, "database_role_settings"), {oid});
  for (int i = 0; i < values.rows(); ++i) {
    settings.settings.push_back({values.string(i, 0), values.string(i, 1), values.string(i, 2)});
  }
  std::sort(settings.grants.begin(), settings.grants.end());
  std::sort(settings.settings.begin(), settings.settings.end());
  return settings;
}

void apply_settings(pg::Connection& admin, std::string_view name, std::uint32_t database_oid,
                    const DatabaseSettings& wanted) {
  const DatabaseSettings current = read_settings(admin, database_oid);
  const std::string target = "DATABASE " + quote_identifier(name);
  if (current.owner != wanted.owner) {
    admin.run("ALTER " + target + " OWNER TO " + quote_identifier(wanted.owner));
  }
  apply_grants(admin, target, read_settings(admin, database_oid), wanted);
  admin.run("ALTER " + target + " CONNECTION LIMIT " + std::to_string(wanted.connection_limit));
  if (current.is_template != wanted.is_template) {
    admin.run("ALTER " + target + " IS_TEMPLATE " + (wanted.is_template ? "true" : "false"));
  }
  const std::map<std::string, RoleRights> rights = read_role_rights(admin);
  std::set<std::string> roles;
  for (const DatabaseSettings::Setting& old : current.settings) roles.insert(old.role);
  for (const std::string& role : roles) {
    if (role.empty()) {
      admin.run("ALTER " + target + " RESET ALL");
    } else {
      alter_role(admin, rights, role, " IN " + target + " RESET ALL");
    }
  }
  for (const DatabaseSettings::Setting& setting : wanted.settings) {
    const std::string change = " SET " + setting_assignment(setting.name, setting.value);
    if (setting.role.empty()) {
      admin.run("ALTER " + target + change);
    } else {
      alter_role(admin, rights, setting.role, " IN " + target + change);
    }
  }
  admin.run("COMMENT ON " + target + " IS " +
            (wanted.comment ? quote_literal(*wanted.comment) : "NULL"));
}

std::string quote_setting(const std::string& name) {
  std::string quoted;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    quoted += (begin == 0 ? "" : ".") + quote_identifier_pretty(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return quoted;
}

}  // namespace belay::restore
