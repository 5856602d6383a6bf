// The journal's files, and what they say about a database.
#include "libcore/base/error.h"
#include "migrate/history.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace {

using namespace belay;
using namespace belay::migrate;

const JournalIdentity kDatabase{"77", 100, "app", "production"};

// A journal in the making: each event one second after the other.
struct Story {
  std::vector<Event> events;

  Event& add(EventKind kind, const std::string& run) {
    Event event;
    event.kind = kind;
    event.run = run;
    event.at = Moment(std::chrono::seconds(1000 + static_cast<int>(events.size())));
    event.database = kDatabase;
    return events.emplace_back(event);
  }
  Story& intent(const std::string& run, const std::string& files) {
    Event& event = add(EventKind::intent, run);
    event.target = {{"r2"}, files, {"alembic", "upgrade", "head"}};
    event.before = {{"public.alembic_version", {"r1"}}};
    return *this;
  }
  Story& result(const std::string& run, const std::string& outcome, bool changed) {
    Event& event = add(EventKind::result, run);
    event.outcome = outcome;
    event.changed = changed;
    return *this;
  }
  Story& swapped(const std::string& run, bool undo, std::uint32_t from, std::uint32_t to) {
    for (const EventKind kind :
         {EventKind::rollback, EventKind::swapped, EventKind::rollback_done}) {
      Event& event = add(kind, run);
      event.undo = undo;
      event.old_oid = from;
      event.new_oid = to;
      event.database.database_oid = from;
    }
    return *this;
  }
  History history(std::uint32_t oid = 100) const {
    JournalIdentity now = kDatabase;
    now.database_oid = oid;
    return {events, now};
  }
};

const DeployTarget kSame{{"r2"}, "files", {"alembic", "upgrade", "head"}};
const DeployTarget kOther{{"r2"}, "edited", {"alembic", "upgrade", "head"}};

TEST_CASE("a run is open until it has a result") {
  Story story;
  story.intent("a", "files");
  REQUIRE(story.history().open_run() != nullptr);
  CHECK_FALSE(story.history().hold());
  story.result("a", "ok", true);
  CHECK(story.history().open_run() == nullptr);
}

TEST_CASE("what failed and changed something holds the same deploy, and one that does nothing") {
  Story story;
  story.intent("a", "files").result("a", "migration_failed_changed", true);
  const auto hold = story.history().hold();
  REQUIRE(hold);
  CHECK(holds_back(*hold, kSame, true));
  CHECK_FALSE(holds_back(*hold, kOther, true));
  CHECK(holds_back(*hold, kOther, false));
  SECTION("until a person releases it") {
    story.add(EventKind::release, "a");
    CHECK_FALSE(story.history().hold());
  }
  SECTION("or a later run is good") {
    story.intent("b", "edited").result("b", "ok", true);
    CHECK_FALSE(story.history().hold());
  }
  SECTION("not by one that had nothing to do") {
    story.intent("b", "edited").result("b", "ok", false);
    CHECK(story.history().hold()->run == "a");
  }
  SECTION("not by one that failed and changed nothing") {
    story.intent("b", "edited").result("b", "migration_failed_unchanged", false);
    CHECK(story.history().hold()->run == "a");
  }
}

TEST_CASE("what failed and changed nothing holds nothing") {
  Story story;
  story.intent("a", "files").result("a", "migration_failed_unchanged", false);
  CHECK_FALSE(story.history().hold());
}

TEST_CASE("a swap is followed to the new OID, and holds the same deploy only") {
  Story story;
  story.intent("a", "files").result("a", "ok", true).swapped("a", false, 100, 200);
  const History history = story.history(200);
  CHECK(history.in_lineage(100));
  CHECK_FALSE(history.in_lineage(300));
  REQUIRE(history.hold());
  CHECK(history.hold()->rolled_back);
  CHECK(holds_back(*history.hold(), kSame, true));
  CHECK_FALSE(holds_back(*history.hold(), kOther, false));
  SECTION("undone, it holds nothing") {
    story.swapped("a", true, 200, 100);
    CHECK_FALSE(story.history(100).hold());
    CHECK(story.history(100).in_lineage(200));
  }
}

