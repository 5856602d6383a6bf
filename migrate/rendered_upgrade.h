// An upgrade of Alembic as the SQL that it would run. Nothing reaches a database.
#pragma once

#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/environment.h"
#include "migrate/alembic.h"

namespace belay::migrate {

struct RenderedUpgrade {
  std::string sql;  // of the revisions that render
  std::string
      missing;  // "r5 and what follows does not render as SQL (ImportError: ...)"; empty: all do
};

// What `alembic upgrade ARG --sql` prints from `current` on, with the command's own interpreter,
// ini and environment; drivers refuse to connect there. Requires: the command is an upgrade.
RenderedUpgrade render_upgrade(const ToolCommand& command, const std::vector<std::string>& current,
                               ChildProcesses& processes, Environment& environment);

}  // namespace belay::migrate
