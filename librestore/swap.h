// Two databases exchange their names in one transaction: the way back after a failed migration, and
// the way forward again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

// What belongs to a database and follows its OID, not its name. ALTER DATABASE ... SET for all
// roles and for roles in it, ACL, CONNECTION LIMIT, IS_TEMPLATE, comment, owner, tablespace is not
// one. Statements hold the placeholder of with_database_name() and make any database equal to this
// one, whatever it had before.
struct DatabaseSettings {
  std::string owner;
  std::vector<std::string> statements;  // in order
  std::string canonical;                // for comparing two; never holds the database's name
};
DatabaseSettings read_settings(pg::Connection& admin, std::uint32_t database_oid);

// What would keep `login` from swapping `database`, each with the statement that mends it; empty if
// nothing does. Reads only. `admin` is in the maintenance database.
struct Obstacle {
  std::string what, mend;
};
std::vector<Obstacle> swap_obstacles(pg::Connection& admin, std::uint32_t database_oid);

struct SwapPlan {
  std::string live_name;       // the name that both want
  std::uint32_t live_oid = 0;  // who has it now
  std::string incoming_name;   // who shall have it
  std::uint32_t incoming_oid = 0;
  std::string outgoing_name;     // what the live one is called afterwards
  std::string outgoing_comment;  // "belay: failed database of run R"
};

struct SwapResult {
  int sessions_ended = 0;
  int attempts = 0;
  double seconds = 0;  // from the first lock to COMMIT
};

// One transaction: the live database is renamed away (its sessions ended by OID from a second
// session while new connections queue), the incoming one gets the name, allows connections and has
// the settings of the live one, read and compared inside that transaction; the outgoing one is
// fenced: no CONNECT for anybody but its owner, default_transaction_read_only, a comment. Either
// all of it happened or nothing. Error{rollback_failed} names what was in the way (a prepared
// transaction, a session that may not be ended) and says that nothing changed. `before_step` is a
// seam for tests: it is told the name of each step before it is taken.
SwapResult swap(const pg::ConnectTarget& server, const SwapPlan& plan, Environment& environment,
                const std::function<void(std::string_view step)>& before_step = {});

// OID of a database by name; 0 if there is none.
std::uint32_t database_oid(pg::Connection& admin, std::string_view name);

}  // namespace belay::restore
