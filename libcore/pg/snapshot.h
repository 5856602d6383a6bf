// PostgreSQL's exported snapshots: one moment for many connections.
#pragma once

#include <string>

#include "libcore/base/identity.h"
#include "libcore/pg/connection.h"

namespace belay::pg {

// BEGIN ... REPEATABLE READ READ ONLY, without taking the snapshot yet: SET and LOCK may follow,
// and the first query freezes it.
void begin_snapshot_transaction(Connection& connection);
// Exports the snapshot of the open transaction; valid while that transaction is open.
std::string export_snapshot(Connection& connection);
// Begins a transaction on another connection that sees exactly what `snapshot` sees.
void adopt_snapshot(Connection& connection, const std::string& snapshot);
// ROLLBACK; nothing was written.
void end_snapshot_transaction(Connection& connection);

// Identity as of now; inside a snapshot transaction `snapshot` is that transaction's.
SourceIdentity read_identity(Connection& connection);

}  // namespace belay::pg
