// What --create-roles will do.
#include <algorithm>

#include "librestore/made_roles.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using Texts = std::vector<std::string>;

RoleDefinition role(std::string name) {
  RoleDefinition role;
  role.name = std::move(name);
  return role;
}

Texts statements(const restore::RolePlan& plan) {
  Texts texts;
  for (const auto& step : plan.steps)
    texts.push_back((step.run_as.empty() ? "" : step.run_as + ": ") + step.sql);
  return texts;
}

}  // namespace

TEST_CASE("a role is made as it was, and never twice") {
  RoleDefinition odd = role("od\"d");
  odd.inherits = false;
  odd.logs_in = odd.creates_databases = true;
  odd.connection_limit = 3;
  odd.valid_until = "2030-01-01 00:00:00+00";
  odd.password = "SCRAM'x";
  odd.comment = "it's";
  odd.settings = {{"search_path", "a, \"b c\""}};
  odd.labels = {{"dummy", "secret"}};
  const restore::RolePlan plan =
      restore::plan_roles({odd, role("there")}, {role("there")}, 15, 15, true);
  CHECK(plan.created == Texts{"od\"d"});
  CHECK(plan.warnings.empty());
  CHECK(statements(plan) ==
        Texts{"CREATE ROLE \"od\"\"d\" NOINHERIT CREATEDB LOGIN CONNECTION LIMIT 3 VALID UNTIL "
              "'2030-01-01 00:00:00+00'",
              "ALTER ROLE \"od\"\"d\" PASSWORD 'SCRAM''x'",
              "ALTER ROLE \"od\"\"d\" SET search_path TO 'a', 'b c'",
              "COMMENT ON ROLE \"od\"\"d\" IS 'it''s'",
              "SECURITY LABEL FOR \"dummy\" ON ROLE \"od\"\"d\" IS 'secret'"});
}

TEST_CASE("what is there and differs is told, and left as it is") {
  RoleDefinition wanted = role("app"), there = role("app");
  wanted.logs_in = true;
  wanted.password = "x";
  wanted.valid_until = "infinity";
  wanted.memberships = {{"team", "", false, {}, {}}};
  wanted.comment = "new";
  const restore::RolePlan plan =
      restore::plan_roles({wanted, role("team")}, {there, role("team")}, 15, 15, true);
  CHECK(plan.steps.empty());
  CHECK(plan.warnings ==
        Texts{"role app exists already and is left as it is: NOLOGIN here, LOGIN in "
              "the archive; another comment; no member of team"});
}

TEST_CASE("grants come when their grantor can make them") {
  // a may pass `team` on to b, b to c.
  RoleDefinition a = role("a"), b = role("b"), c = role("c"), team = role("team");
  c.memberships = {{"team", "b", false, true, false}};
  b.memberships = {{"team", "a", true, true, true}};
  a.memberships = {{"team", "", true, false, true}};
  c.parameter_grants = {{"work_mem", "SET", "a", false}};
  a.parameter_grants = {{"work_mem", "SET", "", true}};
  const Texts made = statements(restore::plan_roles({c, b, a, team}, {}, 16, 16, true));
  const Texts grants(made.begin() + 4, made.end());
  CHECK(grants ==
        Texts{"GRANT \"team\" TO \"a\" WITH ADMIN true, INHERIT false, SET true",
              "GRANT SET ON PARAMETER work_mem TO \"a\" WITH GRANT OPTION",
              "a: GRANT SET ON PARAMETER work_mem TO \"c\"",
              "GRANT \"team\" TO \"b\" WITH ADMIN true, INHERIT true, SET true GRANTED BY "
              "\"a\"",
              "GRANT \"team\" TO \"c\" WITH INHERIT true, SET false GRANTED BY \"b\""});

  // One whom nobody lets grant: named, and left out.
  c.parameter_grants.clear();
  b.memberships.clear();
  const restore::RolePlan broken = restore::plan_roles({c, b, a, team}, {}, 16, 16, true);
  CHECK(broken.warnings == Texts{"role c: role team was granted by b, who may not; left out"});

  // Before server 16 the grantor meant nothing, and neither options nor parameters were there.
  a.parameter_grants.clear();
  a.memberships[0] = {"team", "b", true, {}, {}};
  const Texts old = statements(restore::plan_roles({a, team}, {}, 13, 16, true));
  CHECK(old.back() == "GRANT \"team\" TO \"a\" WITH ADMIN true");
  CHECK(statements(restore::plan_roles({a, team}, {}, 13, 13, true)).back() ==
        "GRANT \"team\" TO \"a\" WITH ADMIN OPTION");
}

TEST_CASE("between two roles that were there nothing is granted") {
  RoleDefinition a = role("a"), team = role("team");
  a.memberships = {{"team", "", false, {}, {}}};
  CHECK(restore::plan_roles({a, team}, {a, team}, 15, 15, true).steps.empty());
  CHECK(restore::plan_roles({a, team}, {team}, 15, 15, true).steps.size() == 2);
  CHECK(restore::plan_roles({a, team}, {role("a")}, 15, 15, true).steps.size() == 2);
}
