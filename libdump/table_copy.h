// Copies rows out of the database and into chunks, with several connections on one snapshot.
#pragma once

#include <vector>

#include "libcore/archive/writer.h"
#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"
#include "libdump/plan.h"

namespace belay::dump {

struct Copied {
  std::uint64_t rows = 0, bytes = 0;  // of all items
  std::uint64_t table_rows = 0;
};

// Runs all tasks of `plan` and writes a chunk for every 8 MB and an end for every item. `leader`
// holds the snapshot's transaction and an ACCESS SHARE lock on every table. Workers adopt
// `snapshot` on connections of their own; where a worker cannot have a table's lock at once,
// because another session queues for an exclusive one, the leader copies: waiting would be a
// deadlock that the server cannot see.
Copied copy_contents(const Plan& plan, const Options& options, pg::Connection& leader,
                     const std::string& snapshot, archive::Writer& writer,
                     Environment& environment);

// `row` without its last `generated` fields. `buffer` holds the result and may be reused.
// Throws Error{internal} if the row has fewer fields.
std::string_view strip_generated(std::string_view row, bool binary, int generated,
                                 std::string& buffer);

}  // namespace belay::dump
