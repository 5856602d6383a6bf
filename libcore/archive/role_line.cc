// Definitions of roles, in the first line of the table of contents.
#include <limits>

#include "libcore/archive/toc_line.h"

namespace belay::archive {
namespace {

using nlohmann::json;

// Each object of the list under `key` (none if there is no such key), through `make`.
template <typename Make>
auto list_of(const Fields& fields, const char* key, const Make& make) {
  std::vector<decltype(make(fields))> list;
  if (!fields.has(key)) return list;
  const json& elements = fields.value(key);
  if (!elements.is_array()) fields.refuse(key, "not a list");
  for (const json& element : elements) list.push_back(make(Fields(element, fields.where())));
  return list;
}

json to_json(const RoleDefinition::Membership& membership) {
  json object = {
      {"role", membership.role}, {"grantor", membership.grantor}, {"admin", membership.admin}};
  if (membership.inherits) object["inherits"] = *membership.inherits;
  if (membership.sets) object["sets"] = *membership.sets;
  return object;
}

json to_json(const RoleDefinition& role) {
  json object = {{"name", role.name},
                 {"superuser", role.superuser},
                 {"inherits", role.inherits},
                 {"creates_roles", role.creates_roles},
                 {"creates_databases", role.creates_databases},
                 {"logs_in", role.logs_in},
                 {"replicates", role.replicates},
                 {"bypasses_row_security", role.bypasses_row_security},
                 {"connection_limit", role.connection_limit},
                 {"valid_until", role.valid_until},
                 {"comment", role.comment}};
  if (role.password) object["password"] = *role.password;
  for (const auto& setting : role.settings)
    object["settings"].push_back({{"name", setting.name}, {"value", setting.value}});
  for (const auto& label : role.labels)
    object["labels"].push_back({{"provider", label.provider}, {"label", label.label}});
  for (const auto& membership : role.memberships)
    object["memberships"].push_back(to_json(membership));
  for (const auto& grant : role.parameter_grants) {
    object["parameter_grants"].push_back({{"parameter", grant.parameter},
                                          {"privilege", grant.privilege},
                                          {"grantor", grant.grantor},
                                          {"grantable", grant.grantable}});
  }
  return object;
}

std::optional<bool> flag_if_there(const Fields& fields, const char* key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.flag(key);
}

// The words stand in a statement as they are.
std::string privilege_of(const Fields& fields) {
  std::string privilege = fields.text("privilege");
  if (privilege != "SET" && privilege != "ALTER SYSTEM") {
    fields.refuse("privilege", "an unknown word");
  }
  return privilege;
}

RoleDefinition role_of(const Fields& fields) {
  RoleDefinition role;
  role.name = fields.text("name");
  role.superuser = fields.flag("superuser");
  role.inherits = fields.flag("inherits");
  role.creates_roles = fields.flag("creates_roles");
  role.creates_databases = fields.flag("creates_databases");
  role.logs_in = fields.flag("logs_in");
  role.replicates = fields.flag("replicates");
  role.bypasses_row_security = fields.flag("bypasses_row_security");
  role.connection_limit = fields.integer("connection_limit", -1, std::numeric_limits<int>::max());
  role.valid_until = fields.text("valid_until");
  role.comment = fields.text("comment");
  if (fields.has("password")) role.password = fields.text("password");
  role.settings = list_of(fields, "settings", [](const Fields& one) {
    return RoleDefinition::Setting{one.text("name"), one.text("value")};
  });
  role.labels = list_of(fields, "labels", [](const Fields& one) {
    return RoleDefinition::Label{one.text("provider"), one.text("label")};
  });
  role.memberships = list_of(fields, "memberships", [](const Fields& one) {
    return RoleDefinition::Membership{one.text("role"), one.text("grantor"), one.flag("admin"),
                                      flag_if_there(one, "inherits"), flag_if_there(one, "sets")};
  });
  role.parameter_grants = list_of(fields, "parameter_grants", [](const Fields& one) {
    return RoleDefinition::ParameterGrant{one.text("parameter"), privilege_of(one),
                                          one.text("grantor"), one.flag("grantable")};
  });
  return role;
}

}  // namespace

json to_json(const std::vector<RoleDefinition>& roles) {
  json list = json::array();
  for (const RoleDefinition& role : roles) list.push_back(to_json(role));
  return list;
}

std::vector<RoleDefinition> role_definitions_of(const Fields& fields) {
  return list_of(fields, "roles", role_of);
}

}  // namespace belay::archive
