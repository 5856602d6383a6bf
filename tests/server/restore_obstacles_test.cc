// What obstacles() says of a swap, and what the server really permits: each situation is told by
// its text, stops the swap, and is mended by what it says.
#include <functional>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "libcore/base/name.h"
#include "libcore/pg/maintenance.h"
#include "librestore/obstacles.h"
#include "librestore/swap.h"
#include "tests/server/restore_archive.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::restore::Obstacle;
using belay::testing::ScratchRole;
using Catch::Matchers::ContainsSubstring;

// A database of a role that may create databases and nothing else, and another to be swapped in.
class Swappable {
 public:
  Swappable() {
    run("ALTER ROLE @login@ CREATEDB");
    run("GRANT @visitor@ TO CURRENT_USER");  // a superuser who acts for him
    run("CREATE DATABASE @live@ OWNER @login@ TEMPLATE template0");
    admin(false).run("CREATE DATABASE " + quote_identifier(incoming()) + " TEMPLATE template0");
  }
  ~Swappable() {
    try_in("postgres",
           "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
           "WHERE slot_name = '@live@'");
    try_in(name_.name(), "ROLLBACK PREPARED '@live@'");
    try_in(name_.name(), "DROP SUBSCRIPTION @live@");
    try_in("postgres", "DROP OWNED BY @login@, @visitor@");  // rights to set parameters
  }
  Swappable(const Swappable&) = delete;
  Swappable& operator=(const Swappable&) = delete;

  // @login@, @visitor@ and @live@ are names. As superuser.
  std::string text(std::string sql) const {
    const std::pair<std::string, std::string> names[] = {
        {"@login@", login_.name()}, {"@visitor@", visitor_.name()}, {"@live@", name_.name()}};
    for (const auto& [mark, name] : names) {
      for (std::size_t at = 0; (at = sql.find(mark)) != std::string::npos;) {
        sql.replace(at, mark.size(), name);
      }
    }
    return sql;
  }
  void run(const std::string& sql) const { run_in("postgres", sql); }
  void run_in(const std::string& database, const std::string& sql) const {
    testing::connect_to(database).run(text(sql));
  }
  // What the obstacle says, word for word.
  void mend(const Obstacle& obstacle) const {
    const std::string inside = "in " + name_.name() + ": ";
    if (obstacle.mend.starts_with(inside)) {
      const std::string sql = obstacle.mend.substr(inside.size());
      run_in(name_.name(), sql.substr(0, sql.find(", or ")));
    } else {
      run(obstacle.mend);
    }
  }
  pg::ConnectTarget target(bool superuser) const {
    pg::ConnectTarget target = testing::test_target();
    if (!superuser) target.set("user", login_.name());
    return target;
  }
  pg::Connection admin(bool superuser) const {
    return pg::connect_maintenance(target(superuser), "belay test", nullptr);
  }
  std::string incoming() const { return name_.name() + "_in"; }
  std::uint32_t oid(const std::string& name) const {
    pg::Connection connection = admin(true);
    return restore::database_oid(connection, name);
  }
  std::vector<Obstacle> obstacles(bool superuser = false) const {
    pg::Connection connection = admin(superuser);
    return restore::obstacles(restore::read_swap_facts(connection, oid(name_.name())));
  }
  restore::DatabaseSettings belongings() const {
    pg::Connection connection = admin(true);
    return restore::read_settings(connection, oid(name_.name()));
  }
  // The error; nothing if it was swapped. The names were exchanged, or nothing was changed at all.
  std::optional<Error> swap(bool superuser = false) const {
    World world;
    restore::SwapPlan plan;
    plan.live_name = name_.name();
    plan.live_oid = oid(plan.live_name);
    plan.incoming_name = incoming();
    plan.incoming_oid = oid(plan.incoming_name);
    plan.outgoing_name = name_.name() + "_out";
    const restore::DatabaseSettings before = belongings();
    std::optional<Error> failure;
    try {
      restore::swap(target(superuser), plan, world.environment);
    } catch (const Error& error) {
      failure = error;
    }
    CHECK(oid(plan.live_name) == (failure ? plan.live_oid : plan.incoming_oid));
    CHECK(oid(plan.outgoing_name) == (failure ? 0 : plan.live_oid));
    CHECK(belongings() == before);
    return failure;
  }

