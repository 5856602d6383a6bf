// What belay made on a server and has not dropped: what each of them is, and whether it may go.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/pg/connection.h"
#include "librestore/made_database.h"

namespace belay::restore {

// A database whose name says that belay made it. Names prove nothing; the mark does.
struct Leftover {
  std::string name;
  std::uint32_t oid = 0;
  std::string purpose;  // as the name says
  // Of the comment, where it names this OID and the same purpose.
  std::optional<MadeMark> mark;
  std::int64_t connection_limit = -1;
  bool allows_connections = true;
  std::string row_version;
  bool in_use = false;  // a belay works with it
  std::int64_t sessions_of_others = 0;
};
// `admin` is a session in the maintenance database.
std::vector<Leftover> find_leftovers(pg::Connection& admin);

struct CollectionRules {
  Moment now{};  // by the server's clock
  // Databases that rollbacks kept go only if they were this one's; empty: they stay.
  std::string failed_of;
  std::set<std::string> needed;  // by a rollback that was not finished
};
struct Decision {
  bool drop = false;
  std::string reason;  // "left by a run that was killed"
};
// Pure.
Decision decide(const Leftover& leftover, const CollectionRules& rules);

// Drops it if it still is what was found, under its lock; sessions of belay's own that were left in
// it end. False: it is gone, is another one now, or a belay has begun to work with it.
bool drop(pg::Connection& admin, const Leftover& leftover, Environment& environment);

}  // namespace belay::restore
