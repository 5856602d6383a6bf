// Which roles a database needs elsewhere.
#include "libcore/catalog/roles.h"

#include "tests/support/catch.h"

namespace {

using belay::RoleDefinition;
using Names = std::vector<std::string>;

RoleDefinition role(std::string name, std::vector<RoleDefinition::Membership> memberships = {}) {
  RoleDefinition role;
  role.name = std::move(name);
  role.memberships = std::move(memberships);
  return role;
}

RoleDefinition::Membership member(std::string role, std::string grantor) {
  RoleDefinition::Membership membership;
  membership.role = std::move(role);
  membership.grantor = std::move(grantor);
  return membership;
}

Names names(const std::vector<RoleDefinition>& roles) {
  Names names;
  for (const RoleDefinition& role : roles) names.push_back(role.name);
  return names;
}

}  // namespace

TEST_CASE("roles are stored with whose rights they have, who has theirs, and who granted it") {
  const std::vector<RoleDefinition> cluster{
      role("alice",
           {member("readers", "admin"), member("elsewhere", ""), member("pg_monitor", "")}),
      role("admin", {member("readers", "")}),
      role("elsewhere"),
      role("everybody"),
      role("readers", {member("everybody", "chief")}),
      role("chief"),
      role("stranger", {member("everybody", ""), member("pg_monitor", "")}),
  };
  const std::vector<RoleDefinition> found =
      belay::catalog::concerned_roles(cluster, {"readers", "pg_monitor"});
  CHECK(names(found) == Names{"alice", "admin", "everybody", "readers", "chief"});
  // Memberships in roles that are of no concern stay behind; predefined ones are everywhere.
  REQUIRE(found.at(0).memberships.size() == 2);
  CHECK(found[0].memberships[0].role == "readers");
  CHECK(found[0].memberships[1].role == "pg_monitor");
  CHECK(belay::catalog::concerned_roles(cluster, {}).empty());
}
