// How much was written to a database, as the server counts.
#pragma once

#include "libcore/base/identity.h"
#include "libcore/pg/connection.h"

namespace belay::catalog {

// `connection` is outside a transaction: inside one, servers before 15 tell what they told before.
Activity read_activity(pg::Connection& connection);

}  // namespace belay::catalog