TEST_CASE("a rollback stands until it was undone, or a later run has done something") {
  Story story;
  story.intent("a", "files").result("a", "ok", true);
  CHECK(story.history().standing_rollback() == nullptr);
  story.intent("b", "more").result("b", "ok", true).swapped("b", false, 100, 200);
  REQUIRE(story.history(200).standing_rollback() != nullptr);
  CHECK(story.history(200).standing_rollback()->intent.run == "b");
  SECTION("undone") {
    story.swapped("b", true, 200, 100);
    CHECK(story.history(100).standing_rollback() == nullptr);
  }
  SECTION("a later run") {
    story.intent("c", "mended").result("c", "ok", false);
    CHECK(story.history(200).standing_rollback() != nullptr);
    story.intent("d", "mended");
    CHECK(story.history(200).standing_rollback() == nullptr);
    story.result("d", "ok", true);
    CHECK(story.history(200).standing_rollback() == nullptr);
  }
  SECTION("the latest is meant, not that of the latest run") {
    story.swapped("a", false, 200, 300);
    CHECK(story.history(300).standing_rollback()->intent.run == "a");
  }
}

TEST_CASE("an archive of what was before the last run takes it back") {
  const RevisionSets before{{"public.alembic_version", {"r1"}}};
  const RevisionSets after{{"public.alembic_version", {"r2"}}};
  Story story;
  CHECK(story.history().taken_back_by(before, "") == nullptr);
  story.intent("a", "files").result("a", "ok", true);
  story.events.front().archive_sha256 = "abc";
  story.events.back().after = after;
  REQUIRE(story.history().taken_back_by(before, "") != nullptr);
  CHECK(story.history().taken_back_by(after, "abc") != nullptr);
  CHECK(story.history().taken_back_by(after, "def") == nullptr);
  CHECK(story.history().taken_back_by(after, "") == nullptr);
  story.events.back().after = before;  // revisions did not move: only the very archive is before it
  CHECK(story.history().taken_back_by(before, "") == nullptr);
  story.swapped("a", false, 100, 200);
  CHECK(story.history(200).taken_back_by(before, "abc") == nullptr);
}

TEST_CASE("who takes a run back takes back what came after it") {
  const RevisionSets r1{{"public.alembic_version", {"r1"}}}, r2{{"public.alembic_version", {"r2"}}},
      r3{{"public.alembic_version", {"r3"}}};
  Story story;
  story.intent("a", "files").result("a", "ok", true);
  story.events.back().after = r2;
  story.intent("b", "more").result("b", "ok", true);
  story.events[2].before = r2;
  story.events[3].after = r3;
  CHECK(story.history().taken_back_by(r1, "")->intent.run == "a");
  CHECK(story.history().taken_back_by(r2, "")->intent.run == "b");
  CHECK(story.history().taken_back_by(r3, "") == nullptr);  // it may be younger than both
  story.add(EventKind::release, "b");
  story.swapped("a", false, 100, 200);
  const DeployTarget later{{"r2"}, "more", {"alembic", "upgrade", "head"}};
  REQUIRE(story.history(200).hold());
  CHECK(story.history(200).hold()->run == "b");
  CHECK(holds_back(*story.history(200).hold(), later, true));
  CHECK(story.history(200).find("b")->rolled_back());
  CHECK(story.history(200).standing_rollback()->intent.run == "a");
  SECTION("until a person releases it") {
    story.add(EventKind::release, "b");
    CHECK_FALSE(holds_back(*story.history(200).hold(), later, true));
  }
  SECTION("or it is undone") {
    story.swapped("a", true, 200, 100);
    CHECK_FALSE(story.history().hold());
    CHECK_FALSE(story.history().find("b")->rolled_back());
  }
  SECTION("what begins later is not taken back") {
    story.intent("c", "mended").result("c", "ok", true);
    CHECK_FALSE(story.history(200).hold());
    CHECK(story.history(200).standing_rollback() == nullptr);
    CHECK(story.history(200).kept_rollback()->intent.run == "a");
  }
}

