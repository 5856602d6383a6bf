// What a restore decides before it creates anything.
#include "librestore/plan.h"

#include "librestore/drill.h"
#include "librestore/target_server.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using Names = std::vector<std::string>;

archive::Entry entry(int number, std::string kind, std::string name, archive::Section section) {
  archive::Entry entry;
  entry.number = number;
  entry.kind = std::move(kind);
  entry.schema = "public";
  entry.name = std::move(name);
  entry.section = section;
  return entry;
}

archive::Contents contents() {
  archive::Contents contents;
  contents.database.name = "app";
  contents.database.owner = "chief";
  contents.database.acl = {"GRANT CONNECT ON DATABASE %DATABASE% TO visitor"};
  contents.database.comment = {"COMMENT ON DATABASE %DATABASE% IS 'x'"};
  contents.database.label = {"SECURITY LABEL FOR p ON DATABASE %DATABASE% IS 'x'"};
  contents.database.settings = {"ALTER DATABASE %DATABASE% SET jit TO off"};
  contents.roles = {"chief", "alice", "bob", "visitor"};
  contents.extensions = {{"hstore", "1.8"}};

  archive::Entry table = entry(1, "table", "songs", archive::Section::pre_data);
  table.owner = "alice";
  table.create = {"CREATE TABLE public.songs (bob integer)"};
  table.set_owner = {"ALTER TABLE public.songs OWNER TO alice"};
  table.acl = {"GRANT SELECT(bob) ON TABLE public.songs TO visitor"};
  table.comment = {"COMMENT ON TABLE public.songs IS 'songs'"};
  table.label = {"SECURITY LABEL ON TABLE public.songs IS 'secret'"};
  archive::Entry large = entry(2, "large object", "77", archive::Section::data);
  large.create = {"SELECT pg_catalog.lo_create(77)"};
  archive::Entry index = entry(3, "index", "by_bob", archive::Section::post_data);
  index.create = {"CREATE INDEX by_bob ON public.songs (bob)"};
  archive::Entry check = entry(4, "check", "c on songs", archive::Section::post_data);
  check.owner = "alice";
  check.create = {"ALTER TABLE public.songs ADD CONSTRAINT c CHECK (bob > 0)"};
  archive::Entry refresh = entry(5, "refresh", "charts", archive::Section::post_data);
  refresh.create = {"REFRESH MATERIALIZED VIEW public.charts"};
  refresh.last = true;
  refresh.run_as = "alice";
  contents.entries = {table, large, index, check, refresh};
  return contents;
}

const Names kAllRoles{"chief", "alice", "bob", "visitor"};

Names statements(const std::vector<restore::Plan::Step>& steps) {
  Names statements;
  for (const auto& step : steps) statements.push_back(step.sql);
  return statements;
}

TEST_CASE("the plan has each statement in its pass") {
  const restore::Plan plan = restore::make_plan(contents(), kAllRoles, {"hstore"}, {});
  CHECK(plan.missing_roles.empty());
  CHECK(plan.missing_extensions.empty());
  CHECK(statements(plan.pre_data) == Names{"CREATE TABLE public.songs (bob integer)",
                                           "ALTER TABLE public.songs OWNER TO alice",
                                           "COMMENT ON TABLE public.songs IS 'songs'",
                                           "SECURITY LABEL ON TABLE public.songs IS 'secret'",
                                           "SELECT pg_catalog.lo_create(77)"});
  CHECK(statements(plan.post_data) ==
        Names{"CREATE INDEX by_bob ON public.songs (bob)",
              "ALTER TABLE public.songs ADD CONSTRAINT c CHECK (bob > 0)"});
  CHECK(plan.post_data[0].run_as.empty());
  CHECK(plan.post_data[1].run_as == "alice");
  CHECK(statements(plan.privileges) == Names{"GRANT SELECT(bob) ON TABLE public.songs TO visitor"});
  CHECK(statements(plan.last) == Names{"REFRESH MATERIALIZED VIEW public.charts"});
  CHECK(plan.last[0].run_as == "alice");
  CHECK(plan.last[0].entry == 4);
  CHECK(statements(plan.database) == Names{"ALTER DATABASE %DATABASE% OWNER TO \"chief\"",
                                           "GRANT CONNECT ON DATABASE %DATABASE% TO visitor",
                                           "ALTER DATABASE %DATABASE% SET jit TO off",
                                           "SECURITY LABEL FOR p ON DATABASE %DATABASE% IS 'x'"});
  CHECK(statements(plan.database_comment) == Names{"COMMENT ON DATABASE %DATABASE% IS 'x'"});
}

