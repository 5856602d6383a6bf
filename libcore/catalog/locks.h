// Locks before the snapshot: what is read cannot be dropped or rewritten under the reader. Internal
// to this folder.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "libcore/catalog/model.h"
#include "libcore/pg/connection.h"
#include "libcore/pg/result.h"

namespace belay::catalog {

struct LockableTable {
  Oid oid = 0;
  QualifiedName name;
  char kind = 'r';
  bool operator==(const LockableTable&) const = default;
};

std::vector<LockableTable> lockable_tables(const pg::Result& rows);

// LOCK TABLE ONLY ... IN ACCESS SHARE MODE in statements of about 100 kB. LOCK does not take the
// transaction's snapshot.
std::vector<pg::Statement> lock_statements(const std::vector<LockableTable>& tables);
// SET LOCAL lock_timeout, which does not take it either; 0: wait for ever.
pg::Statement lock_timeout_statement(std::chrono::milliseconds timeout);

// Throws Error{not_permitted} that names everything this role may not read, with the GRANTs, if
// there is anything. `missing` is missing_privileges.sql's.
void check_privileges(const pg::Result& missing, const std::string& role);

// Error{lock_timeout} that names who holds the lock; `blockers` is blockers.sql's.
[[noreturn]] void throw_lock_timeout(const pg::Result& blockers, std::chrono::milliseconds timeout);

}  // namespace belay::catalog
