#include <algorithm>

#include "libcore/catalog/canonical.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::catalog;

namespace {

Column column(int number, std::string name, std::string type) {
  Column result;
  result.number = number;
  result.name = std::move(name);
  result.type = std::move(type);
  return result;
}

Table table(Oid oid, std::string name, std::vector<Column> columns) {
  Table result;
  result.address = {class_oid::kClass, oid};
  result.name = {"app", std::move(name)};
  result.owner = "ada";
  result.columns = std::move(columns);
  return result;
}

Index index(Oid oid, Oid on, std::string name) {
  Index result;
  result.address = {class_oid::kClass, oid};
  result.name = {"app", std::move(name)};
  result.owner = "ada";
  result.table = on;
  result.definition = "CREATE INDEX " + result.name.name;
  return result;
}

Catalog two_tables() {
  Catalog catalog;
  catalog.tables.push_back(
      table(20000, "users", {column(1, "id", "bigint"), column(2, "a", "text")}));
  catalog.tables.push_back(table(20010, "songs", {column(1, "id", "bigint")}));
  catalog.indexes.push_back(index(20020, 20000, "users_a"));
  return catalog;
}

const CanonicalObject& find(const std::vector<CanonicalObject>& objects, std::string_view kind,
                            std::string_view identity) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& object) {
    return object.kind == kind && object.identity == identity;
  });
  REQUIRE(found != objects.end());
  return *found;
}

}  // namespace

TEST_CASE("the fingerprint does not see OIDs, order of reading, or gaps in column numbers") {
  const Catalog one = two_tables();
  Catalog other;
  other.tables.push_back(table(31, "songs", {column(7, "id", "bigint")}));
  other.tables.push_back(table(30, "users", {column(3, "id", "bigint"), column(9, "a", "text")}));
  other.indexes.push_back(index(29, 30, "users_a"));
  CHECK(fingerprint(one) == fingerprint(other));

  std::swap(other.tables[1].columns[0], other.tables[1].columns[1]);
  CHECK_FALSE(fingerprint(one) == fingerprint(other));
}

TEST_CASE("the fingerprint keeps apart what moves between fields") {
  Catalog one = two_tables(), other = two_tables();
  one.tables[0].comment = "x";
  one.tables[0].has_comment = true;
  other.tables[1].comment = "x";
  other.tables[1].has_comment = true;
  CHECK_FALSE(fingerprint(one) == fingerprint(other));
  CHECK_FALSE(fingerprint(one) == fingerprint(two_tables()));
}

TEST_CASE("privileges are compared by meaning") {
  const AclItem owner{"ada", "ada", "arwd", ""};
  Catalog plain = two_tables(), listed = two_tables();
  // An explicit list that says what NULL means.
  listed.tables[0].acl = {false, {owner}, {owner}};
  CHECK(fingerprint(plain) == fingerprint(listed));

  Catalog granted = two_tables(), reordered = two_tables();
  const AclItem bob{"bob", "ada", "ra", "r"}, everyone{"", "ada", "r", ""};
  granted.tables[0].acl = {false, {owner, bob, everyone}, {owner}};
  reordered.tables[0].acl = {
      false,
      {everyone, {"bob", "ada", "a", ""}, {"ada", "ada", "dwra", ""}, {"bob", "ada", "r", "r"}},
      {owner}};
  CHECK(fingerprint(granted) == fingerprint(reordered));
  CHECK_FALSE(fingerprint(granted) == fingerprint(plain));

  Catalog revoked = two_tables();
  revoked.tables[0].acl = {false, {}, {owner}};
  CHECK_FALSE(fingerprint(revoked) == fingerprint(plain));
}

TEST_CASE("a role named PUBLIC is not everyone") {
  const AclItem owner{"ada", "ada", "arwd", ""};
  Catalog role = two_tables(), everyone = two_tables();
  role.tables[0].acl = {false, {owner, {"PUBLIC", "ada", "r", ""}}, {owner}};
  everyone.tables[0].acl = {false, {owner, {"", "ada", "r", ""}}, {owner}};
  CHECK_FALSE(fingerprint(role) == fingerprint(everyone));
}