TEST_CASE("a part needs only its own roles, extensions and items") {
  archive::Contents some = contents();
  some.entries.push_back(entry(6, "table", "other", archive::Section::pre_data));
  some.entries.back().owner = "bob";
  some.entries[2].depends_on = some.entries[3].depends_on = {1};
  some.items.resize(2);
  some.items[0].number = 1;
  some.items[0].entry = 1;
  some.items[1].number = 2;
  some.items[1].entry = 6;
  restore::Options options;
  options.selection.tables = {NamePattern::of_relation("other")};
  const restore::Plan plan = restore::make_plan(some, {"chief", "visitor"}, {}, options);
  CHECK(plan.missing_roles == Names{"bob"});
  CHECK(plan.missing_extensions.empty());
  CHECK(plan.items == std::vector<bool>{false, true});
  CHECK(plan.entries == std::vector<bool>{false, false, false, false, false, true});
  CHECK(plan.sequences == std::set<QualifiedName>{});
}

TEST_CASE("in an existing database nothing is made twice, and the database itself is left alone") {
  restore::Options options;
  options.exists = [](const archive::Entry& entry) { return entry.name == "songs"; };
  const restore::Plan plan = restore::make_plan(contents(), kAllRoles, {}, options);
  CHECK(plan.in_the_way == Names{"table public.songs"});
  CHECK(plan.database.empty());
  CHECK(plan.missing_extensions.empty());
  options.pre_data = false;
  CHECK(restore::make_plan(contents(), kAllRoles, {}, options).in_the_way.empty());
}

TEST_CASE("sections are taken one by one") {
  restore::Options options;
  options.post_data = false;
  options.schema_only = true;
  restore::Plan plan = restore::make_plan(contents(), kAllRoles, {"hstore"}, options);
  CHECK(plan.post_data.empty());
  CHECK(plan.last.empty());
  CHECK(plan.pre_data.size() == 4);  // without the large object
  options = {};
  options.pre_data = options.post_data = false;
  plan = restore::make_plan(contents(), kAllRoles, {"hstore"}, options);
  CHECK(statements(plan.pre_data) == Names{"SELECT pg_catalog.lo_create(77)"});
  CHECK(plan.privileges.empty());
}

TEST_CASE("the placeholder becomes the quoted name, wherever and however often it stands") {
  CHECK(restore::with_database_name("a %DATABASE% b %DATABASE%", "we\"ird") ==
        "a \"we\"\"ird\" b \"we\"\"ird\"");
  CHECK(restore::with_database_name("nothing", "x") == "nothing");
  // A name that looks like the placeholder is not replaced again.
  CHECK(restore::with_database_name("%DATABASE%", "%DATABASE%") == "\"%DATABASE%\"");
}

TEST_CASE("missing roles and extensions are listed") {
  const restore::Plan plan = restore::make_plan(contents(), {"chief"}, {"citext"}, {});
  CHECK(plan.missing_roles == Names{"alice", "bob", "visitor"});
  CHECK(plan.missing_extensions == Names{"hstore"});
}

TEST_CASE("without owners only grantees are needed") {
  restore::Options options;
  options.no_owner = true;
  const restore::Plan plan = restore::make_plan(contents(), {}, {"hstore"}, options);
  // A column is called bob as well: it is not a role.
  CHECK(plan.missing_roles == Names{"visitor"});
  for (const auto& step : plan.pre_data) CHECK(step.sql.find("OWNER") == step.sql.npos);
  for (const auto& step : plan.database) CHECK(step.sql.find("OWNER") == step.sql.npos);
  for (const auto& step : plan.post_data) CHECK(step.run_as.empty());
  for (const auto& step : plan.last) CHECK(step.run_as.empty());
}

