// A run that left an INTENT and no RESULT: its belay was killed.
#pragma once

#include <string>

#include "migrate/journal.h"
#include "migrate/run.h"
#include "migrate/traces.h"

namespace belay::migrate {

// Requires: both locks, so that no belay watches over its command, which was told to stop when its
// belay was killed. Its sessions get the time for that, then those with its name are ended. Whoever
// else works on a version table is waited for, options.wait at most: Error{lock_timeout} names him.
void end_killed_command(const RunOptions& options, const std::string& run, Environment& environment,
                        const Step& step);

// What it did, as far as schema, revisions and transactions tell; `reached`: its revisions are
// there, and whether they are good is the caller's to say, with outcome and exit status. Moment and
// database are the caller's, too.
Event result_of_killed(const Event& intent, const Facts& now, const TransactionCount& count,
                       bool reached);

}  // namespace belay::migrate
