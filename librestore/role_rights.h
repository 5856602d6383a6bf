// What the login role may do with the other roles of the server.
#pragma once

#include <map>
#include <string>

#include "libcore/pg/connection.h"

namespace belay::restore {

struct RoleRights {
  bool superuser = false;  // the role itself
  bool acts = false;       // the login role has its rights without becoming it
  bool becomes = false;    // SET ROLE to it; objects may be given to it
  bool alters = false;     // its settings in a database
};

std::map<std::string, RoleRights> read_role_rights(pg::Connection& connection);

}  // namespace belay::restore
