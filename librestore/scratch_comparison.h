// Compares a loaded scratch database with what its archive says.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"
#include "librestore/drill.h"
#include "librestore/load.h"

namespace belay::restore {

// Fills everything of `result` but its times and names. Throws Error{could_not_run} if nothing
// differs but the schema could not be compared, or no table was although there are some.
void compare_scratch(const archive::Contents& contents, const Loaded& loaded,
                     const pg::ConnectTarget& scratch, const Options& options,
                     Environment& environment, DrillResult& result);

}  // namespace belay::restore