 private:
  void try_in(const std::string& database, const std::string& sql) const {
    try {
      run_in(database, sql);
    } catch (const std::exception&) {  // there is none
    }
  }

  ScratchRole login_, visitor_;
  RestoredDatabase name_;  // with it go those of the names that begin so, before the roles
};

int major() { return testing::connect_to("postgres").server_major(); }

// Exactly one obstacle, with that text; the swap fails; what it says is done; the swap works.
void check_stops(const std::vector<std::string>& setup, const std::string& told) {
  Swappable database;
  for (const std::string& sql : setup) database.run(sql);
  INFO("after " << setup.back());
  const std::vector<Obstacle> found = database.obstacles();
  REQUIRE(found.size() == 1);
  INFO(found.front().what << "; mend: " << found.front().mend);
  CHECK_THAT(found.front().what, ContainsSubstring(database.text(told)));
  CHECK_FALSE(found.front().passing);
  CHECK(database.swap());
  if (found.front().mend == "run belay as a superuser") {
    CHECK(database.obstacles(true).empty());
    CHECK_FALSE(database.swap(true));
  } else {
    database.mend(found.front());
    CHECK(database.obstacles().empty());
    const std::optional<Error> failure = database.swap();
    if (failure) FAIL(failure->what());
  }
}

void check_permitted(const std::vector<std::string>& setup) {
  Swappable database;
  for (const std::string& sql : setup) database.run(sql);
  INFO("after " << setup.back());
  const std::vector<Obstacle> found = database.obstacles();
  if (!found.empty()) FAIL(found.front().what);
  const std::optional<Error> failure = database.swap();
  if (failure) FAIL(failure->what());
}

}  // namespace

TEST_CASE("what the login role may not do stops a swap, is told, and is mended as told") {
  const bool inherits_by_grant = major() >= 16;
  check_stops({"ALTER ROLE @login@ NOCREATEDB"}, "@login@ may not create or rename databases");
  check_stops({"ALTER DATABASE @live@ OWNER TO @visitor@"},
              "@login@ has not the rights of @visitor@, who owns the database");
  check_stops({"ALTER DATABASE @live@ OWNER TO @visitor@",
               inherits_by_grant ? "GRANT @visitor@ TO @login@ WITH INHERIT FALSE"
                                 : "GRANT @visitor@ TO @login@; ALTER ROLE @login@ NOINHERIT"},
              "@login@ has not the rights of @visitor@");
  if (inherits_by_grant) {
    check_stops(
        {"ALTER DATABASE @live@ OWNER TO @visitor@", "GRANT @visitor@ TO @login@ WITH SET FALSE"},
        "@login@ has not the rights of @visitor@");
  }
  check_stops({"ALTER DATABASE @live@ OWNER TO postgres"}, "who owns the database");
  check_stops({"GRANT CONNECT ON DATABASE @live@ TO @visitor@ WITH GRANT OPTION",
               "SET ROLE @visitor@; GRANT CONNECT ON DATABASE @live@ TO pg_monitor"},
              "privileges on the database were granted by @visitor@");
}

