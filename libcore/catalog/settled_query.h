// Queries outside a snapshot that call functions of the server on objects by OID.
#pragma once

#include <string_view>

#include "libcore/pg/connection.h"

namespace belay::catalog {

// Runs the query again, up to five times, when an object was dropped between being seen and being
// looked into: the server then has an internal error (XX000). `connection` is outside a
// transaction.
pg::Result settled_query(pg::Connection& connection, std::string_view sql);

}  // namespace belay::catalog