TEST_CASE("a database that a command made anew keeps its runs") {
  Story story;
  story.intent("a", "files").result("a", "migration_failed_changed", true);
  CHECK(story.history(101).runs().empty());
  story.events.back().old_oid = 100;
  story.events.back().new_oid = 101;
  REQUIRE(story.history(101).find("a") != nullptr);
  CHECK(story.history(101).hold());
  CHECK(story.history(101).in_lineage(100));
}

TEST_CASE("a rollback that stopped on the way is found") {
  Story story;
  story.intent("a", "files").result("a", "ok", true);
  story.add(EventKind::rollback, "a");
  REQUIRE(story.history().unfinished_rollback() != nullptr);
  CHECK_FALSE(story.history().unfinished_rollback()->swapped);
}

TEST_CASE("other databases are none of this one's business") {
  Story story;
  story.intent("a", "files").result("a", "migration_failed_changed", true);
  CHECK(story.history(101).runs().empty());
  story.events.front().database.system_identifier = "78";
  CHECK(story.history().runs().empty());
}

TEST_CASE("a sealed copy is open until it was dropped, or a rollback has taken it") {
  Story story;
  story.intent("a", "files");
  for (const std::uint32_t oid : {300U, 301U}) {
    Event& sealed = story.add(EventKind::sealed, "a");
    sealed.copy_system = "77";
    sealed.copy_name = "app__belay_sealed_00000001";
    sealed.copy_oid = oid;
  }
  REQUIRE(open_copies(story.events).size() == 2);
  CHECK(story.history().runs().size() == 1);
  SECTION("taken, also by a rollback that was only begun") {
    story.add(EventKind::rollback, "a").new_oid = 301;
    REQUIRE(open_copies(story.events).size() == 1);
    CHECK(open_copies(story.events).front().copy_oid == 300);
  }
  SECTION("dropped") {
    Event& dropped = story.add(EventKind::dropped, "a");
    dropped.copy_system = "77";
    dropped.copy_oid = 300;
    REQUIRE(open_copies(story.events).size() == 1);
    CHECK(open_copies(story.events).front().copy_oid == 301);
  }
  SECTION("an OID of another server is another database") {
    Event& dropped = story.add(EventKind::dropped, "a");
    dropped.copy_system = "78";
    dropped.copy_oid = 300;
    CHECK(open_copies(story.events).size() == 2);
  }
}

TEST_CASE("an unknown tool is known by its words") {
  const DeployTarget words{{}, "", {"make", "migrate"}};
  CHECK(words.same_deploy({{}, "", {"make", "migrate"}}));
  CHECK_FALSE(words.same_deploy({{}, "", {"make", "other"}}));
}

TEST_CASE("events are written once and read as they were") {
  testing::MemoryFileSystem files;
  Journal journal(files, "/repository");
  CHECK(journal.read().empty());
  Story story;
  story.intent("a", "files").result("a", "ok", true).swapped("a", false, 100, 200);
  story.add(EventKind::release, "a").reason = "because \"\n";
  Event& sealed = story.add(EventKind::sealed, "a");
  sealed.archive = "app/x.belay";
  sealed.copy_name = "app__belay_sealed_00000001";
  sealed.copy_version = "4711";
  sealed.expires = Moment(std::chrono::seconds(5000));
  story.add(EventKind::dropped, "a").copy_oid = 300;
  Event& anew = story.add(EventKind::result, "b");
  anew.old_oid = 100;
  anew.new_oid = 101;
  for (const Event& event : story.events) journal.write(event);
  const std::vector<Event> read = journal.read();
  REQUIRE(read.size() == story.events.size());
  CHECK(read.back().new_oid == 101);
  for (std::size_t i = 0; i < read.size(); ++i) CHECK(to_json(read[i]) == to_json(story.events[i]));
  files.crash(testing::MemoryFileSystem::UnsyncedNames::lost);
  CHECK(journal.read().size() == story.events.size());
}

