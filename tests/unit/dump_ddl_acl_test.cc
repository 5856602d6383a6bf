#include "libdump/ddl.h"
#include "libdump/ddl_render.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using catalog::Acl;
using catalog::AclItem;
using dump::Grantable;

const std::vector<AclItem> kFunctionBase = {{"", "o", "X", ""}, {"o", "o", "X", ""}};
const std::vector<AclItem> kTableBase = {{"o", "o", "arwdDxt", ""}};

Acl acl(std::vector<AclItem> base, std::vector<AclItem> current) {
  return Acl{false, std::move(current), std::move(base)};
}

std::string grants(const Acl& acl, Grantable kind, int major = 15) {
  dump::Grants result;
  dump::add_grants(result, acl, "o", kind, "TABLE t", major);
  std::string text;
  for (std::size_t i = 0; i < result.statements.size(); ++i) {
    if (!result.run_as[i].empty()) text += '[' + result.run_as[i] + "] ";
    text += result.statements[i] + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("privileges that nobody touched need no statement") {
  Acl untouched;
  untouched.base = kFunctionBase;
  untouched.current = kFunctionBase;
  CHECK(grants(untouched, Grantable::function) == "");
  CHECK(grants(acl(kFunctionBase, kFunctionBase), Grantable::function) == "");
}

TEST_CASE("everything revoked is not the same as nothing said") {
  CHECK(grants(acl(kFunctionBase, {}), Grantable::function) ==
        "REVOKE ALL ON TABLE t FROM PUBLIC\nREVOKE ALL ON TABLE t FROM o\n");
}

TEST_CASE("grants and revokes are the difference to what a new object has") {
  CHECK(grants(acl(kFunctionBase, {{"o", "o", "X", ""}, {"app", "o", "X", ""}}),
               Grantable::function) ==
        "REVOKE ALL ON TABLE t FROM PUBLIC\nGRANT ALL ON TABLE t TO app\n");
  CHECK(grants(acl(kTableBase, {{"o", "o", "arwxt", ""}}), Grantable::relation) ==
        "REVOKE ALL ON TABLE t FROM o\n"
        "GRANT SELECT, INSERT, UPDATE, REFERENCES, TRIGGER ON TABLE t TO o\n");
}

TEST_CASE("the owner's grants come first, and chains run as their grantors") {
  CHECK(grants(acl(kTableBase, {{"a", "o", "ra", "r"},
                                {"A b", "a", "r", ""},
                                {"", "o", "r", ""},
                                {"o", "o", "r", ""}}),
               Grantable::relation) ==
        "REVOKE ALL ON TABLE t FROM o\n"
        "GRANT SELECT ON TABLE t TO o\n"
        "GRANT INSERT ON TABLE t TO a\n"
        "GRANT SELECT ON TABLE t TO a WITH GRANT OPTION\n"
        "[a] GRANT SELECT ON TABLE t TO \"A b\"\n"
        "GRANT SELECT ON TABLE t TO PUBLIC\n");
}

TEST_CASE("ALL means all that the server knows") {
  const Acl all = acl({}, {{"a", "o", "arwdDxt", ""}});
  CHECK(grants(all, Grantable::relation, 16) == "GRANT ALL ON TABLE t TO a\n");
  CHECK(grants(all, Grantable::relation, 17) ==
        "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON TABLE t TO a\n");
  CHECK(grants(acl({}, {{"a", "o", "arwdDxtm", ""}}), Grantable::relation, 17) ==
        "GRANT ALL ON TABLE t TO a\n");
}

TEST_CASE("privileges on columns name the column") {
  dump::Grants result;
  dump::add_grants(result, acl({}, {{"a", "o", "rw", ""}, {"b", "o", "arwx", ""}}), "o",
                   Grantable::column, "TABLE t", 15, "\"C c\"");
  CHECK(result.statements ==
        std::vector<std::string>{"GRANT SELECT(\"C c\"), UPDATE(\"C c\") ON TABLE t TO a",
                                 "GRANT ALL(\"C c\") ON TABLE t TO b"});
}

TEST_CASE("the database's own statements hold its placeholder once each") {
  catalog::Catalog catalog;
  catalog.identity.server_version = 150018;
  catalog.database.name.name = "app";
  catalog.database.owner = "o";
  catalog.database.has_comment = true;
  catalog.database.comment = "the %DATABASE% of \\ 's";
  catalog.database.labels = {{"%DATABASE%", "is %DATABASE%"}};
  catalog.database.acl =
      acl({{"", "o", "Tc", ""}, {"o", "o", "CTc", ""}},
          {{"o", "o", "CTc", ""}, {"%DATABASE%\\", "o", "c", ""}, {"x", "y", "c", ""}});
  const archive::DatabaseProperties properties = dump::render_database(catalog);
  CHECK(properties.comment ==
        std::vector<std::string>{
            "COMMENT ON DATABASE %DATABASE% IS E'the \\x25DATABASE% of \\\\ ''s'"});
  CHECK(
      properties.label ==
      std::vector<std::string>{"SECURITY LABEL FOR U&\"\\0025DATABASE%\" ON DATABASE %DATABASE% IS "
                               "E'is \\x25DATABASE%'"});
  CHECK(properties.acl ==
        std::vector<std::string>{"REVOKE CONNECT, TEMPORARY ON DATABASE %DATABASE% FROM PUBLIC",
                                 "GRANT CONNECT ON DATABASE %DATABASE% TO "
                                 "U&\"\\0025DATABASE%\\\\\"",
                                 "GRANT CONNECT ON DATABASE %DATABASE% TO x"});
  CHECK(properties.acl_run_as == std::vector<std::string>{"", "", "y"});
}
