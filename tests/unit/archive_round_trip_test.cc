// What goes into a Writer comes out of both readers.
#include <thread>

#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

Entry rich_entry(int number) {
  Entry entry;
  entry.number = number;
  entry.kind = "function";
  entry.schema = "we\"ird\nschema";
  entry.name = "f(integer, \xf0\x9f\x8e\xb5)";
  entry.section = Section::post_data;
  if (number > 1) entry.depends_on = {number - 1};
  entry.owner = "owner";
  entry.create = {"CREATE FUNCTION ...", "second"};
  entry.set_owner = {"ALTER FUNCTION ... OWNER TO x"};
  entry.acl = {"GRANT 1", "GRANT 2"};
  entry.acl_run_as = {"", "grantor"};
  entry.comment = {"COMMENT ON"};
  entry.label = {"SECURITY LABEL"};
  entry.last = true;
  entry.run_as = "runner";
  entry.describes = {{"table", "app.\"T\"", R"({"columns":[],"comment":"ä\n","start":-7})"},
                     {"check", "c on app.\"T\"", "{}"}};
  return entry;
}

void require_same(const Entry& a, const Entry& b) {
  REQUIRE(a.number == b.number);
  REQUIRE(a.kind == b.kind);
  REQUIRE(a.schema == b.schema);
  REQUIRE(a.name == b.name);
  REQUIRE(a.section == b.section);
  REQUIRE(a.depends_on == b.depends_on);
  REQUIRE(a.owner == b.owner);
  REQUIRE(a.create == b.create);
  REQUIRE(a.set_owner == b.set_owner);
  REQUIRE(a.acl == b.acl);
  REQUIRE(a.acl_run_as == b.acl_run_as);
  REQUIRE(a.comment == b.comment);
  REQUIRE(a.label == b.label);
  REQUIRE(a.last == b.last);
  REQUIRE(a.run_as == b.run_as);
  REQUIRE(a.describes.size() == b.describes.size());
  for (std::size_t i = 0; i < a.describes.size(); ++i) {
    REQUIRE(a.describes[i].kind == b.describes[i].kind);
    REQUIRE(a.describes[i].identity == b.describes[i].identity);
    REQUIRE(a.describes[i].properties == b.describes[i].properties);
  }
}

void require_same(const DataItem& a, const DataItem& b) {
  REQUIRE(a.number == b.number);
  REQUIRE(a.kind == b.kind);
  REQUIRE(a.entry == b.entry);
  REQUIRE(a.schema == b.schema);
  REQUIRE(a.name == b.name);
  REQUIRE(a.owner == b.owner);
  REQUIRE(a.columns == b.columns);
  REQUIRE(a.generated == b.generated);
  REQUIRE(a.format == b.format);
  REQUIRE(a.compression == b.compression);
  REQUIRE(a.encoding == b.encoding);
  REQUIRE(a.cut == b.cut);
  REQUIRE(a.load_root == b.load_root);
  REQUIRE(a.estimated_bytes == b.estimated_bytes);
}

void require_same(const DatabaseProperties& a, const DatabaseProperties& b) {
  REQUIRE(a.name == b.name);
  REQUIRE(a.owner == b.owner);
  REQUIRE(a.encoding == b.encoding);
  REQUIRE(a.locale_provider == b.locale_provider);
  REQUIRE(a.lc_collate == b.lc_collate);
  REQUIRE(a.lc_ctype == b.lc_ctype);
  REQUIRE(a.locale == b.locale);
  REQUIRE(a.icu_rules == b.icu_rules);
  REQUIRE(a.lc_monetary == b.lc_monetary);
  REQUIRE(a.connection_limit == b.connection_limit);
  REQUIRE(a.is_template == b.is_template);
  REQUIRE(a.acl == b.acl);
  REQUIRE(a.acl_run_as == b.acl_run_as);
  REQUIRE(a.comment == b.comment);
  REQUIRE(a.label == b.label);
  REQUIRE(a.settings == b.settings);
}

