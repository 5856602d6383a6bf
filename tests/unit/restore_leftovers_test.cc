// What bears belay's mark, and what of it may be dropped.
#include "librestore/leftovers.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::restore;
using Catch::Matchers::ContainsSubstring;

const Moment kNow{std::chrono::seconds(2'000'000'000)};

TEST_CASE("names of belay's tell their purpose, others tell none") {
  CHECK(purpose_in("app__belay_drill_0a1b2c3d") == "drill");
  CHECK(purpose_in("app__belay_failed_0a1b2c3d__belay_sealed_00000000") == "sealed");
  for (const char* name : {"app", "app__belay_drill_0a1b2c3", "app__belay_drill_0a1b2c3d4",
                           "app__belay_drill_0A1B2C3D", "app__belay_other_0a1b2c3d",
                           "app__belay_drill0a1b2c3d", "app__belay_drill_0a1b2c3d_"}) {
    CHECK(purpose_in(name).empty());
  }
}

TEST_CASE("a mark is read as it was written, and nothing else is one") {
  for (const char* purpose : {"drill", "loading", "sealed", "failed", "undone"}) {
    MadeMark mark{purpose, 4294967295U, "archive 0a1b", {}};
    if (mark.purpose == "sealed") mark.expires = kNow;
    const std::optional<MadeMark> read = mark_of(to_comment(mark));
    REQUIRE(read);
    CHECK(read->purpose == mark.purpose);
    CHECK(read->oid == mark.oid);
    CHECK(read->of == mark.of);
    CHECK(read->expires == mark.expires);
  }
  for (const char* comment :
       {"", "belay", "belay drill database", "belay drill database; oid ", "belay; oid 5; x",
        "belay drill database; oid 0; x", "belay drill database; oid 4294967296; x",
        "belay drill database; oid 5x; x", "our drill database; oid 5; x",
        "belay sealed copy; oid 5; x; expires tomorrow"}) {
    CHECK_FALSE(mark_of(comment));
  }
}

Leftover leftover(const std::string& purpose) {
  Leftover one;
  one.purpose = purpose;
  one.name = made_name("app", purpose, "0a1b2c3d");
  one.oid = 5;
  one.mark = MadeMark{purpose, 5, "run r", {}};
  return one;
}

TEST_CASE("what was never finished goes, unless somebody is at it") {
  Leftover one = leftover(GENERATE("drill", "loading"));
  CHECK(decide(one, {kNow, "", {}}).drop);
  SECTION("without a comment, by the limit that CREATE DATABASE set") {
    one.mark.reset();
    CHECK_FALSE(decide(one, {kNow, "", {}}).drop);
    one.connection_limit = kUnfinishedLimit;
    CHECK(decide(one, {kNow, "", {}}).drop);
  }
  SECTION("a belay") {
    one.in_use = true;
    CHECK_FALSE(decide(one, {kNow, "", {}}).drop);
  }
  SECTION("another session") {
    one.sessions_of_others = 1;
    CHECK_FALSE(decide(one, {kNow, "", {}}).drop);
  }
}

TEST_CASE("a sealed copy goes when its time is over") {
  Leftover one = leftover("sealed");
  one.allows_connections = false;
  one.mark->expires = kNow;
  CHECK(decide(one, {kNow, "", {}}).drop);
  CHECK_FALSE(decide(one, {kNow - std::chrono::seconds(1), "", {}}).drop);
  CHECK_FALSE(decide(one, {kNow, "", {one.name}}).drop);
  SECTION("not one that somebody opened") {
    one.allows_connections = true;
    CHECK_THAT(decide(one, {kNow, "", {}}).reason, ContainsSubstring("opened"));
  }
  SECTION("not one without a mark, whatever its connection limit") {
    one.mark.reset();
    one.connection_limit = kUnfinishedLimit;
    CHECK_FALSE(decide(one, {kNow, "", {}}).drop);
  }
}

TEST_CASE("what rollbacks kept goes only when asked for, of one database") {
  const Leftover one = leftover(GENERATE("failed", "undone"));
  CHECK_FALSE(decide(one, {kNow, "", {}}).drop);
  CHECK_FALSE(decide(one, {kNow, "ap", {}}).drop);
  CHECK(decide(one, {kNow, "app", {}}).drop);
  CHECK_THAT(decide(one, {kNow, "app", {}}).reason, ContainsSubstring("cannot be undone"));
  CHECK_FALSE(decide(one, {kNow, "app", {one.name}}).drop);
}

TEST_CASE("what was half dropped goes") {
  Leftover one = leftover("drill");
  one.mark.reset();
  one.connection_limit = -2;
  CHECK(decide(one, {kNow, "", {}}).drop);
}

}  // namespace
