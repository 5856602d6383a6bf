// What would stop a backup, a drill or a rollback here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"

namespace belay::tools {

enum class Finding { ok, warn, fail };

struct Check {
  std::string name;  // "server version"
  Finding finding = Finding::ok;
  std::string text;  // what was found
  std::string mend;  // a statement or setting; empty if nothing is to be done
};

struct DoctorOptions {
  std::optional<Path> repository;
  std::uint64_t drill_max_size = 0;
};

// Reads only. `connection` is of kind catalog, outside a transaction. A lost connection is an
// Error; everything else that is found is a Check.
std::vector<Check> examine(pg::Connection& connection, const DoctorOptions& options,
                           Environment& environment);

}  // namespace belay::tools
