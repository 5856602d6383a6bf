// --create-roles: roles that an archive defines and the server lacks. One that exists is never
// changed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "libcore/base/role_definition.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

struct RolePlan {
  struct Step {
    std::string role;    // whom it concerns, for messages
    std::string sql;     // may hold the hash of a password: never shown
    std::string run_as;  // whose grant it is; empty: the login role
    std::string undo;    // what DROP ROLE would stumble over; empty: nothing
  };
  std::vector<std::string> created;
  std::vector<Step> steps;
  std::vector<std::string> warnings;  // roles that are there and differ, grants of somebody else
};

// Pure. `existing`: the roles of the target; `source_major`, `target_major`: of the servers.
RolePlan plan_roles(const std::vector<RoleDefinition>& wanted,
                    const std::vector<RoleDefinition>& existing, int source_major, int target_major,
                    bool superuser);

// What is different in `there`, in words: "LOGIN here, NOLOGIN in the archive". Passwords are not
// compared. Pure.
std::vector<std::string> differences(const RoleDefinition& wanted, const RoleDefinition& there);

// Roles that go away again unless they are kept.
class MadeRoles {
 public:
  // Makes all of them in one transaction, or none.
  MadeRoles(pg::Connection& admin, const pg::ConnectTarget& server, RolePlan plan);
  ~MadeRoles();
  MadeRoles(const MadeRoles&) = delete;
  MadeRoles& operator=(const MadeRoles&) = delete;

  const RolePlan& plan() const { return plan_; }
  void keep() { kept_ = true; }
  // Drops them now, also after a cancellation. Says in words what is left; empty: nothing.
  std::string discard() noexcept;

 private:
  const pg::ConnectTarget server_;
  RolePlan plan_;
  bool kept_ = false;
};

}  // namespace belay::restore
