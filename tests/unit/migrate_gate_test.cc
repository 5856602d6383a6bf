// The gate: which archive a migration may rely on, and what is said if there is none.
#include <functional>

#include "migrate/gate.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using namespace std::chrono_literals;
using Answer = GateDecision::Answer;

constexpr auto kDay = std::chrono::milliseconds(24h);
const char* const kStarted = "1970-02-01T00:00:00.000000Z";
const char* const kStartedBefore = "1970-01-15T00:00:00.000000Z";

// 1,000 hours after the epoch is 1970-02-11.
LiveDatabase live() {
  LiveDatabase database;
  SourceIdentity& identity = database.identity;
  identity.system_identifier = "77";
  identity.database_oid = 100;
  identity.database = "app";
  identity.environment = "production";
  identity.server_version = 150018;
  identity.timeline = 2;
  identity.snapshot = "10:10:";
  identity.wal_position = "1/20";
  identity.postmaster_start = kStarted;
  identity.server_address = "10.0.0.1:5432";
  identity.data_directory = "/data";
  database.revisions = {{"public.alembic_version", {"r1"}}};
  database.fingerprint = "f";
  database.activity = {5, 4, 3, "files", "sequences", "never"};
  database.settled = true;
  database.now = Moment(1000h);
  database.in_lineage = [](std::uint32_t oid) { return oid == 100 || oid == 90; };
  database.committed_since = [](const std::string&) { return std::optional<std::uint64_t>(2); };
  return database;
}

Candidate fresh() {
  Candidate candidate;
  candidate.path = "/repository/app/a.belay";
  candidate.source = live().identity;
  candidate.source.snapshot = "9:9:";
  candidate.source.wal_position = "1/10";
  candidate.revisions = live().revisions;
  candidate.fingerprint = "f";
  candidate.activity = live().activity;
  candidate.taken = live().now - 1h;
  candidate.compared = true;
  candidate.bytes = Bytes::as_proved;
  return candidate;
}

// Restarted after the archive was taken.
LiveDatabase restarted() {
  LiveDatabase database = live();
  database.identity.postmaster_start = to_iso8601(database.now - 10min);
  return database;
}

GateTerms terms(GateMode mode = GateMode::require, bool named = false) {
  GateTerms asked;
  asked.mode = mode;
  asked.max_age = kDay;
  asked.named = named;
  return asked;
}

GateDecision require(const std::vector<Candidate>& candidates, bool named = false) {
  return decide(candidates, live(), terms(GateMode::require, named));
}

ErrorKind refusal_of(const GateDecision& decision) {
  REQUIRE(decision.answer == Answer::refuse);
  REQUIRE(decision.refusal);
  CHECK_FALSE(decision.use);
  return decision.refusal->kind();
}
ErrorKind refusal_of(const Candidate& candidate, bool named = false) {
  return refusal_of(require({candidate}, named));
}

Finding finding_of(CheckId id, const Candidate& candidate, const LiveDatabase& database,
                   const GateTerms& asked = terms()) {
  const std::vector<Check> checks = checks_of(&candidate, database, asked);
  REQUIRE(checks.size() == kChecks);
  for (std::size_t i = 0; i < kChecks; ++i) CHECK(checks[i].id == static_cast<CheckId>(i));
  return checks[static_cast<std::size_t>(id)].finding;
}

TEST_CASE("a fresh proved archive opens the gate; nothing at all closes it") {
  const GateDecision decision = require({fresh()});
  CHECK(decision.answer == Answer::use);
  CHECK(decision.use == 0U);
  CHECK(decision.about == 0U);
  for (const Check& check : decision.checks) {
    INFO(to_word(check.id));
    CHECK(check.finding == (check.id == CheckId::writes ? Finding::warn : Finding::pass));
  }
  CHECK(refusal_of(require({})) == ErrorKind::no_fresh_backup);
}

