// Comparing two sides, and the small parsers beneath it.
#include "librestore/compare.h"

#include "libcore/base/error.h"
#include "librestore/copy_text.h"
#include "librestore/large_object_rights.h"
#include "librestore/schema_objects.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using restore::Side;

Side side() {
  Side side;
  side.title = "one";
  side.server_major = 15;
  side.tables[{"public", "songs"}] = {{2, 7, 0}, false, {"id", "title"}};
  side.sequences[{"public", "songs_id_seq"}] = "2,t";
  side.large_objects = {1, 9, 9};
  return side;
}

std::string unequal(const restore::Comparison& comparison) {
  std::string objects;
  for (const auto& line : comparison.lines) {
    if (!line.equal) objects += line.object + ": " + line.left + " / " + line.right + "\n";
  }
  return objects;
}

TEST_CASE("equal sides are equal, line by line") {
  const restore::Comparison comparison = restore::compare(side(), side());
  CHECK(comparison.equal);
  CHECK_FALSE(comparison.nothing_compared);
  CHECK(unequal(comparison).empty());
  CHECK(comparison.lines.size() == 4);
}

TEST_CASE("every kind of difference is found and named") {
  using Catch::Matchers::ContainsSubstring;
  Side other = side();
  SECTION("digest") {
    other.tables.begin()->second.stored.low = 8;
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("table public.songs"));
  }
  SECTION("rows") {
    other.tables.begin()->second.stored.rows = 3;
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("3 rows"));
  }
  SECTION("format: digests of different formats are never equal") {
    other.tables.begin()->second.binary = true;
    CHECK_FALSE(restore::compare(side(), other).equal);
  }
  SECTION("columns") {
    other.tables.begin()->second.columns = {"id"};
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("columns id,title"));
  }
  SECTION("missing on the right") {
    other.tables.clear();
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("/ absent"));
  }
  SECTION("missing on the left") {
    other.tables[{"public", "more"}] = {};
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("public.more: absent"));
  }
  SECTION("sequence") {
    other.sequences.begin()->second = "2,f";
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("2,t / 2,f"));
  }
  SECTION("large objects") {
    other.large_objects = {};
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("large objects"));
  }
  SECTION("schema") {
    other.fingerprint.bytes[0] = 1;
    CHECK_THAT(unequal(restore::compare(side(), other)), ContainsSubstring("schema"));
  }
}

TEST_CASE("what cannot be compared is said") {
  Side other = side();
  other.server_major = 16;
  other.fingerprint.bytes[0] = 1;
  restore::Comparison comparison = restore::compare(side(), other);
  CHECK(comparison.equal);
  CHECK(comparison.not_compared == std::vector<std::string>{"schema: server 15 and server 16"});

  other = side();
  other.has_contents = false;
  other.tables.clear();
  comparison = restore::compare(side(), other);
  CHECK(comparison.nothing_compared);

  Side rows_only = side();
  rows_only.tables.begin()->second.rows_only = true;
  rows_only.tables.begin()->second.stored.low = 1;
  comparison = restore::compare(side(), rows_only);
  CHECK(comparison.equal);
  CHECK(comparison.not_compared.size() == 1);
  rows_only.tables.begin()->second.stored.rows = 1;
  CHECK_FALSE(restore::compare(side(), rows_only).equal);
}

TEST_CASE("what an archive left out is neither equal nor different") {
  Side archive = side();
  archive.tables.clear();
  archive.sequences.clear();
  archive.tables[{"public", "users"}] = {{1, 1, 0}, false, {"id"}};
  Side database = side();
  database.tables[{"public", "users"}] = {{1, 1, 0}, false, {"id"}};
  CHECK_FALSE(restore::compare(archive, database).equal);

  archive.without_contents = {{"public", "songs"}, {"public", "songs_id_seq"}};
  archive.left_out = {"contents of table public.songs: excluded"};
  for (const restore::Comparison& comparison :
       {restore::compare(archive, database), restore::compare(database, archive)}) {
    CHECK(unequal(comparison).empty());
    CHECK(comparison.equal);
    CHECK_FALSE(comparison.nothing_compared);
    CHECK(comparison.not_compared ==
          std::vector<std::string>{"one: contents of table public.songs: excluded"});
  }
  archive.tables.clear();
  database.tables.erase({"public", "users"});
  CHECK(restore::compare(archive, database).nothing_compared);
}

TEST_CASE("two sides without a table compared nothing") {
  Side empty;
  CHECK(restore::compare(empty, empty).nothing_compared);
}

TEST_CASE("fields of COPY text come back as they were") {
  using Fields = std::vector<std::optional<std::string>>;
  CHECK(restore::copy_fields("a\tb\n") == Fields{"a", "b"});
  CHECK(restore::copy_fields("\\N\t\n") == Fields{std::nullopt, ""});
  CHECK(restore::copy_fields("\\\\N\tx\\ty\\nz\\r\\b\\f\\v\\\\") ==
        Fields{"\\N", "x\ty\nz\r\b\f\v\\"});
}

TEST_CASE("values become an array that the server reads back") {
  CHECK(restore::text_array({}) == "{}");
  CHECK(restore::text_array({"a", "", "b\"c\\d,}"}) == "{\"a\",\"\",\"b\\\"c\\\\d,}\"}");
}

archive::Contents archived(std::vector<std::string> acl) {
  archive::Contents contents;
  archive::Entry entry;
  entry.kind = "large object";
  entry.name = "77";
  entry.owner = "alice";
  entry.acl = std::move(acl);
  contents.entries = {entry};
  return contents;
}

catalog::Catalog catalogued(std::vector<catalog::AclItem> items) {
  catalog::LargeObject object;
  object.name.name = "77";
  object.owner = "alice";
  object.acl.is_null = items.empty();
  object.acl.current = std::move(items);
  catalog::Catalog catalog;
  catalog.large_objects = {object};
  return catalog;
}

TEST_CASE("rights on large objects are the same from statements and from the catalog") {
  const catalog::AclItem own{"alice", "alice", "rw", ""};
  CHECK(restore::rights_in_archive(archived({})) == restore::rights_in_database(catalogued({})));
  CHECK(restore::rights_in_archive(
            archived({"GRANT SELECT ON LARGE OBJECT 77 TO PUBLIC",
                      "GRANT ALL ON LARGE OBJECT 77 TO \"B \"\"b\" WITH GRANT OPTION"})) ==
        restore::rights_in_database(
            catalogued({own, {"", "alice", "r", ""}, {"B \"b", "alice", "rw", "rw"}})));
  CHECK(restore::rights_in_archive(archived({"REVOKE ALL ON LARGE OBJECT 77 FROM alice",
                                             "GRANT SELECT ON LARGE OBJECT 77 TO alice"})) ==
        restore::rights_in_database(catalogued({{"alice", "alice", "r", ""}})));
  CHECK(restore::rights_in_database(catalogued({own})) !=
        restore::rights_in_database(catalogued({own, {"", "alice", "r", ""}})));
  CHECK_THROWS_AS(restore::rights_in_archive(archived({"DROP TABLE x"})), Error);
  CHECK_THROWS_AS(restore::rights_in_archive(archived({"GRANT SELECT ON LARGE OBJECT 78 TO bob"})),
                  Error);
}

}  // namespace
