// What --create-roles will do; pure.
#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "libcore/base/name.h"
#include "libcore/base/setting.h"
#include "librestore/database_settings.h"
#include "librestore/made_roles.h"

namespace belay::restore {
namespace {

struct Attribute {
  bool RoleDefinition::*value;
  std::string_view word;
  bool usual;  // what CREATE ROLE does by itself; only a superuser may say it of some
};
constexpr std::array kAttributes = {
    Attribute{&RoleDefinition::superuser, "SUPERUSER", false},
    Attribute{&RoleDefinition::inherits, "INHERIT", true},
    Attribute{&RoleDefinition::creates_roles, "CREATEROLE", false},
    Attribute{&RoleDefinition::creates_databases, "CREATEDB", false},
    Attribute{&RoleDefinition::logs_in, "LOGIN", false},
    Attribute{&RoleDefinition::replicates, "REPLICATION", false},
    Attribute{&RoleDefinition::bypasses_row_security, "BYPASSRLS", false},
};

std::string word(const Attribute& attribute, bool value) {
  return (value ? "" : "NO") + std::string(attribute.word);
}

std::string create_statement(const RoleDefinition& role) {
  std::string sql = "CREATE ROLE " + quote_identifier(role.name);
  for (const Attribute& attribute : kAttributes) {
    if (role.*attribute.value != attribute.usual)
      sql += " " + word(attribute, role.*attribute.value);
  }
  if (role.connection_limit != -1)
    sql += " CONNECTION LIMIT " + std::to_string(role.connection_limit);
  if (!role.valid_until.empty()) sql += " VALID UNTIL " + quote_literal(role.valid_until);
  return sql;
}

// A grant can be made only when its grantor holds the right to pass it on.
struct Grant {
  RolePlan::Step step;
  std::string object, grantee;  // of a role or a parameter
  bool passes_on = false;       // the grantee may grant it in turn
  std::string grantor;          // who must hold it so; empty: the login role grants it
};

class Planner {
 public:
  Planner(const std::vector<RoleDefinition>& wanted, const std::vector<RoleDefinition>& existing,
          int source_major, int target_major, bool superuser)
      : wanted_(wanted),
        source_major_(source_major),
        target_major_(target_major),
        superuser_(superuser) {
    for (const RoleDefinition& role : existing) existing_[role.name] = &role;
  }

  RolePlan run() {
    for (const RoleDefinition& role : wanted_) {
      const auto there = existing_.find(role.name);
      if (there != existing_.end()) {
        tell_differences(role, *there->second);
      } else if (!is_predefined_role(role.name)) {
        plan_.created.push_back(role.name);
        add_definition(role);
      }
    }
    for (const RoleDefinition& role : wanted_) {
      for (const RoleDefinition::Membership& membership : role.memberships)
        add_membership(role, membership);
      if (!is_new(role.name) || target_major_ < 15) continue;
      for (const RoleDefinition::ParameterGrant& grant : role.parameter_grants)
        add_parameter_grant(role, grant);
    }
    order_grants();
    return std::move(plan_);
  }

 private:
  bool is_new(const std::string& name) const {
    return std::find(plan_.created.begin(), plan_.created.end(), name) != plan_.created.end();
  }

  void tell_differences(const RoleDefinition& role, const RoleDefinition& there) {
    std::string text;
    for (const std::string& difference : differences(role, there))
      text += (text.empty() ? "" : "; ") + difference;
    if (text.empty()) return;
    plan_.warnings.push_back(fmt::format("role {} exists already and is left as it is: {}",
                                         quote_identifier_pretty(role.name), text));
  }

  void add_definition(const RoleDefinition& role) {
    const std::string name = quote_identifier(role.name);
    const auto add = [&](std::string sql) { plan_.steps.push_back({role.name, sql, {}, {}}); };
    add(create_statement(role));
    if (role.password) add("ALTER ROLE " + name + " PASSWORD " + quote_literal(*role.password));
    for (const RoleDefinition::Setting& setting : role.settings)
      add("ALTER ROLE " + name + " SET " + setting_assignment(setting.name, setting.value));
    if (!role.comment.empty())
      add("COMMENT ON ROLE " + name + " IS " + quote_literal(role.comment));
    for (const RoleDefinition::Label& label : role.labels) {
      add("SECURITY LABEL FOR " + quote_identifier(label.provider) + " ON ROLE " + name + " IS " +
          quote_literal(label.label));
    }
  }

