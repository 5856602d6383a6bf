// Configuration parameters as the server stores them (proconfig, pg_db_role_setting), written as
// SQL again.
#pragma once

#include <string>
#include <string_view>

namespace belay {

// What follows SET: "work_mem TO '7MB'", "search_path TO 'a b', 'public'". Lists of names are
// stored with the names already quoted and are taken apart, as the server's own dump does it: which
// parameters are such lists is fixed in the server (GUC_LIST_QUOTE). A list of nothing at all
// cannot be written: "search_path FROM CURRENT", which is right where the session has an empty one.
std::string setting_assignment(std::string_view name, std::string_view value);

}  // namespace belay
