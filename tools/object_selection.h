// The options that choose objects: -n, -N, -t and -T.
#pragma once

#include "libcore/archive/selection.h"
#include "tools/command.h"

namespace belay::tools {

archive::Selection object_selection(const Command& command);

}  // namespace belay::tools