  // Between two roles that were there before it would change what somebody else decided.
  void add_membership(const RoleDefinition& role, const RoleDefinition::Membership& membership) {
    if (!is_new(role.name) && !is_new(membership.role)) return;
    std::string sql =
        "GRANT " + quote_identifier(membership.role) + " TO " + quote_identifier(role.name);
    std::string options;
    const auto option = [&](std::string_view word, bool value) {
      options += fmt::format("{}{} {}", options.empty() ? " WITH " : ", ", word, value);
    };
    if (target_major_ < 16) {
      if (membership.admin) options = " WITH ADMIN OPTION";
    } else {
      if (membership.admin) option("ADMIN", true);
      if (membership.inherits) option("INHERIT", *membership.inherits);
      if (membership.sets) option("SET", *membership.sets);
    }
    // Before server 16 anybody could be written down as the grantor; it meant nothing.
    const std::string grantor = source_major_ < 16 ? "" : membership.grantor;
    if (!grantor.empty() && superuser_) options += " GRANTED BY " + quote_identifier(grantor);
    grants_.push_back({{role.name, sql + options, {}, {}},
                       "role " + membership.role,
                       role.name,
                       membership.admin,
                       superuser_ ? grantor : ""});
    if (!grantor.empty() && !superuser_) tell_grantor(role.name, membership.role, grantor);
  }

  void add_parameter_grant(const RoleDefinition& role,
                           const RoleDefinition::ParameterGrant& grant) {
    const std::string what = grant.privilege + " ON PARAMETER " + quote_setting(grant.parameter);
    const std::string name = quote_identifier(role.name);
    const std::string run_as = superuser_ ? grant.grantor : "";
    grants_.push_back(
        {{role.name,
          "GRANT " + what + " TO " + name + (grant.grantable ? " WITH GRANT OPTION" : ""), run_as,
          "REVOKE " + what + " FROM " + name},
         grant.privilege + " " + grant.parameter,
         role.name,
         grant.grantable,
         run_as});
    if (!grant.grantor.empty() && !superuser_)
      tell_grantor(role.name, grant.parameter, grant.grantor);
  }

  void tell_grantor(const std::string& role, const std::string& what, const std::string& grantor) {
    plan_.warnings.push_back(fmt::format(
        "role {} has {} from the login role, not from {}", quote_identifier_pretty(role),
        quote_identifier_pretty(what), quote_identifier_pretty(grantor)));
  }

  // A grantor that is there already is taken to hold it.
  bool can_grant(std::size_t grant, const std::vector<bool>& done) const {
    const std::string& grantor = grants_[grant].grantor;
    if (grantor.empty() || existing_.contains(grantor)) return true;
    for (std::size_t i = 0; i < grants_.size(); ++i) {
      if (done[i] && grants_[i].passes_on && grants_[i].grantee == grantor &&
          grants_[i].object == grants_[grant].object)
        return true;
    }
    return false;
  }

  void order_grants() {
    std::vector<bool> done(grants_.size());
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < grants_.size(); ++i) {
        if (done[i] || !can_grant(i, done)) continue;
        plan_.steps.push_back(grants_[i].step);
        moved = done[i] = true;
      }
    }
    for (std::size_t i = 0; i < grants_.size(); ++i) {
      if (done[i]) continue;
      plan_.warnings.push_back(fmt::format("role {}: {} was granted by {}, who may not; left out",
                                           quote_identifier_pretty(grants_[i].grantee),
                                           grants_[i].object, grants_[i].grantor));
    }
  }

  const std::vector<RoleDefinition>& wanted_;
  const int source_major_, target_major_;
  const bool superuser_;
  std::map<std::string, const RoleDefinition*> existing_;
  RolePlan plan_;
  std::vector<Grant> grants_;
};

}  // namespace

std::vector<std::string> differences(const RoleDefinition& wanted, const RoleDefinition& there) {
  std::vector<std::string> found;
  const auto differ = [&](const std::string& here, const std::string& archive) {
    if (here != archive) found.push_back(fmt::format("{} here, {} in the archive", here, archive));
  };
  for (const Attribute& attribute : kAttributes)
    differ(word(attribute, there.*attribute.value), word(attribute, wanted.*attribute.value));
  const auto limit = [](const RoleDefinition& role) {
    return "CONNECTION LIMIT " + std::to_string(role.connection_limit);
  };
  differ(limit(there), limit(wanted));
  const auto until = [](const RoleDefinition& role) {
    const bool always = role.valid_until.empty() || role.valid_until == "infinity";
    return always ? "valid for ever" : "VALID UNTIL " + role.valid_until;
  };
  differ(until(there), until(wanted));
  if (there.settings != wanted.settings) found.push_back("other settings");
  if (there.comment != wanted.comment) found.push_back("another comment");
  if (there.labels != wanted.labels) found.push_back("other security labels");
  for (const RoleDefinition::Membership& membership : wanted.memberships) {
    const bool member = std::any_of(
        there.memberships.begin(), there.memberships.end(),
        [&](const RoleDefinition::Membership& other) { return other.role == membership.role; });
    if (!member) found.push_back("no member of " + quote_identifier_pretty(membership.role));
  }
  if (there.parameter_grants != wanted.parameter_grants)
    found.push_back("other privileges on parameters");
  return found;
}

RolePlan plan_roles(const std::vector<RoleDefinition>& wanted,
                    const std::vector<RoleDefinition>& existing, int source_major, int target_major,
                    bool superuser) {
  return Planner(wanted, existing, source_major, target_major, superuser).run();
}

}  // namespace belay::restore
