// A database of every carried kind, backed up, restored under another name, and compared.
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/reader.h"
#include "librestore/compare.h"
#include "tests/server/restore_archive.h"
#include "tests/server/restore_music.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::testing::ScratchDatabase;
using belay::testing::ScratchRole;
using Catch::Matchers::ContainsSubstring;

std::string differences(const restore::Comparison& comparison) {
  std::string text;
  for (const auto& line : comparison.lines) {
    if (!line.equal) text += line.object + ": " + line.left + " / " + line.right + "\n";
  }
  return text;
}

// Archive against copy, and original against copy.
void require_equal(const std::string& archive, const pg::ConnectTarget& original,
                   const pg::ConnectTarget& copy) {
  World world;
  const MemoryFile file(archive);
  const archive::ArchiveFile opened(file);
  const restore::Side in_archive = restore::side_of_archive(opened);
  const restore::Comparison with_archive = restore::compare(
      in_archive, restore::side_of_database(copy, &in_archive, 2, world.environment));
  CHECK(differences(with_archive) == "");
  CHECK_FALSE(with_archive.nothing_compared);
  const restore::Side before = restore::side_of_database(original, nullptr, 2, world.environment);
  const restore::Comparison with_original =
      restore::compare(before, restore::side_of_database(copy, &before, 2, world.environment));
  CHECK(differences(with_original) == "");
}

restore::Summary restore_archive(const std::string& archive, const std::string& name,
                                 const restore::Options& options = {},
                                 const pg::ConnectTarget& server = testing::test_target()) {
  World world;
  MemorySource source(archive);
  return restore::restore_create(source, server, name, options, world.environment);
}

TEST_CASE("a restored database equals its original") {
  const Music music;
  const int jobs = GENERATE(1, 4);
  const auto compression = GENERATE(archive::Compression::zstd, archive::Compression::none);
  dump::Options options;
  options.jobs = jobs;
  options.compression = compression;
  const std::string archive = back_up(music.target(), options);
  const RestoredDatabase copy;
  restore::Options restoring;
  restoring.jobs = jobs;
  const restore::Summary summary = restore_archive(archive, copy.name(), restoring);
  CHECK(summary.database == copy.name());
  CHECK(summary.tables == 9);
  CHECK(summary.rows > 3000);
  CHECK(summary.sequences == 3);
  CHECK(summary.large_objects == 3);
  CHECK(summary.size == archive.size());
  CHECK(summary.sha256 == sha256(archive));
  CHECK(summary.warnings.empty());
  require_equal(archive, music.target(), copy.target());
  CHECK(databases_like(copy.name()) == std::vector<std::string>{copy.name()});
}

TEST_CASE("properties of the database come with it") {
  const Music music;
  {
    pg::Connection admin = testing::connect_to("postgres");
    const std::string name = quote_identifier(music.name());
    admin.run("COMMENT ON DATABASE " + name + " IS 'all the music'");
    admin.run("ALTER DATABASE " + name + " OWNER TO " + quote_identifier(music.owner()));
    admin.run("GRANT CREATE ON DATABASE " + name + " TO " + quote_identifier(music.reader()));
    admin.run("ALTER DATABASE " + name + " CONNECTION LIMIT 7");
  }
  const RestoredDatabase copy;
  restore_archive(back_up(music.target()), copy.name());
  pg::Connection admin = testing::connect_to("postgres");
  const pg::Result row = admin.query(
      "SELECT pg_get_userbyid(datdba), shobj_description(oid, 'pg_database'), datconnlimit, "
      "datacl::text FROM pg_database WHERE datname = $1",
      {copy.name()});
  CHECK(row.string(0, 0) == music.owner());
  CHECK(row.string(0, 1) == "all the music");
  CHECK(row.integer(0, 2) == 7);
  CHECK_THAT(row.string(0, 3), ContainsSubstring(music.reader() + "=C"));
}

TEST_CASE("without a comment of its own the restored database has none") {
  const Music music;
  const RestoredDatabase copy;
  restore_archive(back_up(music.target()), copy.name());
  pg::Connection admin = testing::connect_to("postgres");
  CHECK(admin
            .query("SELECT shobj_description(oid, 'pg_database') FROM pg_database "
                   "WHERE datname = $1",
                   {copy.name()})
            .is_null(0, 0));
}

