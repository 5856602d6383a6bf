// What the pending revisions would destroy: tables with rows and columns with values.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/environment.h"
#include "migrate/drop_statements.h"
#include "migrate/look.h"
#include "migrate/run.h"

namespace belay::migrate {

struct DroppedData {
  std::vector<std::string> losses;  // "table public.orders, which holds 12 rows"
  std::string not_looked_at;        // what, and why; empty: nothing
};

// Pending revisions of an upgrade by Alembic whose text may_drop(). Runs nothing.
std::vector<std::string> pending_that_may_drop(const RunOptions& options, const Look& look,
                                               const FileSystem& files);

// Renders the pending revisions of an upgrade by Alembic as SQL, if their text may drop something,
// and counts what is there. What cannot be counted in a few seconds is estimated.
DroppedData look_at_dropped_data(const RunOptions& options, const Look& look,
                                 ChildProcesses& processes, Environment& environment);

// Of those, what is there and holds data. `connection` is one of connect_as_command().
std::vector<std::string> count_dropped(pg::Connection& connection,
                                       const std::vector<DropStatement>& drops, Clock& clock,
                                       std::chrono::milliseconds patience);

// Whether the text of a revision, besides its downgrade(), may drop something: it says so, or runs
// what it reads from elsewhere.
bool may_drop(std::string_view python);

}  // namespace belay::migrate