// Every check, and the one fact that makes it fail.
struct Row {
  CheckId check;
  Finding finding;
  ErrorKind refusal;
  const char* what;
  std::function<void(Candidate&, LiveDatabase&, GateTerms&)> fact;
};
const Row kRows[] = {
    {CheckId::target, Finding::fail, ErrorKind::other_database,
     "the command's database is not shown",
     [](Candidate&, LiveDatabase&, GateTerms& t) { t.target = GateTerms::Target::not_shown; }},
    {CheckId::environment, Finding::fail, ErrorKind::other_database, "another label",
     [](Candidate& c, LiveDatabase&, GateTerms& t) {
       c.source.environment = "staging", t.named = true;
     }},
    {CheckId::identity, Finding::fail, ErrorKind::other_database, "another system",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.system_identifier = "78"; }},
    {CheckId::identity, Finding::fail, ErrorKind::other_database, "another OID",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.database_oid = 101; }},
    {CheckId::identity, Finding::fail, ErrorKind::other_database, "a clone that ran at that time",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.postmaster_start = kStartedBefore; }},
    {CheckId::identity, Finding::fail, ErrorKind::other_database, "another data directory",
     [](Candidate& c, LiveDatabase& l, GateTerms&) {
       c.source.data_directory = "/clone";
       l = restarted();
     }},
    {CheckId::identity, Finding::unknown, ErrorKind::other_database,
     "another address, restarted, counters lost",
     [](Candidate& c, LiveDatabase& l, GateTerms&) {
       c.source.server_address = "10.0.0.2:5432";
       l = restarted();
       l.activity.inserted = 0;
     }},
    {CheckId::lineage, Finding::fail, ErrorKind::preflight, "a standby",
     [](Candidate&, LiveDatabase& l, GateTerms&) { l.identity.in_recovery = true; }},
    {CheckId::lineage, Finding::fail, ErrorKind::no_fresh_backup, "a failover",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.timeline = 1; }},
    {CheckId::lineage, Finding::fail, ErrorKind::other_database, "an older timeline",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.timeline = 3; }},
    {CheckId::lineage, Finding::fail, ErrorKind::other_database, "less WAL",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.wal_position = "1/21"; }},
    {CheckId::lineage, Finding::fail, ErrorKind::other_database, "less WAL after a failover",
     [](Candidate& c, LiveDatabase&, GateTerms&) {
       c.source.wal_position = "2/0";
       c.source.timeline = 1;
     }},
    {CheckId::lineage, Finding::fail, ErrorKind::other_database, "fewer transactions",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.snapshot = "9:11:9,10"; }},
    {CheckId::revision, Finding::fail, ErrorKind::no_fresh_backup, "another revision",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.revisions.clear(); }},
    {CheckId::schema, Finding::fail, ErrorKind::no_fresh_backup, "another schema",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.fingerprint = "g"; }},
    {CheckId::age, Finding::fail, ErrorKind::no_fresh_backup, "too old",
     [](Candidate& c, LiveDatabase& l, GateTerms&) { c.taken = l.now - 25h; }},
    {CheckId::age, Finding::unknown, ErrorKind::no_fresh_backup, "from the future",
     [](Candidate& c, LiveDatabase& l, GateTerms&) { c.taken = l.now + 1h; }},
    {CheckId::proof, Finding::fail, ErrorKind::no_fresh_backup, "not proved",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.compared = false; }},
    {CheckId::proof, Finding::fail, ErrorKind::no_fresh_backup, "something left out",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.whole = false; }},
    {CheckId::proof, Finding::fail, ErrorKind::no_fresh_backup, "not signed",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.signature = Signed::missing; }},
    {CheckId::proof, Finding::fail, ErrorKind::no_fresh_backup, "signed by somebody else",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.signature = Signed::untrusted; }},
    {CheckId::proof, Finding::fail, ErrorKind::unusable_backup, "replaced after its proof",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.swapped = true; }},
    {CheckId::proof, Finding::fail, ErrorKind::unusable_backup, "other bytes",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.bytes = Bytes::other; }},
    {CheckId::usable, Finding::fail, ErrorKind::unusable_backup, "damaged",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.problem = "damaged"; }},
    {CheckId::usable, Finding::fail, ErrorKind::unusable_backup, "of a newer server",
     [](Candidate& c, LiveDatabase&, GateTerms&) { c.source.server_version = 160001; }},
    {CheckId::durable, Finding::fail, ErrorKind::backup_failed, "on tmpfs",
     [](Candidate&, LiveDatabase&, GateTerms& t) { t.volatile_file_system = "tmpfs"; }},
};

TEST_CASE("each check closes the gate alone") {
  for (const Row& row : kRows) {
    INFO(to_word(row.check) << ": " << row.what);
    Candidate candidate = fresh();
    LiveDatabase database = live();
    GateTerms asked = terms();
    row.fact(candidate, database, asked);
    CHECK(refusal_of(decide({candidate}, database, asked)) == row.refusal);
    CHECK(finding_of(row.check, candidate, database, asked) == row.finding);
    CHECK_FALSE(decide({candidate}, database, asked).refusal->next().empty());
  }
}

