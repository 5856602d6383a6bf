// The gate: which archive a migration may rely on, and what is said if there is none.
#include "migrate/gate.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using namespace std::chrono_literals;

constexpr auto kDay = std::chrono::milliseconds(24h);

LiveDatabase live() {
  LiveDatabase database;
  database.identity.system_identifier = "77";
  database.identity.database_oid = 100;
  database.identity.database = "app";
  database.identity.environment = "production";
  database.identity.timeline = 1;
  database.identity.snapshot = "10:10:";
  database.revisions = {{"public.alembic_version", {"r1"}}};
  database.fingerprint = "f";
  database.now = Moment(1000h);
  database.in_lineage = [](std::uint32_t oid) { return oid == 100 || oid == 90; };
  return database;
}

Candidate fresh() {
  Candidate candidate;
  candidate.path = "/repository/app/a.belay";
  candidate.source = live().identity;
  candidate.source.snapshot = "9:9:";
  candidate.revisions = live().revisions;
  candidate.fingerprint = "f";
  candidate.taken = live().now - 1h;
  candidate.compared = true;
  return candidate;
}

GateDecision require(const std::vector<Candidate>& candidates, bool named = false) {
  return decide(candidates, live(), GateMode::require, kDay, named);
}

ErrorKind refusal_of(const Candidate& candidate, bool named = false) {
  const GateDecision decision = require({candidate}, named);
  REQUIRE(decision.refusal);
  CHECK_FALSE(decision.use);
  return decision.refusal->kind();
}

TEST_CASE("a fresh proved archive opens the gate; nothing at all closes it") {
  CHECK(require({fresh()}).use == 0U);
  CHECK(require({}).refusal->kind() == ErrorKind::no_fresh_backup);
}

TEST_CASE("each condition of fresh closes it alone") {
  Candidate candidate = fresh();
  SECTION("not proved") { candidate.compared = false; }
  SECTION("something left out") { candidate.whole = false; }
  SECTION("too old") { candidate.taken = live().now - 25h; }
  SECTION("from the future") { candidate.taken = live().now + 1h; }
  SECTION("another revision") { candidate.revisions.clear(); }
  SECTION("another schema") { candidate.fingerprint = "g"; }
  SECTION("another timeline") { candidate.source.timeline = 2; }
  CHECK(refusal_of(candidate) == ErrorKind::no_fresh_backup);
}

TEST_CASE("an archive that cannot be relied on is named as such") {
  Candidate candidate = fresh();
  SECTION("damaged") { candidate.problem = "damaged"; }
  SECTION("replaced after its proof") { candidate.swapped = true; }
  CHECK(refusal_of(candidate) == ErrorKind::unusable_backup);
}

TEST_CASE("another database is 13, and passed over where there is one of this") {
  Candidate other = fresh();
  SECTION("another server") { other.source.system_identifier = "78"; }
  SECTION("another OID") { other.source.database_oid = 101; }
  CHECK(refusal_of(other) == ErrorKind::other_database);
  CHECK(require({other, fresh()}).use == 1U);
}

TEST_CASE("an archive from before a swap is this database's") {
  Candidate before = fresh();
  before.source.database_oid = 90;
  CHECK(require({before}).use == 0U);
}

TEST_CASE("another environment is passed over in a repository, and 13 if named") {
  Candidate staging = fresh();
  staging.source.environment = "staging";
  CHECK(refusal_of(staging) == ErrorKind::no_fresh_backup);
  CHECK(refusal_of(staging, true) == ErrorKind::other_database);
}

TEST_CASE("mode snapshot takes its own unless nothing was committed since") {
  const auto snapshot = [](const Candidate& candidate, bool named = false) {
    return decide({candidate}, live(), GateMode::snapshot, kDay, named);
  };
  CHECK_FALSE(snapshot(fresh()).use);
  CHECK_FALSE(snapshot(fresh()).refusal);
  CHECK(snapshot(fresh()).unreliable.empty());
  Candidate replaced = fresh();
  replaced.swapped = true;
  CHECK(snapshot(replaced).unreliable.size() == 1);
  Candidate same = fresh();
  same.source.snapshot = live().identity.snapshot;
  CHECK(snapshot(same).use == 0U);
  same.compared = false;
  CHECK_FALSE(snapshot(same).use);
  CHECK(snapshot(fresh(), true).use == 0U);
}

}  // namespace
