// Which archives to keep: a pure decision about the archives of one database.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/clock.h"
#include "tools/repository.h"

namespace belay::tools {

// Each rule keeps on its own; a rule that is not set keeps nothing.
struct KeepRules {
  std::optional<std::uint64_t> last{}, hourly{}, daily{}, weekly{}, monthly{}, yearly{};
  std::optional<std::chrono::milliseconds> within{};
  bool empty() const {
    return !last && !hourly && !daily && !weekly && !monthly && !yearly && !within;
  }
};

struct Candidate {
  Moment taken;  // by the server's clock, from the header
  Proved proved = Proved::nothing;
  bool whole = true;  // false: schema only, or something was left out
  std::string run{};  // whose way back it is; empty: nobody's
};

struct Decision {
  bool keep = false;
  std::string reason;  // "newest of day 2026-11-23", "no rule keeps it"
};

// One decision per candidate, in their order. Whatever the rules say, the newest whole archive of
// each level of proof stays; where none is proved, the newest whole archive stays; and what a run
// may have to be taken back to.
std::vector<Decision> decide(std::span<const Candidate> candidates, const KeepRules& rules,
                             Moment now);

}  // namespace belay::tools