TEST_CASE("settings that the login role may not make stop a swap, are told and mended") {
  check_stops({"ALTER ROLE @visitor@ IN DATABASE @live@ SET work_mem TO '5MB'",
               "ALTER ROLE @visitor@ IN DATABASE @live@ SET jit TO off"},
              "role @visitor@ has settings in the database, which @login@ may not make");
  check_stops({"ALTER ROLE postgres IN DATABASE @live@ SET work_mem TO '5MB'"},
              "role postgres has settings");
  check_stops({"ALTER DATABASE @live@ SET log_statement TO 'ddl'"}, "log_statement");
  check_stops({"ALTER DATABASE @live@ SET session_preload_libraries TO 'auto_explain'"},
              "session_preload_libraries");
  check_stops({"ALTER DATABASE @live@ SET app.tenant TO 'seven'"}, "app.tenant");
  check_stops({"GRANT @visitor@ TO @login@",
               "ALTER ROLE @visitor@ IN DATABASE @live@ SET log_statement TO 'ddl'"},
              "role @visitor@ in the database has log_statement");
  if (major() < 16) {
    check_stops({"ALTER ROLE @login@ CREATEROLE",
                 "ALTER ROLE @visitor@ IN DATABASE @live@ SET log_statement TO 'ddl'"},
                "role @visitor@ in the database has log_statement");
  } else {
    check_stops({"ALTER ROLE @login@ CREATEROLE",
                 "ALTER ROLE @visitor@ IN DATABASE @live@ SET work_mem TO '5MB'"},
                "role @visitor@ has settings");
  }
}

TEST_CASE("what is permitted to an owner without superuser is swapped, and nothing is lost") {
  check_permitted({"ALTER DATABASE @live@ SET work_mem TO '5MB'",
                   "ALTER DATABASE @live@ SET search_path TO \"$user\", public, \"odd, name\"",
                   "ALTER DATABASE @live@ SET role TO @login@",
                   "ALTER ROLE @login@ IN DATABASE @live@ SET work_mem TO '6MB'",
                   "ALTER DATABASE @live@ CONNECTION LIMIT 90",
                   "ALTER DATABASE @live@ IS_TEMPLATE true",
                   "COMMENT ON DATABASE @live@ IS 'the one that matters'",
                   "REVOKE TEMPORARY ON DATABASE @live@ FROM PUBLIC"});
  check_permitted({"GRANT @visitor@ TO @login@",
                   "ALTER ROLE @visitor@ IN DATABASE @live@ SET work_mem TO '5MB'"});
  check_permitted({major() < 16 ? "ALTER ROLE @login@ CREATEROLE"
                                : "ALTER ROLE @login@ CREATEROLE; GRANT @visitor@ TO @login@ WITH "
                                  "ADMIN OPTION, SET FALSE",
                   "ALTER ROLE @visitor@ IN DATABASE @live@ SET work_mem TO '5MB'"});
  check_permitted({"GRANT @visitor@ TO @login@", "ALTER DATABASE @live@ OWNER TO @visitor@"});
  // A chain of grants, whose last grantor comes first in the alphabet.
  check_permitted(
      {"GRANT @visitor@ TO @login@; CREATE ROLE \"!@live@\"; GRANT \"!@live@\" TO @login@",
       "GRANT CONNECT ON DATABASE @live@ TO @visitor@ WITH GRANT OPTION",
       "SET ROLE @visitor@; GRANT CONNECT ON DATABASE @live@ TO \"!@live@\" WITH GRANT "
       "OPTION",
       "SET ROLE \"!@live@\"; GRANT CONNECT ON DATABASE @live@ TO pg_monitor"});
  pg::Connection admin = testing::connect_to("postgres");
  const pg::Result chains = admin.run(
      "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname LIKE '!belay\\_restored%'");
  for (int row = 0; row < chains.rows(); ++row) admin.run("DROP ROLE " + chains.string(row, 0));
}

TEST_CASE("what is tied to the database, or where it lies, stops a swap for a superuser, too") {
  const auto check = [](const std::string& where, const std::string& setup, const std::string& told,
                        bool passing) {
    Swappable database;
    database.run_in(database.text(where), setup);
    const std::vector<Obstacle> found = database.obstacles(true);
    REQUIRE(found.size() == 1);
    INFO(found.front().what << "; mend: " << found.front().mend);
    CHECK_THAT(found.front().what, ContainsSubstring(database.text(told)));
    CHECK(found.front().passing == passing);
    const std::optional<Error> failure = database.swap(true);
    REQUIRE(failure);
    CHECK(failure->kind() == ErrorKind::rollback_failed);
    CHECK_THAT(failure->cause(), ContainsSubstring("nothing was changed"));
    CHECK_THAT(failure->cause(), ContainsSubstring(found.front().what));
    database.mend(found.front());
    CHECK(database.obstacles(true).empty());
    CHECK_FALSE(database.swap(true));
  };
  check("@live@", "SELECT pg_create_logical_replication_slot('@live@', 'pgoutput')",
        "logical replication slot @live@", false);
  check("@live@",
        "CREATE SUBSCRIPTION @live@ CONNECTION 'dbname=nowhere' PUBLICATION p "
        "WITH (connect = false, slot_name = NONE)",
        "subscription @live@", false);
  check("@live@", "BEGIN; CREATE TABLE public.t (); PREPARE TRANSACTION '@live@'",
        "prepared transaction @live@", true);
}

