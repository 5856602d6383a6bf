// What the gate decides from, read from the server, and its decision carried to the point where the
// bytes of what it relies on were read.
#pragma once

#include <optional>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"
#include "migrate/gate.h"
#include "migrate/history.h"

namespace belay::migrate {

// Where archives are. Implemented by tools.
class Archives {
 public:
  virtual ~Archives() = default;
  // Those that might do, newest first.
  virtual std::vector<Candidate> candidates() = 0;
  // Reads every byte of the candidate, once and through one descriptor, together with the header
  // and manifest that were judged; fills in `bytes` and `reading`.
  virtual void read_bytes(Candidate& candidate) = 0;
};

struct Evaluation {
  std::vector<Candidate> candidates;
  GateDecision decision;

  const Candidate* relied_on() const {
    return decision.use ? &candidates.at(*decision.use) : nullptr;
  }
};

// `connection` is of kind catalog, in the database, outside a transaction; nothing is changed.
Evaluation evaluate(Archives& archives, pg::Connection& connection, const History& history,
                    const std::string& environment_label, const GateTerms& terms,
                    Environment& environment);

}  // namespace belay::migrate
