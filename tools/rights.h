// What the login role may not read, and the GRANT that mends it: found before the first byte.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/error.h"
#include "libcore/pg/connection.h"

namespace belay::tools {

struct MissingRight {
  std::string object;  // "table public.songs"
  std::string mend;    // "GRANT SELECT ON TABLE public.songs TO backup"; or what else to do
};

// Whose rights count and may be mended: the login role, or what ALTER ROLE ... SET role made of it.
std::string effective_role(pg::Connection& connection);

// What a backup of the connection's database needs and the role lacks; empty for a superuser.
std::vector<MissingRight> missing_rights(pg::Connection& connection);
// Error{not_permitted} with the first object, the number of the others, and the GRANTs.
// Requires: there is one.
Error not_permitted(const std::vector<MissingRight>& missing, const std::string& role);

}  // namespace belay::tools
