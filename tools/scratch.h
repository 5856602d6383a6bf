// Where a drill restores (--scratch): the database's own server, a private one that is made for it,
// or another one.
#pragma once

#include <optional>

#include "libcore/pg/conninfo.h"
#include "tools/commands.h"
#include "tools/proof.h"

namespace belay::tools {

struct Scratch {
  enum class Where { same, local, other } where = Where::same;
  std::optional<pg::ConnectTarget> server;  // other
  int server_version = 0;                   // of that one

  bool is_same() const { return where == Where::same; }
};
// A server that is named is reached, so that what is wrong with it is told before a snapshot.
Scratch scratch_of(const Command& command, Context& context);

// As prove_compared(), there; `server` is the database's own. A copy is kept, and --drill-max-size
// holds, only on the same server: of the others the space is known, or is for nothing else.
Proof prove_in(const Scratch& scratch, const Path& archive, const pg::ConnectTarget& server,
               int server_version, const restore::DrillOptions& options, Context& context,
               const SigningKey* key);

}  // namespace belay::tools
