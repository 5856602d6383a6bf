// Which database or server is meant, and whether it can be reached.
#pragma once

#include <string>
#include <vector>

#include "libcore/pg/connection.h"
#include "tools/commands.h"

namespace belay::tools {

// The databases named with -d; without one what PGDATABASE or PGSERVICE names, then DATABASE_URL.
// At least one, else Error{usage}. -h, -p and -U apply to each.
std::vector<pg::ConnectTarget> databases(const Command& command, Context& context);
// The same where only one makes sense.
pg::ConnectTarget database(const Command& command, Context& context);
// For a drill: the server that is meant; if nothing names a database, the maintenance database.
pg::ConnectTarget server(const Command& command, Context& context);
// What a person wrote as an argument, with -h, -p and -U.
pg::ConnectTarget named(std::string_view text, const Command& command, Context& context);

// The session itself. Waits for the server as --wait-for-db says, and asks for a password on a
// terminal where one is needed (-W, or the server wants one and none is known; never with -w). It
// is kept in `target`.
pg::Connection open_session(pg::ConnectTarget& target, const Command& command, Context& context,
                            pg::SessionKind kind);

// Facts of a server that answered.
struct Reached {
  std::string database, user;
  int server_version = 0;
};
// As open_session(), for those who connect later. Error{preflight} behind a pooler that lends
// sessions for one transaction only.
Reached reach(pg::ConnectTarget& target, const Command& command, Context& context);

// The database's name as far as it is known without connecting; empty if a service or libpq
// decides.
std::string name_in(const pg::ConnectTarget& target, const Variables& variables);

}  // namespace belay::tools
