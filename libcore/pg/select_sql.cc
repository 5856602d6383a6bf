#include "libcore/base/error.h"
#include "libcore/pg/embedded_sql.h"

namespace belay::pg {

std::string_view select_sql(std::span<const EmbeddedSql> files, std::string_view name,
                            int server_major) {
  const EmbeddedSql* best = nullptr;
  for (const EmbeddedSql& file : files) {
    if (file.name != name || file.min_major > server_major) continue;
    if (!best || file.min_major > best->min_major) best = &file;
  }
  if (!best) {
    throw Error(ErrorKind::internal, "no query of that name for this server")
        .object(name)
        .cause("server major version " + std::to_string(server_major));
  }
  return best->text;
}

}  // namespace belay::pg
