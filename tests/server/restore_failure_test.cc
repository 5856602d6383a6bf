// A restore that fails leaves nothing behind and says so.
#include <functional>
#include <random>
#include <utility>

#include "libcore/archive/reader.h"
#include "libcore/archive/writer.h"
#include "librestore/made_database.h"
#include "librestore/target_server.h"
#include "tests/server/restore_archive.h"
#include "tests/server/restore_music.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::test;
using belay::testing::ScratchDatabase;
using Catch::Matchers::ContainsSubstring;

Error failed_restore(ByteSource& source, const std::string& name, int jobs = 2) {
  World world;
  restore::Options options;
  options.jobs = jobs;
  return error_of([&] {
    restore::restore_create(source, testing::test_target(), name, options, world.environment);
  });
}

TEST_CASE("a stream that is cut anywhere leaves no database") {
  const Music music;
  const std::string archive = back_up(music.target());
  const RestoredDatabase copy;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> position(0, archive.size() - 1);
  constexpr int kCuts = 50;
  for (int i = 0; i < kCuts; ++i) {
    const std::size_t cut = i == 0 ? archive.size() - 1 : position(random);
    INFO("cut at " << cut << " of " << archive.size());
    MemorySource source(archive.substr(0, cut));
    const Error error = failed_restore(source, copy.name(), i % 2 == 0 ? 1 : 4);
    CHECK(error.kind() == ErrorKind::damaged);
  }
  CHECK(databases_like(copy.name()).empty());
}

TEST_CASE("what could not be dropped is never said to be gone") {
  const Music music;
  const std::string archive = back_up(music.target());
  MemorySource source(archive);
  archive::StreamReader reader(source);
  World world;
  pg::Connection admin = restore::connect_admin(testing::test_target(), nullptr);
  pg::ConnectTarget nowhere = testing::test_target();
  nowhere.set("port", "1");
  restore::MadeDatabase made(admin, nowhere, "belay_lost", "loading", reader.header(),
                             world.environment);
  CHECK(made.discard() == restore::kNothingLeft);  // nothing was made yet
  pg::Connection other = restore::connect_admin(testing::test_target(), nullptr);
  other.query("SELECT pg_catalog.pg_terminate_backend($1::int4)",
              {std::to_string(admin.backend_pid())});
  CHECK_THROWS_AS(made.create(reader.contents().database, ""), Error);
  CHECK_THAT(made.discard(), ContainsSubstring("belay_lost__belay_loading_") &&
                                 ContainsSubstring("is left behind"));
}

TEST_CASE("a flipped byte is damage, not an error of the server") {
  const Music music;
  dump::Options options;
  // Without compression a flipped byte reaches the server as a value that it may refuse.
  options.compression = GENERATE(archive::Compression::none, archive::Compression::zstd);
  const std::string archive = back_up(music.target(), options);
  const RestoredDatabase copy;
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> position(0, archive.size() - 1);
  for (int i = 0; i < 8; ++i) {
    std::string flipped = archive;
    const std::size_t at = position(random);
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (i % 8)));
    INFO("flipped at " << at);
    MemorySource source(flipped);
    const Error error = failed_restore(source, copy.name());
    CHECK((error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::unusable_backup));
  }
  CHECK(databases_like(copy.name()).empty());
}

