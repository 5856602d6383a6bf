// Database to archive: one consistent snapshot, several connections, one stream.
#pragma once

#include "libcore/archive/writer.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"
#include "libdump/plan.h"

namespace belay::dump {

struct Summary {
  archive::Manifest manifest;
  archive::Header header;
  Sha256 sha256;                // of the archive
  std::uint64_t size = 0;
  std::uint64_t tables = 0, rows = 0;  // rows of tables only
  std::uint64_t bytes = 0, sequences = 0, large_objects = 0;
  double seconds = 0;
  std::vector<std::string> warnings;
};

// Writes a complete archive to `sink` (which the caller publishes). On return every transaction of
// the dump is closed. Errors are of the kinds unreachable, not_permitted, lock_timeout, cancelled
// and backup_failed. `dry_run` stops after the plan: nothing is written, and the plan is returned.
Summary dump(const pg::ConnectTarget& source, const Options& options, ByteSink& sink,
             Environment& environment);
Plan plan_only(const pg::ConnectTarget& source, const Options& options, Environment& environment);

}  // namespace belay::dump
