// What would stop a drill or a later swap of a database with this login, told before anything is
// done.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libcore/pg/connection.h"
#include "librestore/database_settings.h"
#include "librestore/role_rights.h"

namespace belay::restore {

// Something that stays with the database, or holds it, when its name moves to another.
struct DatabaseTie {
  std::string kind;  // "logical replication slot", "subscription", "prepared transaction", ...
  std::string name;
  bool operator==(const DatabaseTie&) const = default;
};

struct SwapFacts {
  struct SettingRights {
    std::string role;  // "": of the database
    std::string name;
    bool anybody = false;  // who may make it: any role,
    bool login = false;    // the login role,
    bool itself = false;   // the role whose setting it is
  };
  int server_major = 0;
  std::string login;
  bool superuser = false;
  bool creates_databases = false;
  int login_limit = -1;  // of its connections
  std::string database;
  bool is_maintenance = false;  // belay's own sessions for a swap would be in it
  std::string tablespace, new_tablespace;
  DatabaseSettings belongings;
  std::map<std::string, RoleRights> roles;
  std::vector<SettingRights> settings;
  std::vector<DatabaseTie> ties;
  std::map<std::string, std::int64_t> sessions;  // in the database, by role
};

// `admin` is a session in the maintenance database. Error{internal} without such a database.
SwapFacts read_swap_facts(pg::Connection& admin, std::uint32_t database_oid);
// Whether the login role has the rights of the database's owner.
bool owns(const SwapFacts& facts);
std::vector<DatabaseTie> read_ties(pg::Connection& admin, std::uint32_t database_oid);

// What a copy of the database asks of the login role.
struct DrillFacts {
  std::vector<std::string> object_roles;       // owners and grantors of its objects
  std::vector<std::string> superuser_objects;  // "extension pageinspect"
  std::vector<std::string> closed_tablespaces;
};
// `live` is a session in the database itself.
DrillFacts read_drill_facts(pg::Connection& live);

struct Obstacle {
  std::string what;      // one line: what is in the way, and for whom
  std::string mend;      // a statement to run, or what to do; never empty
  bool passing = false;  // it may be gone by the time of a swap; or may come then
};

Obstacle obstacle_of(const DatabaseTie& tie, const std::string& database);
// Pure. Lasting ones first, and what concerns the login itself before the rest.
std::vector<Obstacle> obstacles(const SwapFacts& facts);
// Pure. What `login` does not tell is the same for both.
std::vector<Obstacle> drill_obstacles(const DrillFacts& facts, const SwapFacts& login);

}  // namespace belay::restore
