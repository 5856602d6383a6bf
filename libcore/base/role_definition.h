// A role of a cluster, as far as a database that names it needs it elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace belay {

struct RoleDefinition {
  struct Setting {
    std::string name, value;  // as the server stores them
    bool operator==(const Setting&) const = default;
  };
  struct Label {
    std::string provider, label;
    bool operator==(const Label&) const = default;
  };
  // It is a member of `role`. `grantor` is empty for the superuser that initdb made.
  struct Membership {
    std::string role, grantor;
    bool admin = false;
    std::optional<bool> inherits, sets;  // nothing before server 16
    bool operator==(const Membership&) const = default;
  };
  struct ParameterGrant {
    std::string parameter, privilege, grantor;  // SET, ALTER SYSTEM; grantor as above
    bool grantable = false;
    bool operator==(const ParameterGrant&) const = default;
  };

  std::string name;
  bool superuser = false, inherits = true, creates_roles = false, creates_databases = false;
  bool logs_in = false, replicates = false, bypasses_row_security = false;
  int connection_limit = -1;
  std::string valid_until;              // ISO 8601 in UTC, or "infinity"; empty: for ever
  std::optional<std::string> password;  // the hash, a secret; nothing: none, or not asked for
  std::string comment;
  std::vector<Setting> settings;  // of the role in every database
  std::vector<Label> labels;
  std::vector<Membership> memberships;
  std::vector<ParameterGrant> parameter_grants;

  bool operator==(const RoleDefinition&) const = default;
};

// Predefined roles come with the server.
inline bool is_predefined_role(const std::string& name) { return name.starts_with("pg_"); }

}  // namespace belay