TEST_CASE("what is written later is read later, whatever the clock of its writer says") {
  testing::MemoryFileSystem files;
  Journal journal(files, "/repository");
  Story story;
  story.result("a", "timed_out", false).intent("a", "files");  // an hour fast, and killed
  story.events.back().at += std::chrono::hours(1);
  journal.write(story.events.back());
  journal.write(story.events.front());
  const std::vector<Event> read = journal.read();
  REQUIRE(read.size() == 2);
  CHECK(read.front().kind == EventKind::intent);
  CHECK(read.front().at < read.back().at);
  CHECK(History(read, kDatabase).open_run() == nullptr);
}

TEST_CASE("the archives that a way back may need") {
  using Needed = std::map<std::string, std::string>;
  Story story;
  const auto run = [&](const std::string& name) {
    story.intent(name, name).events.back().archive = "app/" + name;
  };
  CHECK(story.history().needed_archives().empty());
  run("a");
  CHECK(story.history().needed_archives() == Needed{{"app/a", "a"}});  // open
  story.result("a", "ok", true);
  CHECK(story.history().needed_archives() == Needed{{"app/a", "a"}});  // the last one
  run("b");
  story.result("b", "migration_failed_changed", true);
  CHECK(story.history().needed_archives() == Needed{{"app/b", "b"}});
  run("c");
  story.result("c", "migration_failed_unchanged", false);
  CHECK(story.history().needed_archives() == Needed{{"app/b", "b"}, {"app/c", "c"}});  // b is held
  run("d");
  story.result("d", "ok", true);
  CHECK(story.history().needed_archives() == Needed{{"app/d", "d"}});
  story.swapped("d", false, 100, 200);
  CHECK(story.history(200).needed_archives() == Needed{{"app/d", "d"}});
  run("e");
  story.events.back().archive.clear();  // without a gate
  CHECK(story.history().needed_archives().size() <= 1);
}

TEST_CASE("an event that cannot be read decides nothing, and is named") {
  Story story;
  story.intent("a", "files");
  const std::string good = to_json(story.events.front());
  for (std::size_t length = 0; length + 2 < good.size(); ++length) {
    REQUIRE_THROWS_AS(event_from_json(good.substr(0, length)), Error);
  }
  Event strange = story.events.front();
  strange.run = "../../elsewhere";
  CHECK_THROWS_AS(event_from_json(to_json(strange)), Error);
  testing::MemoryFileSystem files;
  files.make_directories("/repository/journal");
  publish_file(files, "/repository/journal/broken.json", "{}");
  try {
    Journal(files, "/repository").read();
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::damaged);
    CHECK(error.object().find("broken.json") != std::string::npos);
  }
}

TEST_CASE("what is no file is not read, and a journal that cannot be written is told before") {
  testing::MemoryFileSystem files;
  const Journal journal(files, "/repository");
  journal.require_writable();
  CHECK(journal.read().empty());
  CHECK(files.list("/repository/journal").empty());
  files.make_directories("/repository/journal/strange.json");
  CHECK_THROWS_AS(journal.read(), Error);
  files.put("/elsewhere/journal", "");
  try {
    Journal(files, "/elsewhere").require_writable();
    FAIL("it could be written");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::backup_failed);
  }
}

TEST_CASE("only a run that is proved to have left all as it was has nothing to be taken back") {
  Event result = Story().result("a", "ok", false).events.front();
  Run run;
  CHECK_FALSE(run.left_all_as_it_was());
  run.result = event_from_json(to_json(result));
  CHECK(run.left_all_as_it_was());
  result.rows_proved = false;
  run.result = event_from_json(to_json(result));
  CHECK_FALSE(run.left_all_as_it_was());
}

}  // namespace
