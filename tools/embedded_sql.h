// The queries of sql/*.sql, compiled in.
#pragma once

#include <span>

#include "libcore/pg/embedded_sql.h"

namespace belay::tools {

std::span<const pg::EmbeddedSql> embedded_sql();

}  // namespace belay::tools