TEST_CASE(
    "a clone and a server that went back are refused in every mode that relies on something") {
  for (const Row& row : kRows) {
    Candidate candidate = fresh();
    LiveDatabase database = live();
    GateTerms asked = terms();
    row.fact(candidate, database, asked);
    const bool stops =
        checks_of(&candidate, database, asked).at(static_cast<std::size_t>(row.check)).stops;
    asked.mode = GateMode::snapshot;
    const bool of_run = row.check == CheckId::target || row.check == CheckId::durable;
    INFO(to_word(row.check) << ": " << row.what);
    const Answer answer = decide({candidate}, database, asked).answer;
    CHECK((answer == Answer::refuse) == ((stops && !of_run) || asked.named));
    asked.mode = GateMode::off;
    CHECK(decide({candidate}, database, asked).answer == Answer::off);
  }
}

TEST_CASE("a person may say that it is the same database, and accept a repository that goes") {
  GateTerms asked = terms();
  asked.target_confirmed = asked.volatile_accepted = true;
  asked.target = GateTerms::Target::not_shown;
  asked.volatile_file_system = "overlay";
  Candidate candidate = fresh();
  candidate.source.data_directory = "/before";
  candidate.source.server_address = "10.0.0.2:5432";
  LiveDatabase database = restarted();
  database.activity.inserted = 0;
  CHECK(decide({candidate}, database, asked).answer == Answer::use);
  database = live();
  candidate.source.postmaster_start = kStartedBefore;
  CHECK(decide({candidate}, database, asked).answer == Answer::use);
  // But no word brings back what was lost.
  candidate.source.wal_position = "1/21";
  CHECK(refusal_of(decide({candidate}, database, asked)) == ErrorKind::other_database);
}

TEST_CASE("a server that comes up without its counters may have been taken back") {
  LiveDatabase database = restarted();
  CHECK(decide({fresh()}, database, terms()).answer == Answer::use);
  database.counting_since = database.now - 10min;
  CHECK(finding_of(CheckId::identity, fresh(), database) == Finding::unknown);
  CHECK(refusal_of(decide({fresh()}, database, terms())) == ErrorKind::no_fresh_backup);
  CHECK(decide({fresh()}, database, terms(GateMode::snapshot)).answer == Answer::take);
  GateTerms asked = terms();
  asked.target_confirmed = true;
  CHECK(decide({fresh()}, database, asked).answer == Answer::use);
  // Told to begin anew, it has not come up.
  database = live();
  database.counting_since = database.now - 10min;
  CHECK(finding_of(CheckId::identity, fresh(), database) == Finding::pass);
}

TEST_CASE("a restart is none, nor is an archive that does not tell, or one of a standby") {
  Candidate candidate = fresh();
  LiveDatabase database = restarted();
  CHECK(finding_of(CheckId::identity, candidate, database) == Finding::pass);
  candidate.source.server_address = "10.0.0.2:5432";
  CHECK(finding_of(CheckId::identity, candidate, database) == Finding::warn);
  candidate.source.postmaster_start.clear();
  CHECK(finding_of(CheckId::identity, candidate, live()) == Finding::pass);
  candidate = fresh();
  candidate.source.postmaster_start = kStartedBefore;
  candidate.source.in_recovery = true;
  CHECK(finding_of(CheckId::identity, candidate, live()) == Finding::pass);
}

