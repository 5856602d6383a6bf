// A session beside the databases that are made, renamed and dropped.
#pragma once

#include <string_view>

#include "libcore/pg/connection.h"

namespace belay::pg {

// In the maintenance database of the target's server: postgres, else template1. Of kind admin.
// Without `cancellation` it also works, and cleans up, after the user asked to stop.
Connection connect_maintenance(const ConnectTarget& target, std::string_view application_name,
                               Cancellation* cancellation);

}  // namespace belay::pg