TEST_CASE("without privileges only owners are needed") {
  restore::Options options;
  options.no_privileges = true;
  const restore::Plan plan = restore::make_plan(contents(), {}, {"hstore"}, options);
  CHECK(plan.missing_roles == Names{"alice", "chief"});
  CHECK(plan.privileges.empty());
  for (const auto& step : plan.database) CHECK(step.sql.find("GRANT") == step.sql.npos);
}

TEST_CASE("without both no role is needed") {
  restore::Options options;
  options.no_owner = options.no_privileges = true;
  CHECK(restore::make_plan(contents(), {}, {"hstore"}, options).missing_roles.empty());
}

TEST_CASE("quoted roles are found in grants") {
  archive::Contents some = contents();
  some.roles = {"Odd \"One\""};
  some.entries[0].acl = {"GRANT SELECT ON TABLE public.songs TO \"Odd \"\"One\"\"\""};
  restore::Options options;
  options.no_owner = true;
  CHECK(restore::make_plan(some, {}, {"hstore"}, options).missing_roles == Names{"Odd \"One\""});
}

TEST_CASE("who granted for somebody else grants again, and must exist") {
  archive::Contents some = contents();
  some.entries[0].acl_run_as = {"bob"};
  restore::Options options;
  options.no_owner = true;
  const restore::Plan plan = restore::make_plan(some, {"visitor"}, {"hstore"}, options);
  CHECK(plan.missing_roles == Names{"bob"});
  CHECK(plan.privileges.at(0).run_as == "bob");
}

TEST_CASE("of the schema only, contents are left out") {
  restore::Options options;
  options.schema_only = true;
  const restore::Plan plan = restore::make_plan(contents(), kAllRoles, {"hstore"}, options);
  CHECK(plan.last.empty());
  for (const auto& step : plan.pre_data) CHECK(step.sql.find("lo_create") == step.sql.npos);
  CHECK(plan.post_data.size() == 2);
}

TEST_CASE("subscriptions are not created in a scratch database") {
  archive::Contents some = contents();
  archive::Entry subscription = entry(6, "subscription", "s", archive::Section::post_data);
  subscription.create = {"CREATE SUBSCRIPTION s"};
  some.entries.push_back(subscription);
  restore::Options options;
  CHECK(restore::make_plan(some, kAllRoles, {"hstore"}, options).post_data.size() == 3);
  options.create_subscriptions = false;
  CHECK(restore::make_plan(some, kAllRoles, {"hstore"}, options).post_data.size() == 2);
}

restore::TargetFacts superuser_target() {
  restore::TargetFacts target;
  target.server_version = 150018;
  target.login = "postgres";
  target.superuser = true;
  for (const std::string& role : kAllRoles) target.roles[role] = true;
  target.extensions = {"hstore"};
  return target;
}

archive::Header header_of(int version) {
  archive::Header header;
  header.source.server_version = version;
  return header;
}

std::string refusal(const restore::TargetFacts& target, const archive::Contents& contents,
                    int version = 150018) {
  try {
    restore::plan_for(target, header_of(version), contents, {}, ErrorKind::could_not_run);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_FALSE(error.next().empty());
    return std::string(error.what()) + " -> " + error.next();
  }
  return "";
}

