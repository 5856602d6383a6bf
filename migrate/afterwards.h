// Is the database good now? The schema against the expected one, then the verify command.
#pragma once

#include "migrate/run.h"

namespace belay::migrate {

// What was done already for this result is not done again. Whatever is not good, also where nothing
// could be looked at, becomes its failure{verify_command_failed} with truth and retry.
void check_afterwards(const RunOptions& options, ChildProcesses& processes,
                      Environment& environment, const Step& step, RunResult& result);

}  // namespace belay::migrate
