#include "librestore/role_rights.h"

#include "librestore/embedded_sql.h"

namespace belay::restore {

std::map<std::string, RoleRights> read_role_rights(pg::Connection& connection) {
  const pg::Result rows = connection.query(sql_for(connection, "role_rights"));
  std::map<std::string, RoleRights> roles;
  for (int row = 0; row < rows.rows(); ++row) {
    roles.emplace(rows.string(row, 0), RoleRights{rows.boolean(row, 1), rows.boolean(row, 2),
                                                  rows.boolean(row, 3), rows.boolean(row, 4)});
  }
  return roles;
}

}  // namespace belay::restore