// One table of one column with chunks of `rows` (not compressed), and the digest that its end
// tells.
std::string archive_of_rows(std::string_view rows, const ContentDigest& digest, int chunks = 1) {
  MemorySink sink;
  archive::Header header;
  header.archive_id = random_hex(16);
  header.source.system_identifier = "1";
  header.source.database = "rows";
  header.source.server_version = 130000;
  archive::Writer writer(sink, header);
  archive::DatabaseProperties properties;
  properties.encoding = "UTF8";
  writer.add_database(properties);
  archive::Entry entry;
  entry.number = 1;
  entry.kind = "table";
  entry.schema = "public";
  entry.name = "numbers";
  entry.create = {"CREATE TABLE public.numbers (i integer)"};
  writer.add_entry(entry);
  archive::DataItem item;
  item.number = item.entry = 1;
  item.schema = "public";
  item.name = "numbers";
  item.columns = {"i"};
  item.compression = archive::Compression::none;
  item.encoding = "UTF8";
  writer.add_data_item(item);
  writer.end_toc();
  for (int i = 0; i < chunks; ++i) writer.append_chunk(1, rows);
  archive::DataEnd end;
  end.number = 1;
  end.stored = digest;
  end.bytes = rows.size() * static_cast<std::size_t>(chunks);
  writer.end_data(end);
  archive::Manifest manifest;
  manifest.user_relations = 1;
  manifest.started = manifest.finished = "2026-01-01T00:00:00.000000Z";
  writer.finish(manifest);
  return sink.bytes;
}

ContentDigest digest_of(std::initializer_list<std::string_view> rows) {
  ContentDigest digest;
  for (const std::string_view row : rows) digest.add_row(row);
  return digest;
}

TEST_CASE("rows that are not those of the digest are damage, and the table is named") {
  const RestoredDatabase copy;
  MemorySource good(archive_of_rows("123\n45\n6\n", digest_of({"123\n", "45\n", "6\n"})));
  World world;
  CHECK(restore::restore_create(good, testing::test_target(), copy.name(), {}, world.environment)
            .rows == 3);

  const RestoredDatabase other;
  MemorySource bad(archive_of_rows("123\n45\n6\n", digest_of({"123\n", "54\n", "6\n"})));
  const Error error = failed_restore(bad, other.name());
  CHECK(error.kind() == ErrorKind::damaged);
  CHECK(error.object() == "table public.numbers");
  CHECK(databases_like(other.name()).empty());
}

TEST_CASE("a row that the server refuses because it is damaged is told as damage") {
  const RestoredDatabase copy;
  // More chunks than wait in the queue: the server refuses before the reader comes to the hashes.
  constexpr int kChunks = 10;
  ContentDigest digest;
  for (int i = 0; i < kChunks; ++i) digest += digest_of({"123\n", "45\n", "6\n"});
  std::string archive = archive_of_rows("123\n45\n6\n", digest, kChunks);
  archive.replace(archive.find("123\n45\n6\n"), 1, "x");
  MemorySource source(archive);
  const Error error = failed_restore(source, copy.name(), 1);
  CHECK(error.kind() == ErrorKind::damaged);
  CHECK(databases_like(copy.name()).empty());
}

TEST_CASE("an existing database is never touched") {
  const ScratchDatabase existing;
  existing.connect().run("CREATE TABLE public.mine ()");
  const Music music;
  MemorySource source(back_up(music.target()));
  const Error error = failed_restore(source, existing.name());
  CHECK(error.kind() == ErrorKind::target_exists);
  CHECK(databases_like(existing.name()) == std::vector<std::string>{existing.name()});
  CHECK(existing.connect().query("SELECT 1 FROM public.mine").rows() == 0);
}

// Calls `act` once when half of the bytes were read.
class HalfWay : public ByteSource {
 public:
  HalfWay(std::string bytes, std::size_t at, std::function<void()> act)
      : source_(std::move(bytes)), left_(at), act_(std::move(act)) {}
  std::size_t read(char* buffer, std::size_t size) override {
    const std::size_t count = source_.read(buffer, std::min<std::size_t>(size, 512));
    left_ -= std::min(left_, count);
    if (left_ == 0 && act_) std::exchange(act_, nullptr)();
    return count;
  }

 private:
  MemorySource source_;
  std::size_t left_;
  std::function<void()> act_;
};

