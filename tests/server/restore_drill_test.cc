// The drill says "equal" only of what is equal, "different" by name, and "could not run" when the
// archive is not to blame.
#include "libcore/archive/writer.h"
#include "tests/server/restore_archive.h"
#include "tests/server/restore_music.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::testing::ScratchDatabase;
using belay::testing::ScratchRole;
using Catch::Matchers::ContainsSubstring;

restore::DrillResult drill(const std::string& archive, const restore::DrillOptions& options = {},
                           const pg::ConnectTarget& server = testing::test_target()) {
  World world;
  MemorySource source(archive);
  return restore::drill(source, server, options, world.environment);
}

std::string text_of(const restore::DrillResult& result) {
  std::string text;
  for (const auto& found : result.discrepancies) text += found.object + ": " + found.detail + "\n";
  return text;
}

// Runs `sql` in the scratch database between loading and comparing.
restore::DrillOptions after_change(const std::string& sql) {
  restore::DrillOptions options;
  options.before_compare = [sql](const pg::ConnectTarget& scratch) {
    pg::ConnectOptions admin;
    admin.kind = pg::SessionKind::admin;
    pg::Connection::connect(scratch, admin).run(sql);
  };
  return options;
}

// An archive made by hand: what `fill` adds to its table of contents, and no rows.
template <typename Fill>
std::string archive_of(const Fill& fill, std::uint64_t user_relations = 0) {
  MemorySink sink;
  archive::Header header;
  header.archive_id = random_hex(16);
  header.created_by = "belay test";
  header.source.database = testing::unique_name();
  header.source.system_identifier = "1";
  header.source.server_version = testing::connect_to("postgres").server_version();
  archive::Writer writer(sink, header);
  archive::DatabaseProperties properties;
  properties.name = header.source.database;
  properties.owner = "postgres";
  properties.encoding = "UTF8";
  properties.locale_provider = "libc";
  properties.lc_collate = properties.lc_ctype = "C";
  writer.add_database(properties);
  fill(writer);
  writer.end_toc();
  archive::Manifest manifest;
  manifest.user_relations = user_relations;
  manifest.started = manifest.finished = "2026-01-01T00:00:00.000000Z";
  writer.finish(manifest);
  return sink.bytes;
}

archive::Entry table_entry(const std::string& sql) {
  archive::Entry entry;
  entry.number = 1;
  entry.kind = "table";
  entry.schema = "public";
  entry.name = "broken";
  entry.create = {sql};
  return entry;
}

TEST_CASE("a drill of a good archive finds no difference and leaves nothing") {
  const Music music;
  restore::DrillOptions options;
  options.restore.jobs = GENERATE(1, 4);
  const std::string archive = back_up(music.target());
  const restore::DrillResult result = drill(archive, options);
  CHECK(text_of(result) == "");
  CHECK(result.not_compared.empty());
  CHECK(result.tables == 8);  // the two partitions by hash of an enum are one
  CHECK(result.rows == 3055);
  CHECK(result.sequences == 3);
  CHECK(result.large_objects == 3);
  CHECK(result.views == 1);
  CHECK_FALSE(result.empty);
  CHECK_FALSE(result.sealed);
  CHECK(result.restored.sha256 == sha256(archive));
  CHECK(databases_like(music.name()) == std::vector<std::string>{music.name()});
}

