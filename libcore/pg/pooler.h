// Poolers between belay and the server.
#pragma once

#include "libcore/pg/connection.h"

namespace belay::pg {

// Error{preflight} if a pooler lends the server's sessions for one transaction only, as PgBouncer
// does in the modes transaction and statement: between two statements, locks and settings would be
// another session's. One round trip where there is no pooler. `connection` is idle.
void refuse_transaction_pooling(Connection& connection, Cancellation* cancellation);

}  // namespace belay::pg
