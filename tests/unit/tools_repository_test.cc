// Names and locks of a repository; archives in it are tested through the program.
#include <algorithm>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tools/repository.h"

using namespace belay;
using namespace belay::tools;

namespace {

struct Directory {
  Directory() : path("/tmp/belay-repository-" + random_hex(8)) {}
  ~Directory() { std::filesystem::remove_all(path); }
  Path path;
};

void touch(const Path& path) { publish_file(real_file_system(), path, "x"); }

const Moment kNow = from_iso8601("2026-11-23T12:00:00.000000Z");

}  // namespace

TEST_CASE("database names become directories that cannot escape") {
  CHECK(directory_of("app_1.x-Y") == "app_1.x-Y");
  CHECK(directory_of("..") == "%2E.");
  CHECK(directory_of(".") == "%2E");
  CHECK(directory_of("...") == "%2E..");
  CHECK(directory_of(".hidden") == "%2Ehidden");
  CHECK(directory_of("journal") == "%6Aournal");
  CHECK(directory_of("journals") == "journals");
  CHECK(directory_of("a/b") == "a%2Fb");
  CHECK(directory_of("100%") == "100%25");
  CHECK(directory_of("a\nb \"\xc3\xa9") == "a%0Ab%20%22%C3%A9");
  for (const std::string name :
       {"app", "..", ".", ".x", "journal", "a/b", "100%", "%41", "a\nb", "\xc3\xa9"}) {
    CAPTURE(name);
    CHECK(database_of(directory_of(name)) == name);
  }
}

TEST_CASE("directories that belay did not make are no databases") {
  const Directory directory;
  const Repository repository(real_file_system(), directory.path);
  for (const std::string name : {"app", "journal", ".x", "a+b"}) {
    real_file_system().make_directories(directory.path / directory_of(name));
  }
  // A file system's root has the first; an appliance makes the others; the journal is belay's own.
  for (const char* name : {"lost+found", "@eaDir", ".snapshot", "%zz", "%61pp", "journal"}) {
    real_file_system().make_directories(directory.path / name);
  }
  std::vector<std::string> found = repository.databases();
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{".x", "a+b", "app", "journal"});
}

TEST_CASE("archives are recognized by their names") {
  CHECK(is_repository_name("20261123T093153Z-0a1b2c3d.belay"));
  CHECK_FALSE(is_repository_name(".20261123T093153Z-0a1b2c3d.belay.0c.partial"));
  CHECK_FALSE(is_repository_name("20261123T093153Z-.belay"));
  CHECK_FALSE(is_repository_name("app.belay"));
  CHECK_FALSE(is_repository_name("20261123T093153Z-0a1b2c3d.receipt.json"));
}

TEST_CASE("a second backup of a database finds the first") {
  const Directory directory;
  Repository repository(real_file_system(), directory.path);
  const std::unique_ptr<FileSystem::Lock> first = repository.lock("app");
  try {
    static_cast<void>(repository.lock("app"));
    FAIL("both have it");
  } catch (const Error& error) {
    CHECK(error.exit_status() == 7);
  }
  CHECK(repository.lock("other") != nullptr);
}

TEST_CASE("what a killed run left behind goes after a day, and nothing else") {
  const Directory directory;
  Repository repository(real_file_system(), directory.path);
  const std::unique_ptr<FileSystem::Lock> lock = repository.lock("app");
  const Path folder = directory.path / "app";
  touch(folder / "20261101T000000Z-00000001.belay");
  touch(folder / "20261101T000000Z-00000001.receipt.json");
  touch(folder / ".20261101T000000Z-00000002.belay.0a.partial");
  touch(folder / ".20261123T110000Z-00000003.belay.0b.partial");
  touch(folder / ".20261123T110000Z-00000003.receipt.json.0c.partial");
  touch(folder / "notes.txt");
  real_file_system().make_directories(repository.journal());
  touch(repository.journal() / ".20261101T000000.000001Z-x-intent-1.json.0d.partial");
  touch(repository.journal() / ".20261123T110000.000001Z-x-intent-1.json.0e.partial");
  touch(repository.journal() / "20261101T000000.000001Z-x-intent-1.json");
  const std::chrono::hours day(24), none(0);
  CHECK(repository.left_behind(repository.journal(), kNow, day).size() == 1);
  // With the lock, archives that nobody can be writing; receipts are written without it.
  CHECK(repository.left_behind(folder, kNow, none).size() == 2);
  CHECK(repository.left_behind(directory.path / "none", kNow, none).empty());
  const std::vector<Path> swept = repository.sweep("app", kNow);
  REQUIRE(swept.size() == 1);
  CHECK(swept.front().filename() == ".20261101T000000Z-00000002.belay.0a.partial");
  CHECK(real_file_system().list(folder).size() == 6);  // with the lock
}

TEST_CASE("a file that is no archive is named, not skipped") {
  const Directory directory;
  Repository repository(real_file_system(), directory.path);
  const Path path = repository.new_archive("app", kNow);
  CHECK(path.filename().native().starts_with("20261123T120000Z-"));
  CHECK(is_repository_name(path.filename().native()));
  touch(path);
  const std::vector<Stored> archives = repository.archives("app");
  REQUIRE(archives.size() == 1);
  CHECK_FALSE(archives.front().problem.empty());
  CHECK(archives.front().proved() == Proved::nothing);
  CHECK(repository.databases() == std::vector<std::string>{"app"});
  CHECK(repository.archives("none").empty());
}

TEST_CASE("a repository that is not there is said to be so") {
  CHECK_THROWS_WITH(Repository(real_file_system(), "/nonexistent/belay").databases(),
                    "no such repository: /nonexistent/belay");
}