TEST_CASE("a grant that could only be made as another one is told, and found before COMMIT") {
  Swappable database;
  database.run("GRANT CONNECT ON DATABASE @live@ TO @visitor@ WITH GRANT OPTION");
  database.run("SET ROLE @visitor@; GRANT CONNECT ON DATABASE @live@ TO pg_monitor");
  CHECK(database.obstacles(true).empty());
  database.run("ALTER ROLE @visitor@ SUPERUSER");
  for (const bool superuser : {true, false}) {
    const std::vector<Obstacle> found = database.obstacles(superuser);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found.front().what,
               ContainsSubstring(database.text("@visitor@ is a superuser by now")));
    CHECK_FALSE(found.front().passing);
  }
  const std::optional<Error> failure = database.swap(true);
  REQUIRE(failure);
  CHECK(failure->kind() == ErrorKind::rollback_failed);
  CHECK_THAT(failure->cause(),
             ContainsSubstring(database.text("CONNECT for pg_monitor, granted by @visitor@")));
  CHECK_THAT(failure->cause(), ContainsSubstring("nothing was changed"));
  const std::string mend = database.obstacles(true).front().mend;
  database.run(mend.substr(0, mend.find("; then")));
  database.run("GRANT CONNECT ON DATABASE @live@ TO pg_monitor");
  CHECK(database.obstacles(true).empty());
  CHECK_FALSE(database.swap(true));
}

TEST_CASE("too few connections are told, and mended as told") {
  Swappable database;
  database.run("ALTER ROLE @login@ CONNECTION LIMIT 4");
  database.run("ALTER DATABASE @live@ CONNECTION LIMIT 3");
  const std::vector<Obstacle> found = database.obstacles();
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0].what, ContainsSubstring("may have only 4 connections"));
  CHECK_THAT(found[1].what, ContainsSubstring("takes only 3 connections"));
  CHECK(database.obstacles(true).empty());  // limits are not for superusers
  for (const Obstacle& obstacle : found) database.mend(obstacle);
  CHECK(database.obstacles().empty());
}

TEST_CASE("sessions that cannot be ended stop a swap") {
  Swappable database;
  pg::ConnectTarget visitors = testing::test_target(database.text("@live@"));
  visitors.set("user", database.text("@visitor@"));
  std::optional<pg::Connection> session = pg::Connection::connect(visitors, {});
  const std::vector<Obstacle> found = database.obstacles();
  REQUIRE(found.size() == 1);
  CHECK_THAT(found.front().what, ContainsSubstring("may not end a session of role"));
  const std::optional<Error> failure = database.swap();
  REQUIRE(failure);
  CHECK(failure->kind() == ErrorKind::rollback_failed);
  CHECK_THAT(failure->cause(),
             ContainsSubstring(fmt::format("process {} (role ", session->backend_pid())));
  database.mend(found.front());
  CHECK(database.obstacles().empty());
  CHECK_FALSE(database.swap());

  // Nobody but a superuser can end a superuser's.
  Swappable other;
  session = testing::connect_to(other.text("@live@"));
  other.run("GRANT pg_signal_backend TO @login@");
  REQUIRE(other.obstacles().size() == 1);
  CHECK(other.obstacles().front().passing);
  CHECK(other.obstacles(true).empty());
  session.reset();
  CHECK_FALSE(other.swap());
}