TEST_CASE("what was written since is said as strongly as it is known") {
  Candidate candidate = fresh();
  LiveDatabase database = live();
  CHECK(writes_since(candidate, database) == Writes::none_observed);
  SECTION("the same snapshot") {
    candidate.source.snapshot = database.identity.snapshot;
    candidate.activity.reset();
    CHECK(writes_since(candidate, database) == Writes::none_proved);
  }
  SECTION("other transactions, all rolled back") {
    database.committed_since = [](const std::string&) { return std::optional<std::uint64_t>(0); };
    CHECK(writes_since(candidate, database) == Writes::none_proved);
  }
  SECTION("too many to ask") {
    database.committed_since = [](const std::string&) { return std::optional<std::uint64_t>(); };
    CHECK(writes_since(candidate, database) == Writes::none_observed);
  }
  SECTION("rows") {
    database.activity.deleted++;
    CHECK(writes_since(candidate, database) == Writes::some);
  }
  SECTION("TRUNCATE alone") {
    database.activity.files = "others";
    CHECK(writes_since(candidate, database) == Writes::some);
  }
  SECTION("nextval alone") {
    database.activity.sequences = "moved";
    CHECK(writes_since(candidate, database) == Writes::some);
  }
  SECTION("sessions that may still tell") {
    database.settled = false;
    CHECK(writes_since(candidate, database) == Writes::unknown);
  }
  SECTION("counters reset") {
    database.activity.stats_reset = "now";
    CHECK(writes_since(candidate, database) == Writes::unknown);
  }
  SECTION("counters lost") {
    database.activity.updated = 0;
    CHECK(writes_since(candidate, database) == Writes::unknown);
  }
  SECTION("restarted") { CHECK(writes_since(candidate, restarted()) == Writes::unknown); }
  SECTION("restarted, with the same numbers: taken back and gone on, perhaps") {
    const LiveDatabase again = restarted();
    candidate.source.snapshot = again.identity.snapshot;
    CHECK(writes_since(candidate, again) == Writes::unknown);
  }
  SECTION("an older archive") {
    candidate.activity.reset();
    CHECK(writes_since(candidate, database) == Writes::unknown);
  }
  // Never a reason to refuse: they are counted and told.
  CHECK(decide({candidate}, database, terms()).answer == Answer::use);
}

TEST_CASE("another database is passed over where there is one of this") {
  Candidate other = fresh();
  other.source.database_oid = 101;
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
  staging.source.wal_position = "9/0";  // nor does it say that this server went back
  CHECK(refusal_of(staging) == ErrorKind::no_fresh_backup);
  CHECK(refusal_of(staging, true) == ErrorKind::other_database);
}

TEST_CASE("a clone's archive in between stops, though there is a good one") {
  Candidate clones = fresh();
  clones.source.postmaster_start = kStartedBefore;
  CHECK(refusal_of(require({fresh(), clones})) == ErrorKind::other_database);
}

TEST_CASE("mode snapshot takes its own unless nothing was committed since") {
  const auto snapshot = [](const Candidate& candidate, bool named = false) {
    return decide({candidate}, live(), terms(GateMode::snapshot, named));
  };
  CHECK(snapshot(fresh()).answer == Answer::take);
  CHECK(snapshot(fresh()).unreliable.empty());
  Candidate replaced = fresh();
  replaced.swapped = true;
  CHECK(snapshot(replaced).unreliable.size() == 1);
  Candidate same = fresh();
  same.source.snapshot = live().identity.snapshot;
  CHECK(snapshot(same).use == 0U);
  same.bytes = Bytes::other;
  CHECK(snapshot(same).answer == Answer::take);
  CHECK(snapshot(same).unreliable.size() == 1);
  same.compared = false;
  CHECK(snapshot(same).answer == Answer::take);
  CHECK(snapshot(fresh(), true).use == 0U);
  CHECK(decide({}, live(), terms(GateMode::snapshot)).answer == Answer::take);
}

TEST_CASE("bytes are read before an archive is relied on") {
  Candidate unread = fresh();
  unread.bytes = Bytes::not_read;
  CHECK(require({unread}).must_read({unread}));
  CHECK_FALSE(require({fresh()}).must_read({fresh()}));
  CHECK_FALSE(require({}).must_read({}));
}

TEST_CASE("two keys: a readable snapshot, and a compared archive of the same schema of this week") {
  const auto two_keys = [](const Candidate& candidate) {
    return decide({candidate}, live(), terms(GateMode::two_key));
  };
  Candidate key = fresh();
  key.taken = live().now - 24h * 6;
  key.revisions = {{"public.alembic_version", {"r0"}}};
  key.bytes = Bytes::not_read;
  key.source.timeline = 1;
  CHECK(two_keys(key).answer == Answer::take_readable);
  CHECK(two_keys(key).use == 0U);
  CHECK_FALSE(two_keys(key).must_read({key}));
  SECTION("too old") { key.taken -= 24h * 2; }
  SECTION("another schema") { key.fingerprint = "g"; }
  SECTION("not compared") { key.compared = false; }
  SECTION("a part") { key.whole = false; }
  SECTION("of another server major") { key.source.server_version = 140001; }
  SECTION("of another environment") { key.source.environment = "staging"; }
  SECTION("of another database") { key.source.database_oid = 101; }
  CHECK(refusal_of(two_keys(key)) == ErrorKind::no_fresh_backup);
  // A proved-fresh one needs no second.
  Candidate same = fresh();
  same.source.snapshot = live().identity.snapshot;
  CHECK(two_keys(same).answer == Answer::use);
}

}  // namespace
