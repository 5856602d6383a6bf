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
  Sha256 sha256;  // of the archive
  std::uint64_t size = 0;
  std::uint64_t tables = 0, rows = 0;  // rows of tables only
  std::uint64_t bytes = 0, sequences = 0, large_objects = 0;
  std::uint64_t roles = 0;  // defined in the archive
  double seconds = 0;
  std::vector<std::string> warnings;
};

// Writes a complete archive to `sink` (which the caller publishes). On return every transaction of
// the dump is closed. Errors are of the kinds usage (a format that the tables do not allow),
// unreachable (before the first byte; a connection lost later is backup_failed), not_permitted,
// lock_timeout, cancelled and backup_failed.
Summary dump(const pg::ConnectTarget& source, const Options& options, ByteSink& sink,
             Environment& environment);
// The same up to the first byte: nothing is written.
Plan plan_only(const pg::ConnectTarget& source, const Options& options, Environment& environment);

}  // namespace belay::dump
