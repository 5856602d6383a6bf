// Rows that a database which lost its name holds, and the one that took it over lacks: written
// since the snapshot, and not lost as long as the former is kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"

namespace belay::restore {

struct LostRows {
  std::string table;
  std::uint64_t rows = 0;
  std::vector<std::string> first_keys;  // at most kMostKeys, as ROW(...) gives them
  bool by_key = true;                   // false: without a primary key, a difference of counts
};
inline constexpr std::size_t kMostKeys = 5;

struct LostRowsReport {
  std::vector<LostRows> tables;          // only those with such rows, by name
  std::vector<std::string> not_counted;  // each with its reason
  std::uint64_t total() const;
};

// Keys of both sides are read in the order of their hashes and merged, in bounded memory. What
// cannot be read is named, and is no error.
LostRowsReport count_lost_rows(const pg::ConnectTarget& former, const pg::ConnectTarget& current,
                               Environment& environment);

}  // namespace belay::restore
