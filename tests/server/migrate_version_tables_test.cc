// Version tables as the migrator's role and search_path find them, and their reset.
#include <thread>

#include "libcore/base/error.h"
#include "migrate/stamp.h"
#include "migrate/version_tables.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using namespace belay::testing;
using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

template <typename Call>
ErrorKind kind_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
}

// What a database of many tenants has, and what only looks like it.
void create_tables(pg::Connection& connection) {
  connection.run(
      "CREATE SCHEMA tenant; CREATE SCHEMA \"Odd.Schema\";"
      "CREATE TABLE public.alembic_version (version_num varchar(32) PRIMARY KEY);"
      "CREATE TABLE tenant.alembic_version (version_num varchar(32), applied timestamptz);"
      "CREATE TABLE \"Odd.Schema\".\"Versions\" (version_num text);"
      "CREATE TABLE public.parts (version_num text, part int);"  // another column: not one
      "CREATE VIEW public.version_view AS SELECT version_num FROM public.alembic_version;"
      "INSERT INTO public.alembic_version VALUES ('b2'), ('a1');"
      "INSERT INTO tenant.alembic_version VALUES ('b2'), ('b2'), (NULL);");
}

std::vector<VersionTable> found_by(const ScratchDatabase& database, const std::string& role,
                                   const std::string& search_path) {
  pg::ConnectTarget target = database.target();
  if (!role.empty()) target.set("user", role);
  if (!search_path.empty()) target.set("options", "-csearch_path=" + search_path);
  pg::Connection connection = pg::Connection::connect(target, {});
  return find_version_tables(connection);
}

Ids visible_in(const std::vector<VersionTable>& tables) {
  Ids names;
  for (const VersionTable& table : tables) {
    if (table.visible) names.push_back(table.name.schema + "." + table.name.name);
  }
  return names;
}

TEST_CASE("tables are found whatever their columns, rows and schemas") {
  const ScratchDatabase database;
  pg::Connection connection = database.connect();
  CHECK(find_version_tables(connection).empty());
  create_tables(connection);
  const std::vector<VersionTable> tables = find_version_tables(connection);
  REQUIRE(tables.size() == 3);
  const RevisionSets sets = revision_sets(tables);
  CHECK(sets ==
        RevisionSets{{"public.alembic_version", {"a1", "b2"}}, {"tenant.alembic_version", {"b2"}}});
}

TEST_CASE("a name alone means what the role's search_path says") {
  const ScratchDatabase database;
  pg::Connection connection = database.connect();
  create_tables(connection);
  CHECK(visible_in(found_by(database, "", "")) == Ids{"public.alembic_version"});
  CHECK(visible_in(found_by(database, "", "tenant,public")) == Ids{"tenant.alembic_version"});
  CHECK(visible_in(found_by(database, "", "nowhere")).empty());

  // Of the database; then of the role in it, which wins; then a schema named like the role.
  connection.run("ALTER DATABASE " + database.name() + " SET search_path = tenant");
  CHECK(visible_in(found_by(database, "", "")) == Ids{"tenant.alembic_version"});
  connection.run("ALTER DATABASE " + database.name() + " RESET search_path");
  const ScratchRole role;
  connection.run("GRANT USAGE ON SCHEMA tenant, \"Odd.Schema\" TO " + role.name() +
                 "; GRANT SELECT ON public.alembic_version, tenant.alembic_version, "
                 "\"Odd.Schema\".\"Versions\" TO " +
                 role.name());
  CHECK(visible_in(found_by(database, role.name(), "")) == Ids{"public.alembic_version"});
  connection.run("CREATE SCHEMA " + role.name() + " AUTHORIZATION " + role.name() +
                 "; CREATE TABLE " + role.name() +
                 ".alembic_version (version_num text); GRANT "
                 "SELECT ON ALL TABLES IN SCHEMA " +
                 role.name() + " TO " + role.name());
  CHECK(visible_in(found_by(database, role.name(), "")) == Ids{role.name() + ".alembic_version"});
  connection.run("ALTER ROLE " + role.name() + " IN DATABASE " + database.name() +
                 " SET search_path = tenant");
  CHECK(visible_in(found_by(database, role.name(), "")) == Ids{"tenant.alembic_version"});
  connection.run("DROP SCHEMA " + role.name() + " CASCADE; DROP OWNED BY " + role.name());
}

TEST_CASE("a version table that cannot be read is named") {
  const ScratchDatabase database;
  pg::Connection connection = database.connect();
  create_tables(connection);
  const ScratchRole role;
  CHECK(kind_of([&] { found_by(database, role.name(), ""); }) == ErrorKind::not_permitted);
}