TEST_CASE("a drill names what differs") {
  static const Music music;
  static const std::string archive = back_up(music.target());
  struct Case {
    const char *sql, *object, *detail;
  };
  const Case one = GENERATE(
      Case{"UPDATE public.users SET name = name || ' ' WHERE name = 'user 7'", "table public.users",
           "expected 50 rows"},
      Case{"DELETE FROM public.plays WHERE song = 3", "table public.plays_2025", "found"},
      Case{"UPDATE public.moods SET n = 0 WHERE n = 1", "table public.moods", "expected 500 rows"},
      Case{"INSERT INTO public.nothing DEFAULT VALUES", "table public.nothing", "3 rows"},
      Case{"DROP TABLE public.numbers", "table public.numbers", "no such table"},
      Case{"SELECT nextval('public.counter')", "sequence public.counter",
           "expected 7,t; found 10,t"},
      Case{"SELECT setval('public.counter', 7, false)", "sequence public.counter", "found 7,f"},
      Case{"DROP INDEX public.songs_lower", "schema: index public.songs_lower", "missing"},
      Case{"CREATE INDEX extra ON public.users (born)", "schema: index public.extra",
           "not in the archive"},
      Case{"ALTER TABLE public.plays DROP CONSTRAINT plays_song_fkey",
           "schema: foreign key public.\"plays_song_fkey on plays\"", "missing"},
      Case{"DROP TRIGGER stamped ON public.songs", "schema: trigger", "missing"},
      Case{"ALTER TABLE public.numbers DROP COLUMN doubled, ADD COLUMN doubled integer "
           "GENERATED ALWAYS AS (i * 3) STORED",
           "table public.numbers", "expected 1000 rows"},
      Case{"ALTER TABLE public.songs ALTER COLUMN title DROP NOT NULL",
           "schema: table public.songs", "columns.title.not_null: expected true; found none"},
      Case{"ALTER TABLE public.users OWNER TO CURRENT_USER", "schema: table public.users",
           "owner: expected"},
      Case{"GRANT SELECT ON public.songs TO PUBLIC", "schema: table public.songs", "acl"},
      Case{"SELECT lo_put(4000001, 1, 'M')", "large objects", "expected 5 rows"},
      Case{"SELECT lo_unlink(4000003)", "large object 4000003", "missing"},
      Case{"SELECT lo_create(4000004)", "large object 4000004", "not in the archive"},
      Case{"ALTER LARGE OBJECT 4000002 OWNER TO CURRENT_USER", "large object 4000002",
           "found owner postgres"},
      Case{"GRANT SELECT ON LARGE OBJECT 4000002 TO PUBLIC", "large object 4000002", "PUBLIC=r"},
      Case{"REFRESH MATERIALIZED VIEW public.charts WITH NO DATA",
           "materialized view public.charts", "not populated"},
      Case{"DROP MATERIALIZED VIEW public.charts; CREATE MATERIALIZED VIEW public.charts AS SELECT "
           "owner, count(*) + 1 AS n FROM public.songs GROUP BY owner",
           "materialized view public.charts", "expected 50 rows"});
  INFO(one.sql);
  const restore::DrillResult result = drill(archive, after_change(one.sql));
  INFO(text_of(result));
  bool named = false;
  for (const auto& found : result.discrepancies) {
    named = named || (found.object.starts_with(one.object) &&
                      found.detail.find(one.detail) != std::string::npos);
  }
  CHECK(named);
  CHECK(databases_like(music.name()) == std::vector<std::string>{music.name()});
}

TEST_CASE("a sealed copy is kept, closed and commented") {
  const Music music;
  restore::DrillOptions options;
  options.keep = std::chrono::hours(1);
  const std::string archive = back_up(music.target());
  const restore::DrillResult result = drill(archive, options);
  CHECK(text_of(result) == "");
  CHECK(result.sealed->name.starts_with(music.name() + "__belay_sealed_"));
  CHECK(databases_like(music.name()) ==
        std::vector<std::string>{music.name(), result.sealed->name});
  pg::Connection admin = testing::connect_to("postgres");
  const pg::Result row = admin.query(
      "SELECT datallowconn, shobj_description(oid, 'pg_database') FROM pg_database "
      "WHERE datname = $1",
      {result.sealed->name});
  CHECK_FALSE(row.boolean(0, 0));
  CHECK_THAT(row.string(0, 1), ContainsSubstring(result.restored.header.archive_id));
  CHECK(restore::still_sealed(admin, *result.sealed));
  // Opened for a while and closed again, it may have been written to.
  const std::string alter = "ALTER DATABASE \"" + result.sealed->name + "\" ALLOW_CONNECTIONS ";
  admin.run(alter + "true");
  CHECK_FALSE(restore::still_sealed(admin, *result.sealed));
  admin.run(alter + "false");
  CHECK_FALSE(restore::still_sealed(admin, *result.sealed));
  restore::drop_database(admin, result.sealed->name);
  CHECK(databases_like(music.name()).size() == 1);
}