void require_same(const Manifest& a, const Manifest& b) {
  REQUIRE(a.fingerprint == b.fingerprint);
  REQUIRE(a.revisions == b.revisions);
  REQUIRE(a.ledger == b.ledger);
  REQUIRE(a.user_relations == b.user_relations);
  REQUIRE(a.left_out == b.left_out);
  REQUIRE(a.warnings == b.warnings);
  REQUIRE(a.schema_only == b.schema_only);
  REQUIRE(a.started == b.started);
  REQUIRE(a.finished == b.finished);
  REQUIRE(a.views.size() == b.views.size());
  for (std::size_t i = 0; i < a.views.size(); ++i) {
    REQUIRE(a.views[i].schema == b.views[i].schema);
    REQUIRE(a.views[i].name == b.views[i].name);
    REQUIRE(a.views[i].format == b.views[i].format);
    REQUIRE(a.views[i].rows == b.views[i].rows);
    REQUIRE(a.views[i].query == b.views[i].query);
    REQUIRE(a.views[i].not_comparable == b.views[i].not_comparable);
  }
}

struct Everything {
  DatabaseProperties database;
  std::vector<RoleDefinition> roles;
  std::vector<Entry> entries;
  std::vector<DataItem> items;
  Manifest manifest;
};

Everything everything() {
  Everything all;
  all.database = sample_database();
  all.database.locale_provider = "icu";
  all.database.locale = "de-DE";
  all.database.icu_rules = "&a < b";
  all.database.connection_limit = 7;
  all.database.is_template = true;
  all.database.acl_run_as = {"grantor"};
  all.database.comment = {"COMMENT ON DATABASE %DATABASE% IS 'x'"};
  all.database.label = {"SECURITY LABEL FOR p ON DATABASE %DATABASE% IS 'x'"};
  all.database.settings = {"ALTER DATABASE %DATABASE% SET a = 'b'"};
  all.database.tablespace = "fast";
  RoleDefinition role;
  role.name = "app";
  role.logs_in = true;
  role.connection_limit = 3;
  role.valid_until = "infinity";
  role.password = "SCRAM";
  role.comment = "x";
  role.settings = {{"work_mem", "1MB"}, {"search_path", "\"a b\""}};
  role.labels = {{"dummy", "secret"}};
  role.memberships = {{"team", "", true, true, false}, {"pg_monitor", "chief", false, {}, {}}};
  role.parameter_grants = {{"jit", "ALTER SYSTEM", "", true}};
  all.roles = {role, RoleDefinition{}};
  for (int number = 1; number <= 6; ++number) all.entries.push_back(rich_entry(number));
  for (const CopyFormat format : {CopyFormat::text, CopyFormat::binary}) {
    for (const Compression compression :
         {Compression::zstd, Compression::gzip, Compression::none}) {
      DataItem item = sample_item(static_cast<int>(all.items.size()) + 1, format, compression);
      item.generated = {"sum"};
      item.owner = "owner";
      item.cut = true;
      item.load_root = {"public", "root"};
      item.estimated_bytes = 12345;
      all.items.push_back(item);
    }
  }
  DataItem sequences = sample_item(7, CopyFormat::text, Compression::zstd);
  sequences.kind = DataKind::sequence_states;
  DataItem large = sample_item(8, CopyFormat::text, Compression::gzip);
  large.kind = DataKind::large_objects;
  sequences.entry = large.entry = 0;
  all.items.push_back(sequences);
  all.items.push_back(large);
  all.manifest = sample_manifest();
  all.manifest.warnings = {"stale view"};
  all.manifest.schema_only = true;
  ViewDigest view{"public", "mv", CopyFormat::binary, {3, 1, 2}, {3, 1, 2}, "volatile"};
  all.manifest.views = {view, view};
  return all;
}

