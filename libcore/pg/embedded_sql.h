// Queries that live in .sql files and are compiled in.
#pragma once

#include <span>
#include <string_view>

namespace belay::pg {

struct EmbeddedSql {
  std::string_view name;
  int min_major;  // 0: every server
  std::string_view text;
};

// The text of `name` for a server: the highest min_major that is not above it wins. Throws
// Error{internal} if there is none.
std::string_view select_sql(std::span<const EmbeddedSql> files, std::string_view name,
                            int server_major);

// The files of this layer.
std::span<const EmbeddedSql> embedded_sql();

}  // namespace belay::pg
