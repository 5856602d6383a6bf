// Transactions that would keep a migration waiting for as long as they please.
#pragma once

#include "libcore/base/environment.h"
#include "migrate/run.h"

namespace belay::migrate {

// Waits until nobody keeps a snapshot of the database open: an idle REPEATABLE READ transaction, a
// dump. Error{lock_timeout} that names them when options.wait is over.
void wait_for_open_snapshots(const RunOptions& options, Environment& environment, const Step& step);

}  // namespace belay::migrate