TEST_CASE("a target that cannot take the archive is refused by name") {
  using Catch::Matchers::ContainsSubstring;
  const restore::TargetFacts target = superuser_target();
  CHECK(refusal(target, contents()).empty());

  restore::TargetFacts without_role = target;
  without_role.roles.erase("alice");
  CHECK_THAT(refusal(without_role, contents()), ContainsSubstring("CREATE ROLE alice"));
  CHECK_THAT(refusal(without_role, contents()), ContainsSubstring("-O"));

  restore::TargetFacts without_extension = target;
  without_extension.extensions.clear();
  CHECK_THAT(refusal(without_extension, contents()), ContainsSubstring("hstore"));

  CHECK(refusal(target, contents(), 140000).empty());
  CHECK_THAT(refusal(target, contents(), 160000), ContainsSubstring("server 16"));

  restore::TargetFacts weak = target;
  weak.superuser = false;
  weak.login = "alice";
  CHECK(refusal(weak, contents()).empty());
  weak.roles["chief"] = false;
  CHECK_THAT(refusal(weak, contents()), ContainsSubstring("chief"));
  weak.roles["chief"] = true;
  weak.superuser_extensions = {"hstore"};
  CHECK_THAT(refusal(weak, contents()), ContainsSubstring("superuser"));
}

TEST_CASE("all that a server lacks is told in one report") {
  using Catch::Matchers::ContainsSubstring;
  archive::Contents some = contents();
  some.database.tablespace = "own";
  some.entries[0].tablespace = "fast";
  restore::TargetFacts target = superuser_target();
  target.roles.erase("alice");
  target.extensions.clear();
  target.tablespaces = {{"pg_default", true}, {"own", true}};
  target.of_this = target.of_new = "pg_default";
  CHECK_THAT(refusal(target, some),
             ContainsSubstring("role alice; extension hstore 1.8; tablespace fast"));
  target = superuser_target();
  target.tablespaces = {{"pg_default", false}, {"own", false}, {"fast", true}};
  target.of_this = target.of_new = "pg_default";
  CHECK_THAT(refusal(target, some), ContainsSubstring("GRANT CREATE ON TABLESPACE own TO"));
  target.tablespaces["own"] = true;
  CHECK(refusal(target, some) == "");
}

TEST_CASE("what goes where the database is does not name its tablespace") {
  archive::Contents some = contents();
  some.database.tablespace = "own";
  some.entries[0].tablespace = "fast";
  some.entries[2].tablespace = "pg_default";
  const auto planned = [&](const restore::Options& options) {
    const restore::Plan plan = restore::make_plan(some, kAllRoles, {"hstore"}, options);
    std::string text = plan.tablespace + ":";
    for (const auto* steps : {&plan.pre_data, &plan.post_data}) {
      for (const std::string& sql : statements(*steps)) {
        if (sql.starts_with("SET default_tablespace = ")) text += sql.substr(25);
      }
    }
    return text;
  };
  restore::Options options;
  CHECK(planned(options) == "own:'fast''''pg_default'''");
  options.placement.instead = {{"fast", "own"}, {"pg_default", "fast"}};
  CHECK(planned(options) == "own:'fast'''");
  options.placement.instead = {{"own", "pg_default"}};
  CHECK(planned(options) == ":'fast'''");
  options.placement.instead.clear();
  options.placement.ignored = true;
  CHECK(planned(options) == ":");
  options.placement.ignored = false;
  options.exists = [](const archive::Entry&) { return false; };
  options.default_tablespace = "fast";
  CHECK(planned(options) == ":'pg_default'''");
}

TEST_CASE("derived names fit, are cut at characters, and keep their end") {
  CHECK(restore::made_name("app", "loading", "0a1b2c3d") == "app__belay_loading_0a1b2c3d");
  std::string notes;
  for (int i = 0; i < 30; ++i) notes += "\xe2\x99\xab";  // a note, three bytes
  const std::string name = restore::made_name(notes, "drill", "0a1b2c3d");
  CHECK(name.size() <= 63);
  CHECK(name.size() > 60);
  CHECK(name.ends_with("\xe2\x99\xab__belay_drill_0a1b2c3d"));
}

