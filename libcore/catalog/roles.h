// Roles belong to the cluster, not to a database: they are read only when asked for.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/role_definition.h"
#include "libcore/pg/connection.h"

namespace belay::catalog {

struct ClusterRoles {
  std::vector<RoleDefinition> roles;  // by name, without predefined ones
  // What is the cluster's and no role's own: "ALTER ROLE ALL SET jit", "SET ON PARAMETER x TO
  // PUBLIC".
  std::vector<std::string> of_all;
};
// `passwords`: with the hashes. Error{not_permitted}, with the GRANT, where they cannot be read.
ClusterRoles read_roles(pg::Connection& connection, bool passwords);

// Of `roles` those that a database which names `named` needs to be usable elsewhere: these, who has
// their rights as a member, whose rights they have as members, and who granted that; with
// memberships among these and in predefined roles only. Pure.
std::vector<RoleDefinition> concerned_roles(const std::vector<RoleDefinition>& roles,
                                            const std::vector<std::string>& named);

}  // namespace belay::catalog
