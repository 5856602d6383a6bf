// The drill: restore into a scratch database and compare it with what the archive says was there.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "libcore/pg/conninfo.h"
#include "librestore/made_database.h"
#include "librestore/restore.h"

namespace belay::restore {

struct DrillOptions {
  Options restore;
  // The scratch database stays that long as a sealed copy, if it is equal; 0: it is dropped.
  std::chrono::milliseconds keep{0};
  bool goes_in_at_once =
      false;  // somebody waits for the copy: only what lacks statistics is analyzed
  std::uint64_t max_size = 20ull << 30;  // --drill-max-size, bytes of decompressed rows
  // Test seam: runs when the scratch database is loaded and before it is compared.
  std::function<void(const pg::ConnectTarget& scratch)> before_compare;
};

struct Discrepancy {
  std::string object;  // "table public.songs", "sequence ...", "schema: index ..."
  std::string detail;  // expected and found
};

struct DrillResult {
  Summary restored;
  std::vector<Discrepancy> discrepancies;  // empty: equal
  std::vector<std::string> not_compared;   // each with its reason
  std::vector<std::string> kept_away;      // what reaches outside, and was not used
  std::uint64_t tables = 0, rows = 0, sequences = 0, large_objects = 0, views = 0;
  std::optional<SealedCopy> sealed;  // if kept
  bool empty = false;                // the ledger has no user relation: nothing to compare
  double seconds = 0;
};

// Returns a result also when it differs (the caller turns discrepancies into exit 4). Throws
// Error{could_not_run} for SQLSTATE classes 53, 57, 58, 42501, 0A000, a missing extension or role,
// a role too weak, no space; Error{mismatch} for any other SQL error while restoring;
// Error{damaged} for the archive's own defects. Error{unreachable} only if there was no connection
// at all. The scratch database is dropped, or named in the error if even that failed.
DrillResult drill(ByteSource& source, const pg::ConnectTarget& server, const DrillOptions& options,
                  Environment& environment);

// What an error inside a drill says about the archive; pure.
ErrorKind drill_verdict(const Error& error);

}  // namespace belay::restore
