// Two databases exchange their names in one transaction: the way back after a failed migration, and
// the way forward again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

struct SwapPlan {
  std::string live_name;       // the name that both want
  std::uint32_t live_oid = 0;  // who has it now
  std::string incoming_name;   // who shall have it
  std::uint32_t incoming_oid = 0;
  std::string outgoing_name;     // what the live one is called afterwards
  std::string outgoing_comment;  // says what it is
};

struct SwapResult {
  int sessions_ended = 0;
  int attempts = 0;
  double seconds = 0;  // of the attempt that succeeded, from BEGIN to COMMIT
  // Settings that somebody made meanwhile, and that the outgoing one has: "work_mem of role app".
  std::vector<std::string> astray;
};

// One transaction: the live database is renamed away (while the server waits for its sessions to
// end, a second session ends them by OID, and new connections queue), the incoming one gets the
// name, allows connections and gets what belonged to the live one (DatabaseSettings), which is read
// back and compared; the outgoing one is fenced: only its owner may connect, transactions are
// read-only, and it has a comment. All of it happens, or nothing. Error{rollback_failed} names what
// was in the way and says that nothing changed; Error{other_database} if a name does not mean its
// OID any more. Each step is a stage of the progress, told before it is taken.
SwapResult swap(const pg::ConnectTarget& server, const SwapPlan& plan, Environment& environment);

}  // namespace belay::restore