TEST_CASE("CREATE DATABASE speaks the server's dialect") {
  archive::DatabaseProperties properties;
  properties.encoding = "UTF8";
  properties.locale_provider = "icu";
  properties.lc_collate = properties.lc_ctype = "C";
  properties.locale = "de-x-icu";
  properties.icu_rules = "&a < b'";
  const auto sql = [&](int major) {
    return restore::create_database_statement("a\"b", properties, "", major);
  };
  const std::string common =
      "CREATE DATABASE \"a\"\"b\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
  CHECK(sql(14) == common);
  CHECK(sql(15) == common + " LOCALE_PROVIDER \"icu\" ICU_LOCALE 'de-x-icu'");
  CHECK(sql(16) == common + " LOCALE_PROVIDER \"icu\" ICU_LOCALE 'de-x-icu' ICU_RULES '&a < b'''");
  properties.locale_provider = "libc";
  CHECK(sql(15) == common + " LOCALE_PROVIDER \"libc\"");
  properties.locale_provider = "builtin";
  properties.locale = "C.UTF-8";
  CHECK(sql(17) == common + " LOCALE_PROVIDER \"builtin\" BUILTIN_LOCALE 'C.UTF-8'");
}

TEST_CASE("in a drill the SQLSTATE says whether the archive or the environment is to blame") {
  const auto verdict = [](std::string_view sqlstate) {
    return restore::drill_verdict(Error(ErrorKind::sql, "x").sqlstate(sqlstate));
  };
  for (const char* state : {"53100", "53200", "57P01", "57014", "58030", "58P01", "42501", "0A000"})
    CHECK(verdict(state) == ErrorKind::could_not_run);
  for (const char* state : {"42P01", "42704", "22P02", "23505", "XX001", "42601", "40P01"})
    CHECK(verdict(state) == ErrorKind::mismatch);
  CHECK(restore::drill_verdict(Error(ErrorKind::damaged, "x")) == ErrorKind::damaged);
  CHECK(restore::drill_verdict(Error(ErrorKind::cancelled, "x")) == ErrorKind::cancelled);
  CHECK(restore::drill_verdict(Error(ErrorKind::unusable_backup, "x")) ==
        ErrorKind::unusable_backup);
  CHECK(restore::drill_verdict(Error(ErrorKind::unreachable, "x")) == ErrorKind::could_not_run);
}

}  // namespace

TEST_CASE("owners are lent the right to create in a schema, and give it back before the grants") {
  archive::Contents contents;
  archive::Entry schema = entry(1, "schema", "closed", archive::Section::pre_data);
  schema.schema.clear();
  schema.owner = "chief";
  schema.create = {"CREATE SCHEMA closed"};
  schema.set_owner = {"ALTER SCHEMA closed OWNER TO chief"};
  schema.acl = {"GRANT USAGE ON SCHEMA closed TO alice"};
  archive::Entry open = entry(2, "schema", "public", archive::Section::pre_data);
  open.schema.clear();
  const auto table = [](int number, const std::string& in, const std::string& owner) {
    archive::Entry made = entry(number, "table", "t", archive::Section::pre_data);
    made.schema = in;
    made.owner = owner;
    made.create = {"CREATE TABLE t"};
    made.set_owner = {"ALTER TABLE t OWNER TO " + owner};
    return made;
  };
  contents.entries = {schema,
                      open,
                      table(3, "closed", "alice"),
                      table(4, "closed", "chief"),
                      table(5, "closed", "login"),
                      table(6, "public", "bob")};
  restore::Plan plan = restore::make_plan(contents, kAllRoles, {}, {});
  const bool public_too = GENERATE(false, true);
  restore::lend_schemas(plan, contents, "login", public_too);
  Names wanted{"CREATE SCHEMA closed", "ALTER SCHEMA closed OWNER TO chief",
               "GRANT CREATE ON SCHEMA \"closed\" TO \"alice\""};
  if (public_too) wanted.push_back("GRANT CREATE ON SCHEMA \"public\" TO \"bob\"");
  const Names before = statements(plan.pre_data);
  CHECK(Names(before.begin(), before.begin() + static_cast<int>(wanted.size())) == wanted);
  CHECK(before.size() == wanted.size() + 8);
  Names returned{"REVOKE CREATE ON SCHEMA \"closed\" FROM \"alice\""};
  if (public_too) returned.push_back("REVOKE CREATE ON SCHEMA \"public\" FROM \"bob\"");
  returned.push_back("GRANT USAGE ON SCHEMA closed TO alice");
  CHECK(statements(plan.privileges) == returned);
}
