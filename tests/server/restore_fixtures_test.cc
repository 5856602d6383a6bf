// Every schema of tests/fixtures/schema, backed up and restored, is the same database: for belay's
// comparison and for pg_dump.
#include "librestore/compare.h"
#include "tests/server/restore_archive.h"
#include "tests/server/schema_fixtures.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::testing::Fixture;
using belay::testing::fixtures;
using belay::testing::ScratchDatabase;

TEST_CASE("every fixture comes back from an archive") {
  const int major = testing::connect_to("postgres").server_major();
  const bool with_pg_dump = testing::pg_dump_major() >= major;
  if (!with_pg_dump) {
    WARN("pg_dump " << testing::pg_dump_major()
                    << " cannot read this server: compared by belay alone");
  }
  for (const Fixture& fixture : fixtures()) {
    DYNAMIC_SECTION(fixture.name) {
      if (fixture.min_server > major) {
        WARN("skipped: needs a server of version " << fixture.min_server);
        continue;
      }
      const ScratchDatabase original(fixture.options());
      testing::run_script(fixture.sql, original);

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
      if (with_pg_dump) {
        CHECK(testing::dumped_schema(copy.name()) == testing::dumped_schema(original.name()));
      }
    }
  }
}

}  // namespace
