// Every schema of tests/fixtures/schema, backed up and restored, is the same database: for belay's
// comparison and for pg_dump.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "libcore/base/child_process.h"
#include "librestore/compare.h"
#include "tests/server/restore_archive.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::testing::ScratchDatabase;

struct Fixture {
  std::string name, sql, encoding;
  int min_server = 0;
};

std::string value_of(const std::string& sql, const std::string& key) {
  const std::string start = "-- " + key + ": ";
  const std::string first = sql.substr(0, sql.find('\n'));
  return first.starts_with(start) ? first.substr(start.size()) : std::string();
}

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  for (const auto& file :
       std::filesystem::directory_iterator(BELAY_SOURCE_DIR "/tests/fixtures/schema")) {
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    Fixture fixture{file.path().stem(), text.str(), value_of(text.str(), "encoding")};
    if (fixture.encoding.empty()) fixture.encoding = "UTF8";
    const std::string server = value_of(fixture.sql, "min-server");
    if (!server.empty()) fixture.min_server = std::stoi(server);
    all.push_back(std::move(fixture));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

std::string output_of(std::vector<std::string> argv, const std::string& database) {
  const char* directory = std::getenv("PG_BINDIR");
  if (directory) argv[0] = std::string(directory) + "/" + argv[0];
  ChildCommand command;
  command.argv = std::move(argv);
  command.environment["PGDATABASE"] = database;
  command.environment["PGCLIENTENCODING"] = "UTF8";
  command.out.to = command.err.to = ChildOutput::To::captured;
  command.out.limit = command.err.limit = 64 << 20;
  const std::unique_ptr<Child> child = real_child_processes().start(command);
  Cancellation cancellation;
  const ChildEnd end = wait_or_stop(*child, cancellation, std::chrono::seconds(120));
  INFO(child->captured_err().bytes);
  REQUIRE(end.exit.success());
  return child->captured_out().bytes;
}

std::string pg_dump(const std::string& database) {
  return output_of({"pg_dump", "--schema-only", "--restrict-key=x"}, database);
}

TEST_CASE("every fixture comes back from an archive") {
  const int major = testing::connect_to("postgres").server_major();
  const std::string version = output_of({"pg_dump", "--version"}, "postgres");
  const bool with_pg_dump =
      std::atoi(version.c_str() + version.find_first_of("0123456789")) >= major;
  if (!with_pg_dump) WARN(version << " cannot read this server: compared by belay alone");
  for (const Fixture& fixture : fixtures()) {
    DYNAMIC_SECTION(fixture.name) {
      if (fixture.min_server > major) {
        WARN("skipped: needs a server of version " << fixture.min_server);
        continue;
      }
      const ScratchDatabase original("ENCODING '" + fixture.encoding + "' LOCALE 'C'");
      const std::filesystem::path script =
          std::filesystem::temp_directory_path() / (original.name() + ".sql");
      std::ofstream(script) << fixture.sql;
      output_of({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script}, original.name());
      std::filesystem::remove(script);

      dump::Options dumping;
      dumping.jobs = 4;
      const std::string archive = back_up(original.target(), dumping);
      const RestoredDatabase copy;
      World world;
      MemorySource source(archive);
      restore::Options options;
      options.jobs = 4;
      restore::restore_create(source, testing::test_target(), copy.name(), options,
                              world.environment);

      const MemoryFile file(archive);
      const archive::ArchiveFile opened(file);
      const restore::Side in_archive = restore::side_of_archive(opened);
      const restore::Comparison comparison = restore::compare(
          in_archive, restore::side_of_database(copy.target(), &in_archive, 2, world.environment));
      for (const auto& line : comparison.lines) {
        INFO(line.object << ": " << line.left << " / " << line.right);
        CHECK(line.equal);
      }
      if (with_pg_dump) CHECK(pg_dump(copy.name()) == pg_dump(original.name()));
    }
  }
}

}  // namespace
