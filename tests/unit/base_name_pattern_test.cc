#include "libcore/base/error.h"
#include "libcore/base/name_pattern.h"
#include "tests/support/catch.h"

using namespace belay;

namespace {

bool matches(std::string_view pattern, const char* schema, const char* name) {
  return NamePattern::of_relation(pattern).matches({schema, name});
}

}  // namespace

TEST_CASE("patterns of names mean what they mean in psql") {
  CHECK(matches("songs", "a", "songs"));
  CHECK(matches("SONGS", "a", "songs"));
  CHECK_FALSE(matches("Songs", "a", "Songs"));
  CHECK(matches("\"Songs\"", "a", "Songs"));
  CHECK_FALSE(matches("song", "a", "songs"));
  CHECK(matches("s*s", "a", "songs"));
  CHECK(matches("s*o*s", "a", "soongs"));
  CHECK(matches("*", "a", ""));
  CHECK(matches("song?", "a", "songs"));
  CHECK(matches("song?", "a", "songé"));
  CHECK_FALSE(matches("song?", "a", "song"));
  CHECK_FALSE(matches("\"s*s\"", "a", "songs"));
  CHECK(matches("\"s*s\"", "a", "s*s"));
  CHECK(matches("\"a\\b\"", "a", "a\\b"));
  CHECK(matches("\"a\"\"b\"", "a", "a\"b"));
  CHECK(matches("a$b", "a", "a$b"));
  CHECK(matches("stu*.songs", "studio", "songs"));
  CHECK_FALSE(matches("stu*.songs", "other", "songs"));
  CHECK(matches("\"a.b\".c", "a.b", "c"));
  CHECK(matches("\"a.b\"", "x", "a.b"));
  CHECK(NamePattern::of_schema("Stu*").matches_schema("studio"));
  CHECK_FALSE(NamePattern::of_schema("stu").matches_schema("studio"));
}

TEST_CASE("what is no pattern is refused") {
  for (const char* text : {"a.b.c", "a|b", "a[bc]", "\"a", "", ".a", "a."}) {
    INFO(text);
    CHECK_THROWS_AS(NamePattern::of_relation(text), Error);
  }
  CHECK_THROWS_AS(NamePattern::of_schema("a.b"), Error);
}
