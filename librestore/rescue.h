// Rows that a database which lost its name holds, and the one that took it over lacks: exported.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libcore/base/environment.h"
#include "libcore/base/name.h"
#include "libcore/pg/conninfo.h"

namespace belay::restore {

struct RescueOptions {
  std::string table;  // NAME or SCHEMA.NAME
  enum class Format { csv, text } format = Format::csv;
};

struct Rescued {
  QualifiedName table;
  std::string columns;  // quoted, as COPY takes them
  std::uint64_t rows = 0;
};

// Writes the rows whose primary key `current` does not have, as COPY writes them, csv with a
// header. Both sides are read in the order of their keys' hashes and merged, in bounded memory. A
// table that `current` lacks is written whole. Error{usage} if there is no such table, or if rows
// cannot be told apart: it has no primary key, or another one on the other side.
Rescued rescue_rows(const pg::ConnectTarget& former, const pg::ConnectTarget& current,
                    const RescueOptions& options,
                    const std::function<void(std::string_view bytes)>& write,
                    Environment& environment);

}  // namespace belay::restore
