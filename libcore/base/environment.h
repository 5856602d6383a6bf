// The world a verb works in. Filled by tools, or by tests with fakes.
#pragma once

#include "libcore/base/cancellation.h"
#include "libcore/base/clock.h"
#include "libcore/base/file_system.h"
#include "libcore/base/progress.h"

namespace belay {

// References only; everything outlives the verb.
struct Environment {
  FileSystem& files;
  Clock& clock;
  Progress& progress;
  Cancellation& cancellation;
};

}  // namespace belay