TEST_CASE("version tables with their indexes leave the fingerprint, not the objects") {
  for (const char* name : {"alembic_version", "my_versions"}) {
    Catalog catalog = two_tables();
    catalog.tables.push_back(table(1, name, {column(1, "version_num", "text")}));
    catalog.indexes.push_back(index(2, 1, "version_pkc"));
    Constraint key;
    key.address = {class_oid::kConstraint, 3};
    key.name = {"app", "version_pkc"};
    key.type = 'p';
    key.table = 1;
    catalog.constraints.push_back(key);
    CHECK(fingerprint(catalog) == fingerprint(two_tables()));
    CHECK(canonical_objects(catalog).size() == canonical_objects(two_tables()).size() + 3);
  }
  Catalog wider = two_tables();
  wider.tables.push_back(
      table(1, "versions", {column(1, "version_num", "text"), column(2, "who", "text")}));
  CHECK_FALSE(fingerprint(wider) == fingerprint(two_tables()));
}

TEST_CASE("objects are sorted, quoted only where needed, and one line of JSON each") {
  Catalog catalog = two_tables();
  catalog.tables.push_back(table(5, "Odd \"name\"\n", {}));
  const auto objects = canonical_objects(catalog);
  CHECK(std::is_sorted(objects.begin(), objects.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kind, a.identity) < std::tie(b.kind, b.identity);
  }));
  CHECK(find(objects, "table", "app.songs").properties ==
        R"({"columns":[{"name":"id","type":"bigint"}],"owner":"ada"})");
  CHECK(find(objects, "table", "app.\"Odd \"\"name\"\"\n\"").properties.find('\n') ==
        std::string::npos);
}

TEST_CASE("diff names what was added, removed and changed, and only the properties that differ") {
  const std::vector<CanonicalObject> before = {{"table", "app.a", R"({"owner":"ada","x":1})"},
                                               {"table", "app.b", R"({"owner":"ada"})"},
                                               {"view", "app.v", R"({"definition":"1"})"}};
  const std::vector<CanonicalObject> after = {{"view", "app.v", R"({"definition":"1"})"},
                                              {"table", "app.c", R"({"owner":"ada"})"},
                                              {"table", "app.a", R"({"owner":"bob","x":1})"}};
  const auto differences = diff(before, after);
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].change == Change::changed);
  CHECK(differences[0].identity == "app.a");
  CHECK(differences[0].before == R"({"owner":"ada"})");
  CHECK(differences[0].after == R"({"owner":"bob"})");
  CHECK(differences[1].change == Change::removed);
  CHECK(differences[1].identity == "app.b");
  CHECK(differences[2].change == Change::added);
  CHECK(differences[2].after == R"({"owner":"ada"})");
  CHECK(diff(before, before).empty());
}

TEST_CASE("diff takes properties that are not JSON as they are") {
  const auto differences = diff({{"table", "a", "not json"}}, {{"table", "a", "{"}});
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].before == "not json");
}

TEST_CASE("a changed object is told property by property") {
  Catalog before = two_tables(), after = two_tables();
  Table& users = after.tables[0];
  users.columns[1].type = "character varying(80)";
  users.columns[0].comment = "key";
  users.columns.push_back(column(3, "note", "text"));
  users.comment = "";
  users.has_comment = true;
  const AclItem owner{"ada", "ada", "arwd", ""};
  before.tables[0].acl = {false, {owner, {"bob", "ada", "r", ""}}, {owner}};
  users.acl = {false, {owner, {"bob", "ada", "rw", ""}}, {owner}};
  const auto differences = diff(canonical_objects(before), canonical_objects(after));
  REQUIRE(differences.size() == 1);
  std::vector<std::string> told;
  for (const PropertyChange& change : property_changes(differences[0])) {
    told.push_back(change.property + ": " + (change.absent_before ? "-" : change.before) + " > " +
                   (change.absent_after ? "-" : change.after));
  }
  CHECK(told == std::vector<std::string>{
                    "acl.bob by ada.privileges: r > rw",
                    "columns.a.type: text > character varying(80)", "columns.id.comment: - > key",
                    "columns.note: - > {\"name\":\"note\",\"type\":\"text\"}", "comment: - > "});

  Catalog turned = two_tables();
  std::swap(turned.tables[0].columns[0], turned.tables[0].columns[1]);
  const auto order = diff(canonical_objects(two_tables()), canonical_objects(turned));
  REQUIRE(order.size() == 1);
  const auto changes = property_changes(order[0]);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].property == "columns (order)");
  CHECK(changes[0].before == "id, a");
  CHECK(changes[0].after == "a, id");
}
