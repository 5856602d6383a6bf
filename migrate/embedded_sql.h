// The layer's queries from sql/.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "libcore/pg/connection.h"
#include "libcore/pg/embedded_sql.h"

namespace belay::migrate {

std::span<const pg::EmbeddedSql> embedded_sql();

inline std::string sql_for(const pg::Connection& connection, std::string_view name) {
  return std::string(pg::select_sql(embedded_sql(), name, connection.server_major()));
}

}  // namespace belay::migrate