TEST_CASE("without owners and privileges everything belongs to the login role") {
  const Music music;
  const RestoredDatabase copy;
  restore::Options options;
  options.no_owner = options.no_privileges = true;
  restore_archive(back_up(music.target()), copy.name(), options);
  pg::Connection connection = testing::connect_to(copy.name());
  CHECK(connection.query("SELECT 1 FROM pg_class WHERE relowner <> 10 AND oid >= 16384").rows() ==
        0);
  CHECK(connection
            .query("SELECT 1 FROM pg_class WHERE relacl::text LIKE '%' || $1 || '%'",
                   {music.reader()})
            .rows() == 0);
  CHECK(connection.query("SELECT count(*) FROM public.songs").integer(0, 0) == 1000);
}

TEST_CASE("of the schema only, tables are empty and nothing was refreshed") {
  const Music music;
  const RestoredDatabase copy;
  restore::Options options;
  options.schema_only = true;
  const restore::Summary summary = restore_archive(back_up(music.target()), copy.name(), options);
  CHECK(summary.rows == 0);
  pg::Connection connection = testing::connect_to(copy.name());
  CHECK(connection.query("SELECT 1 FROM public.songs").rows() == 0);
  CHECK(connection.query("SELECT 1 FROM pg_largeobject_metadata").rows() == 0);
  CHECK(connection.query("SELECT 1 FROM pg_matviews WHERE ispopulated").rows() == 0);
}

TEST_CASE("an owner without superuser rights backs up, restores and drills his own database") {
  const ScratchRole role("CREATEDB");
  const ScratchDatabase database;
  {
    pg::Connection admin = testing::connect_to("postgres");
    admin.run("ALTER DATABASE " + quote_identifier(database.name()) + " OWNER TO " +
              quote_identifier(role.name()));
  }
  pg::ConnectTarget target = database.target();
  target.set("user", role.name());
  {
    pg::ConnectOptions options;
    options.kind = pg::SessionKind::admin;
    pg::Connection owner = pg::Connection::connect(target, options);
    owner.run(
        "CREATE TABLE public.notes (id serial PRIMARY KEY, body text CHECK (body <> '')); "
        "INSERT INTO public.notes (body) SELECT 'note ' || g FROM generate_series(1, 100) g; "
        "CREATE MATERIALIZED VIEW public.count AS SELECT count(*) FROM public.notes; "
        "GRANT SELECT ON public.notes TO PUBLIC; REVOKE ALL ON public.notes FROM CURRENT_USER; "
        "REVOKE USAGE ON SCHEMA public FROM PUBLIC; "
        "GRANT SELECT ON public.notes TO CURRENT_USER; SELECT lo_from_bytea(0, 'abc')");
  }
  const std::string archive = back_up(target);
  World world;
  {
    MemorySource source(archive);
    const restore::DrillResult result = restore::drill(source, target, {}, world.environment);
    for (const auto& found : result.discrepancies) FAIL_CHECK(found.object << ": " << found.detail);
    CHECK(result.tables == 1);
    CHECK(result.rows == 100);
    CHECK(result.views == 1);
    CHECK(result.large_objects == 1);
  }
  const RestoredDatabase copy;
  restore_archive(archive, copy.name(), {}, target);
  require_equal(archive, target, copy.target());
}

TEST_CASE("names and contents in an encoding of their own come back") {
  const std::string encoding = GENERATE("LATIN1", "SQL_ASCII");
  const ScratchDatabase database("ENCODING '" + encoding + "' LOCALE 'C'");
  {
    pg::Connection connection = database.connect();
    connection.run(
        "CREATE TABLE public.\"caf\xc3\xa9\" (\"na\xc3\xafve\" text, n serial); "
        "INSERT INTO public.\"caf\xc3\xa9\" VALUES ('\xc3\xbc"
        "ber'), (E'a\\tb\\nc\\\\')");
  }
  const std::string archive = back_up(database.target());
  const RestoredDatabase copy;
  restore_archive(archive, copy.name());
  require_equal(archive, database.target(), copy.target());
  World world;
  MemorySource source(archive);
  const restore::DrillResult result =
      restore::drill(source, testing::test_target(), {}, world.environment);
  for (const auto& found : result.discrepancies) FAIL_CHECK(found.object << ": " << found.detail);
  CHECK(result.sequences == 1);
}

}  // namespace