std::string write(const Everything& all) {
  StringSink sink;
  Writer writer(sink, sample_header(3));
  writer.add_database(all.database, all.roles);
  writer.add_role("r1");
  writer.add_extension("citext", "1.6");
  for (const Entry& entry : all.entries) writer.add_entry(entry);
  for (const DataItem& item : all.items) writer.add_data_item(item);
  writer.end_toc();
  // Item 8 has no chunk, item 1 stays open while the others come.
  ChunkEncoder encoder(CopyFormat::text, Compression::zstd, 1);
  encoder.add_row(sample_row(CopyFormat::text, 1));
  writer.append_chunk(1, encoder.finish());
  for (std::size_t i = 1; i < 7; ++i) write_rows(writer, all.items[i], 2, 5);
  DataEnd empty;
  empty.number = 8;
  writer.end_data(empty);
  DataEnd end;
  end.number = 1;
  end.stored.add_row(sample_row(CopyFormat::text, 1));
  end.full = ContentDigest{1, 77, 88};
  end.bytes = sample_row(CopyFormat::text, 1).size();
  writer.end_data(end);
  const Writer::Written written = writer.finish(all.manifest);
  REQUIRE(written.size == sink.content.size());
  REQUIRE(written.sha256 == belay::sha256(sink.content));
  REQUIRE(sink.syncs == 1);
  return sink.content;
}

void require_same(const Contents& contents, const Everything& all) {
  require_same(contents.database, all.database);
  REQUIRE(contents.database.tablespace == all.database.tablespace);
  REQUIRE(contents.role_definitions == all.roles);
  REQUIRE(contents.roles == std::vector<std::string>{"r1"});
  REQUIRE(contents.extensions ==
          std::vector<std::pair<std::string, std::string>>{{"citext", "1.6"}});
  REQUIRE(contents.entries.size() == all.entries.size());
  for (std::size_t i = 0; i < all.entries.size(); ++i) {
    require_same(contents.entries[i], all.entries[i]);
  }
  REQUIRE(contents.items.size() == all.items.size());
  for (std::size_t i = 0; i < all.items.size(); ++i) require_same(contents.items[i], all.items[i]);
}

void require_same(const Header& a, const Header& b) {
  REQUIRE(a.format_major == b.format_major);
  REQUIRE(a.format_minor == b.format_minor);
  REQUIRE(a.archive_id == b.archive_id);
  REQUIRE(a.open_tables == b.open_tables);
  REQUIRE(a.created_by == b.created_by);
  REQUIRE(a.source == b.source);
}

}  // namespace

TEST_CASE("everything that is written is read again, from a stream and from a file") {
  const Everything all = everything();
  const std::string archive = write(all);

  const Readable readable = verify(archive);
  require_same(readable.header, sample_header(3));
  require_same(readable.contents, all);
  require_same(readable.manifest, all.manifest);
  REQUIRE(readable.chunks == 13);
  REQUIRE(readable.rows == 1 + 6 * 10);
  REQUIRE(readable.sha256 == belay::sha256(archive));
  REQUIRE(readable.size == archive.size());
  REQUIRE(readable.ends[0].full == ContentDigest{1, 77, 88});
  REQUIRE_FALSE(readable.ends[1].full);

  const StringFile bytes(archive);
  const ArchiveFile file(bytes);
  require_same(file.header(), sample_header(3));
  require_same(file.contents(), all);
  require_same(file.manifest(), all.manifest);
  REQUIRE(file.ends().size() == 8);
  for (std::size_t i = 0; i < file.ends().size(); ++i) {
    REQUIRE(file.ends()[i].stored == readable.ends[i].stored);
    REQUIRE(file.ends()[i].bytes == readable.ends[i].bytes);
  }
  verify_as_file(archive);
}

TEST_CASE("an archive may arrive in pieces of any size") {
  const std::string archive = write(everything());
  for (const std::size_t step : {1, 7, 511, 512, 513}) {
    REQUIRE(verify(archive, step).sha256 == belay::sha256(archive));
  }
}