TEST_CASE("an empty database is empty, and that is said") {
  const ScratchDatabase database;
  const restore::DrillResult result = drill(back_up(database.target()));
  CHECK(text_of(result) == "");
  CHECK(result.empty);
  CHECK(result.tables == 0);
}

TEST_CASE("comparing nothing proves nothing") {
  const Music music;
  dump::Options options;
  options.schema_only = true;
  const Error error = error_of([&] { drill(back_up(music.target(), options)); });
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK_THAT(error.what(), ContainsSubstring("no table was compared"));
  CHECK(databases_like(music.name()).size() == 1);
}

TEST_CASE("what was left out of the backup is listed") {
  const Music music;
  dump::Options options;
  options.exclude_table_contents = {NamePattern::of_relation("public.numbers")};
  const restore::DrillResult result = drill(back_up(music.target(), options));
  CHECK(text_of(result) == "");
  CHECK(result.tables == 7);
  REQUIRE(result.not_compared.size() == 1);
  CHECK_THAT(result.not_compared[0], ContainsSubstring("public.numbers"));
}

TEST_CASE("a drill that is too large is not begun") {
  const Music music;
  restore::DrillOptions options;
  options.max_size = 1000;
  const Error error = error_of([&] { drill(back_up(music.target()), options); });
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK_THAT(error.next(), ContainsSubstring("--drill-max-size"));
}

TEST_CASE("what the environment lacks is not the archive's fault") {
  SECTION("an extension") {
    const std::string archive =
        archive_of([](archive::Writer& writer) { writer.add_extension("no_such_thing", "1.0"); });
    const Error error = error_of([&] { drill(archive); });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.what(), ContainsSubstring("no_such_thing"));
  }
  SECTION("a role") {
    const std::string archive =
        archive_of([](archive::Writer& writer) { writer.add_role("nobody_of_that_name"); });
    const Error error = error_of([&] { drill(archive); });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.what(), ContainsSubstring("nobody_of_that_name"));
    CHECK_THAT(error.next(), ContainsSubstring("CREATE ROLE nobody_of_that_name"));
  }
  SECTION("a locale") {
    const Music music;
    const Error error = error_of([&] {
      MemorySink sink;
      archive::Header header;
      header.archive_id = random_hex(16);
      header.source.system_identifier = "1";
      header.source.database = music.name();
      header.source.server_version = 130000;
      archive::Writer writer(sink, header);
      archive::DatabaseProperties properties;
      properties.encoding = "UTF8";
      properties.lc_collate = properties.lc_ctype = "xx_YY.nothing";
      writer.add_database(properties);
      writer.end_toc();
      archive::Manifest manifest;
      manifest.started = manifest.finished = "2026-01-01T00:00:00.000000Z";
      writer.finish(manifest);
      drill(sink.bytes);
    });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.what(), ContainsSubstring("xx_YY.nothing"));
  }
  SECTION("rights of the login role") {
    const Music music;
    const std::string archive = back_up(music.target());
    const ScratchRole weak("CREATEDB");
    pg::ConnectTarget server = testing::test_target();
    server.set("user", weak.name());
    const Error error = error_of([&] { drill(archive, {}, server); });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.what(), ContainsSubstring(music.owner()));
    CHECK(databases_like(music.name()).size() == 1);
  }
  SECTION("the right to create a database") {
    const ScratchDatabase database;
    const std::string archive = back_up(database.target());
    const ScratchRole weak;
    pg::ConnectTarget server = testing::test_target();
    server.set("user", weak.name());
    restore::DrillOptions options;
    options.restore.no_owner = options.restore.no_privileges = true;
    const Error error = error_of([&] { drill(archive, options, server); });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.next(), ContainsSubstring("CREATEDB"));
  }
  SECTION("connections: SQLSTATE 53300") {
    const ScratchRole limited("CREATEDB CONNECTION LIMIT 1");
    const ScratchDatabase database;
    testing::connect_to("postgres")
        .run("ALTER DATABASE " + quote_identifier(database.name()) + " OWNER TO " +
             quote_identifier(limited.name()));
    const std::string archive = back_up(database.target());
    pg::ConnectTarget server = testing::test_target();
    server.set("user", limited.name());
    const Error error = error_of([&] { drill(archive, {}, server); });
    CHECK(error.kind() == ErrorKind::could_not_run);
    CHECK_THAT(error.what(), ContainsSubstring("too many connections"));
    CHECK(databases_like(database.name()).size() == 1);
  }
}