TEST_CASE("one table is meant, or all that could be are named") {
  const ScratchDatabase database;
  pg::Connection connection = database.connect();
  create_tables(connection);
  const std::vector<VersionTable> tables = find_version_tables(connection);
  const auto meant = [&](const std::optional<std::string>& table,
                         const std::optional<std::string>& schema) {
    const VersionTable* one = the_version_table(tables, table, schema);
    return one == nullptr ? "" : one->name.schema + "." + one->name.name;
  };
  CHECK(meant("alembic_version", "") == "public.alembic_version");
  CHECK(meant("alembic_version", "tenant") == "tenant.alembic_version");
  CHECK(meant("Versions", std::nullopt) == "Odd.Schema.Versions");
  CHECK(meant("Versions", "") == "");  // no schema of the search_path has it
  CHECK(meant("none", "tenant") == "");
  CHECK(kind_of([&] { meant("alembic_version", std::nullopt); }) == ErrorKind::preflight);
  CHECK(kind_of([&] { meant(std::nullopt, std::nullopt); }) == ErrorKind::preflight);
}

TEST_CASE("a stamp is all or nothing, and waits for who writes the table") {
  const ScratchDatabase database;
  pg::Connection connection = database.connect(), other = database.connect();
  create_tables(connection);
  connection.run("SET lock_timeout TO '20s'");  // a stamp that waits in the server fails here
  const Cancellation undisturbed;
  const auto carry_out = [&](const StampPlan& plan, std::chrono::milliseconds wait) {
    return stamp(connection, plan, wait, system_clock(), undisturbed);
  };
  StampPlan plan{{"tenant", "alembic_version"}, true, {}, {"c3", "it's"}};
  CHECK(carry_out(plan, 0ms).before == Ids{"b2"});
  CHECK(other.query("SELECT count(*) FROM tenant.alembic_version").integer(0, 0) == 2);

  // A row that the server refuses: what was there stays, and the session can go on.
  connection.run("ALTER TABLE public.alembic_version ADD CHECK (version_num <> 'bad')");
  plan = {{"public", "alembic_version"}, true, {}, {"aa", "bad"}};
  CHECK(kind_of([&] { carry_out(plan, 0ms); }) == ErrorKind::sql);
  CHECK(find_version_tables(connection)[1].revisions == Ids{"a1", "b2"});

  plan.revisions = {std::string(33, 'x')};
  CHECK(kind_of([&] { check_fits(connection, plan); }) == ErrorKind::preflight);
  plan.revisions = {std::string(32, 'x')};
  check_fits(connection, plan);
  plan.table = {"Odd.Schema", "Versions"};
  plan.revisions = {std::string(1000, 'x')};
  check_fits(connection, plan);  // text holds anything

  other.run("BEGIN; UPDATE public.alembic_version SET version_num = 'z9' WHERE version_num = 'a1'");
  plan = {{"public", "alembic_version"}, true, {}, {"aa"}};
  CHECK(kind_of([&] { carry_out(plan, 0ms); }) == ErrorKind::lock_timeout);
  other.run("COMMIT");
  CHECK(carry_out(plan, 5s).before == Ids{"b2", "z9"});
}

TEST_CASE("a table is created where Alembic would, and not for base") {
  const ScratchDatabase database;
  pg::ConnectTarget target = database.target();
  target.set("options", "-csearch_path=nowhere,here,public");
  pg::ConnectOptions options;
  options.kind = pg::SessionKind::admin;
  pg::Connection connection = pg::Connection::connect(target, options);
  connection.run("CREATE SCHEMA here");
  const Cancellation undisturbed;
  StampPlan plan;
  plan.table = new_version_table(connection, "", "alembic_version");
  plan.exists = false;
  CHECK(plan.table == QualifiedName{"here", "alembic_version"});
  CHECK_FALSE(stamp(connection, plan, 0ms, system_clock(), undisturbed).changed());
  CHECK(find_version_tables(connection).empty());
  plan.revisions = {"a1"};
  CHECK(stamp(connection, plan, 0ms, system_clock(), undisturbed).changed());
  const std::vector<VersionTable> tables = find_version_tables(connection);
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].visible);
  CHECK(tables[0].revisions == Ids{"a1"});
  connection.run("DROP SCHEMA here CASCADE; DROP SCHEMA public CASCADE");
  CHECK(kind_of([&] { new_version_table(connection, "", "v"); }) == ErrorKind::preflight);
  CHECK(new_version_table(connection, "s", "v") == QualifiedName{"s", "v"});
}

}  // namespace