TEST_CASE("the smallest archive holds nothing") {
  StringSink sink;
  Writer writer(sink, sample_header());
  writer.add_database(sample_database());
  writer.end_toc();
  writer.finish({});
  REQUIRE(verify(sink.content).rows == 0);
  verify_as_file(sink.content);
}

TEST_CASE("a table of contents of several pieces, and one line of more than 1 MB") {
  Everything all = everything();
  for (Entry& entry : all.entries) entry.create = {std::string(400'000, 'x')};
  all.entries[2].create = {std::string(3'000'000, 'y')};
  const std::string archive = write(all);
  require_same(verify(archive).contents, all);
  verify_as_file(archive);
  REQUIRE(Forger(archive).index("toc/3.jsonl.zst") > 0);
}

TEST_CASE("workers append chunks at the same time") {
  StringSink sink;
  Writer writer(sink, sample_header(4));
  writer.add_database(sample_database());
  std::vector<DataItem> items;
  for (int number = 1; number <= 4; ++number) {
    writer.add_entry(sample_entry(number, "t"));
    items.push_back(sample_item(number, CopyFormat::text, Compression::zstd));
  }
  for (const DataItem& item : items) writer.add_data_item(item);
  writer.end_toc();
  std::vector<std::thread> threads;
  for (const DataItem& item : items) {
    threads.emplace_back([&writer, &item] { write_rows(writer, item, 50, 3); });
  }
  for (std::thread& thread : threads) thread.join();
  writer.finish({});
  REQUIRE(verify(sink.content).rows == 4 * 150);
  verify_as_file(sink.content);
}

TEST_CASE("a writer refuses what a reader would refuse, and stays failed") {
  StringSink sink;
  Writer writer(sink, sample_header(1));
  writer.add_database(sample_database());
  SECTION("text that is not UTF-8 is named") {
    Entry entry = sample_entry(1, "t");
    entry.create = {"CREATE TABLE \xff"};
    const Error error = error_of([&] { writer.add_entry(entry); });
    REQUIRE(error.kind() == ErrorKind::backup_failed);
    REQUIRE(error.object() == "table public.t");
  }
  SECTION("entries out of order") {
    REQUIRE(error_of([&] { writer.add_entry(sample_entry(2, "t")); }).kind() ==
            ErrorKind::internal);
  }
  SECTION("a dependency that comes later") {
    Entry entry = sample_entry(1, "t");
    entry.depends_on = {1};
    REQUIRE(error_of([&] { writer.add_entry(entry); }).kind() == ErrorKind::internal);
  }
  SECTION("a grant without its role") {
    Entry entry = sample_entry(1, "t");
    entry.acl = {"GRANT 1", "GRANT 2"};
    entry.acl_run_as = {"grantor"};
    REQUIRE(error_of([&] { writer.add_entry(entry); }).kind() == ErrorKind::internal);
  }
  SECTION("more open items than announced") {
    for (int number : {1, 2}) writer.add_entry(sample_entry(number, "t"));
    for (int number : {1, 2}) {
      writer.add_data_item(sample_item(number, CopyFormat::text, Compression::none));
    }
    writer.end_toc();
    writer.append_chunk(1, "1\n");
    REQUIRE(error_of([&] { writer.append_chunk(2, "1\n"); }).kind() == ErrorKind::internal);
  }
  SECTION("a missing end") {
    writer.add_entry(sample_entry(1, "t"));
    writer.add_data_item(sample_item(1, CopyFormat::text, Compression::none));
    writer.end_toc();
    const Error error = error_of([&] { writer.finish({}); });
    REQUIRE(error.object() == "data/1/end.json");
  }
  const std::size_t size = sink.content.size();
  REQUIRE(error_of([&] { writer.end_toc(); }).kind() != ErrorKind::damaged);
  REQUIRE_THROWS_AS(writer.finish({}), Error);
  REQUIRE(sink.content.size() == size);
}