TEST_CASE("an extension that only a superuser can create is named to anybody else") {
  pg::Connection admin = testing::connect_to("postgres");
  if (admin.query("SELECT 1 FROM pg_available_extensions WHERE name = 'pageinspect'").rows() == 0) {
    WARN("skipped: the server has no pageinspect");
    return;
  }
  const ScratchRole owner("CREATEDB");
  const ScratchDatabase database;
  admin.run("ALTER DATABASE " + quote_identifier(database.name()) + " OWNER TO " +
            quote_identifier(owner.name()));
  database.connect().run("CREATE EXTENSION pageinspect SCHEMA public");
  pg::ConnectTarget server = testing::test_target();
  server.set("user", owner.name());
  const Error error = error_of([&] { drill(back_up(database.target()), {}, server); });
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK_THAT(error.what(), ContainsSubstring("pageinspect"));
}

TEST_CASE("a statement that fails is a mismatch, and its object is named") {
  const std::string archive = archive_of(
      [](archive::Writer& writer) {
        writer.add_entry(table_entry("CREATE TABLE public.broken (x no_such_type)"));
      },
      1);
  const Error error = error_of([&] { drill(archive); });
  CHECK(error.kind() == ErrorKind::mismatch);
  CHECK(error.object() == "table public.broken");
  CHECK(error.sqlstate() == "42704");
}

TEST_CASE("a statement that the server may not run is not the archive's fault") {
  const std::string archive = archive_of(
      [](archive::Writer& writer) {
        writer.add_entry(table_entry(
            "CREATE FUNCTION public.broken() RETURNS integer LANGUAGE c AS '/nonexistent/belay'"));
      },
      1);
  const ScratchRole owner("CREATEDB");
  pg::ConnectTarget server = testing::test_target();
  server.set("user", owner.name());
  restore::DrillOptions options;
  options.restore.no_owner = true;
  const Error error = error_of([&] { drill(archive, options, server); });
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK(error.sqlstate() == "42501");
}

TEST_CASE("a statement that belay does not write is damage, and is not run") {
  const ScratchDatabase victim;
  const std::string drop = "DROP DATABASE " + quote_identifier(victim.name());
  for (const std::string& sql : {drop, std::string("COPY public.broken FROM STDIN")}) {
    INFO(sql);
    const std::string archive =
        archive_of([&](archive::Writer& writer) { writer.add_entry(table_entry(sql)); }, 1);
    const Error error = error_of([&] { drill(archive); });
    CHECK(error.kind() == ErrorKind::damaged);
    CHECK(error.object() == "table public.broken");
  }
  CHECK(databases_like(victim.name()) == std::vector<std::string>{victim.name()});
}

TEST_CASE("an archive of another server major proves no schema") {
  const Error error = error_of([&] {
    MemorySink sink;
    archive::Header header;
    header.archive_id = random_hex(16);
    header.source.system_identifier = "1";
    header.source.database = testing::unique_name();
    header.source.server_version = 120000;
    archive::Writer writer(sink, header);
    archive::DatabaseProperties properties;
    properties.encoding = "UTF8";
    writer.add_database(properties);
    writer.end_toc();
    archive::Manifest manifest;
    manifest.started = manifest.finished = "2026-01-01T00:00:00.000000Z";
    writer.finish(manifest);
    drill(sink.bytes);
  });
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK_THAT(error.cause(), ContainsSubstring("server 12"));
}

}  // namespace