TEST_CASE("a name that is taken while a restore runs is not touched") {
  const Music music;
  const std::string archive = back_up(music.target());
  const RestoredDatabase copy;
  HalfWay source(archive, archive.size() - 1000, [&] {
    testing::connect_to("postgres").run("CREATE DATABASE " + quote_identifier(copy.name()));
    testing::connect_to(copy.name()).run("CREATE TABLE public.mine ()");
  });
  const Error error = failed_restore(source, copy.name());
  CHECK(error.kind() == ErrorKind::target_exists);
  CHECK_THAT(error.what(), ContainsSubstring("nothing was left behind"));
  CHECK(databases_like(copy.name()) == std::vector<std::string>{copy.name()});
  CHECK(testing::connect_to(copy.name()).query("SELECT 1 FROM public.mine").rows() == 0);
}

TEST_CASE("a cancelled restore leaves nothing") {
  const Music music;
  const std::string archive = back_up(music.target());
  const RestoredDatabase copy;
  const int jobs = GENERATE(1, 4);
  for (const std::size_t eighth : {3u, 5u, 7u, 8u}) {
    World world;
    restore::Options options;
    options.jobs = jobs;
    HalfWay source(archive, archive.size() * eighth / 8, [&] { world.cancellation.request(); });
    const Error error = error_of([&] {
      restore::restore_create(source, testing::test_target(), copy.name(), options,
                              world.environment);
    });
    CHECK(error.kind() == ErrorKind::cancelled);
    CHECK(databases_like(copy.name()).empty());
  }
}

TEST_CASE("an object that cannot be restored is named, and nothing stays") {
  const Music music;
  {  // A check that says no when it is added: its function looks at another table.
    pg::Connection connection = testing::connect_to(music.name());
    connection.run(
        "CREATE FUNCTION public.sees(integer) RETURNS boolean LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN EXISTS (SELECT 1 FROM public.later); END $$; "
        "CREATE TABLE public.later AS SELECT 1 AS x; "
        "CREATE TABLE public.checked (i integer CHECK (public.sees(i))); "
        "INSERT INTO public.checked VALUES (1)");
    connection.run("TRUNCATE public.later");
  }
  const RestoredDatabase copy;
  MemorySource source(back_up(music.target()));
  const Error error = failed_restore(source, copy.name());
  CHECK(error.kind() == ErrorKind::restore_failed);
  CHECK(error.object() == "table public.checked");
  CHECK(error.sqlstate() == "23514");
  CHECK_THAT(error.what(), ContainsSubstring("nothing was left behind"));
  CHECK(databases_like(copy.name()).empty());
}

TEST_CASE("data is loaded in the name of its owner") {
  const Music music;
  {
    pg::Connection connection = testing::connect_to(music.name());
    connection.run(
        "CREATE TABLE public.signed (i integer, CHECK (session_user = '" + music.owner() + "')); " +
        "CREATE TABLE public.unsigned (i integer, CHECK (session_user <> '" + music.owner() +
        "')); ALTER TABLE public.signed OWNER TO " + quote_identifier(music.owner()) +
        "; CREATE SCHEMA closed; CREATE TABLE closed.unsigned (i integer, CHECK (session_user <> "
        "'" +
        music.owner() + "')); ALTER TABLE closed.unsigned OWNER TO " +
        quote_identifier(music.owner()));
    connection.run(
        "INSERT INTO public.unsigned VALUES (1); INSERT INTO closed.unsigned VALUES (1)");
    connection.run("SET SESSION AUTHORIZATION " + quote_identifier(music.owner()));
    connection.run("INSERT INTO public.signed VALUES (1)");
  }
  const RestoredDatabase copy;
  World world;
  MemorySource source(back_up(music.target()));
  // closed.unsigned: its owner may not look into the schema, so the login role loads it.
  restore::restore_create(source, testing::test_target(), copy.name(), {}, world.environment);
  CHECK(databases_like(copy.name()).size() == 1);
}

TEST_CASE("an unreachable server is said to be unreachable") {
  World world;
  const Music music;
  MemorySource source(back_up(music.target()));
  pg::ConnectTarget nowhere = testing::test_target();
  nowhere.set("host", "/nonexistent");
  const Error error = error_of(
      [&] { restore::restore_create(source, nowhere, "belay_nowhere", {}, world.environment); });
  CHECK(error.kind() == ErrorKind::unreachable);
}

}  // namespace
