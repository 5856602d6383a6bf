// The gate: may this migration run, and on the strength of which archive? Pure.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/clock.h"
#include "libcore/base/error.h"
#include "libcore/base/file_system.h"
#include "libcore/base/identity.h"
#include "migrate/journal.h"

namespace belay::migrate {

enum class GateMode {
  snapshot,  // takes and proves one unless a proved-fresh one exists
  require,   // never takes one
};

// One archive, as its header, manifest and receipt tell it; its bytes were not read yet.
struct Candidate {
  Path path;
  std::string problem;  // why header or manifest cannot be used; then the rest is empty
  SourceIdentity source;
  RevisionSets revisions;
  std::string fingerprint;
  Moment taken{};         // by the server's clock
  bool compared = false;  // its receipt proves compared, or empty
  bool swapped = false;   // there is a receipt, of another file than this
  bool whole = true;      // false: schema only, or something was left out
};

// The database as it is now.
struct LiveDatabase {
  SourceIdentity identity;  // with the environment label of this run
  RevisionSets revisions;
  std::string fingerprint;
  Moment now{};  // by the server's clock
  std::function<bool(std::uint32_t oid)> in_lineage;
};

struct GateDecision {
  // Index of the candidate to use; nothing: take a snapshot (mode snapshot), or see the refusal.
  std::optional<std::size_t> use;
  std::optional<Error> refusal;
  std::vector<std::string> unreliable;  // damaged or replaced ones that were passed over, and why
};

// `candidates` newest first. `named`: there is one, given with --archive. In mode require the
// refusal is no_fresh_backup (none, or none fresh), other_database (only ones of the same name and
// environment with another identity), or unusable_backup (damaged, swapped, newer format).
GateDecision decide(const std::vector<Candidate>& candidates, const LiveDatabase& live,
                    GateMode mode, std::chrono::milliseconds max_age, bool named);

}  // namespace belay::migrate
