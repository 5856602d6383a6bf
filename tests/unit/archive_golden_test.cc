// Archives of released formats, kept forever: every good one must stay readable, every bad one must
// be refused with the right kind of error. tests/golden/README.md says how they were made.
#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

struct Good {
  const char* name;
  std::vector<std::pair<CopyFormat, Compression>> tables;
  std::uint64_t rows;
};

std::vector<Good> good_archives() {
  return {{"empty", {}, 0},
          {"text-zstd", {{CopyFormat::text, Compression::zstd}}, 6},
          {"binary-gzip", {{CopyFormat::binary, Compression::gzip}}, 6},
          {"mixed",
           {{CopyFormat::text, Compression::none},
            {CopyFormat::binary, Compression::zstd},
            {CopyFormat::text, Compression::gzip}},
           18}};
}

// From v0.4 on.
std::string with_planner_statistics() {
  StringSink sink;
  Header header = sample_header();
  header.features.emplace_back(kPlannerStatistics);
  Writer writer(sink, header);
  writer.add_database(sample_database());
  DataItem item = sample_item(1, CopyFormat::text, Compression::zstd);
  item.kind = DataKind::planner_statistics;
  item.entry = 0;
  item.schema = item.name = "";
  item.columns.clear();
  writer.add_data_item(item);
  writer.end_toc();
  write_rows(writer, item, 2, 3);
  writer.finish(sample_manifest());
  return sink.content;
}

struct Bad {
  const char* name;
  ErrorKind kind;
  const char* object;
  std::string (*make)();
};

std::string mixed() { return sample_archive(good_archives().back().tables); }

constexpr Bad kBad[] = {
    {"flipped-bit", ErrorKind::damaged, "data/2/1.copy.zst",
     [] {
       std::string archive = mixed();
       const std::size_t chunk = archive.find("data/2/1.copy.zst") + kBlock;
       archive[chunk + 30] = static_cast<char>(archive[chunk + 30] ^ 4);
       return archive;
     }},
    {"cut-off", ErrorKind::damaged, "data/3/0.copy.gz",
     [] {
       const std::string archive = mixed();
       return archive.substr(0, archive.find("data/3/0.copy.gz") + kBlock + 10);
     }},
    {"without-manifest", ErrorKind::damaged, "the member after data/3/end.json",
     [] {
       const std::string archive = mixed();
       return archive.substr(0, archive.find("manifest.json")) + std::string(2 * kBlock, '\0');
     }},
    {"bytes-appended", ErrorKind::damaged, "tail", [] { return mixed() + "x"; }},
    {"wrong-row-count", ErrorKind::damaged, "data/1/end.json",
     [] {
       Forger forger(mixed());
       forger.edit("data/1/end.json", [](auto& json) { json["stored"]["rows"] = 7; });
       forger.edit(kManifestName, [](auto& json) { json["rows"] = 19; });
       return forger.build();
     }},
    {"newer-format", ErrorKind::unusable_backup, "000-header.json",
     [] {
       Forger forger(mixed());
       forger.edit(kHeaderName, [](auto& json) { json["major"] = 1; });
       return forger.build();
     }},
    {"unknown-feature", ErrorKind::unusable_backup, "000-header.json",
     [] {
       Forger forger(mixed());
       forger.edit(kHeaderName, [](auto& json) { json["features"] = {"encrypted"}; });
       return forger.build();
     }},
    {"sql-dump", ErrorKind::damaged, "",
     [] { return std::string("-- PostgreSQL database dump\nSELECT 1;\n"); }},
};

std::string golden(const std::string& version, const std::string& name) {
  const Path folder = Path(BELAY_SOURCE_DIR) / "tests/golden" / version;
  return read_file(real_file_system(), folder / (name + ".belay"), 1u << 20);
}

}  // namespace

TEST_CASE("good golden archives are readable") {
  const std::string version = GENERATE("v0.1", "v0.2", "v0.3", "v0.4");
  for (const Good& good : good_archives()) {
    INFO(version << ' ' << good.name);
    const std::string archive = golden(version, good.name);
    const Readable readable = verify(archive);
    REQUIRE(readable.rows == good.rows);
    SourceIdentity source = sample_header().source;
    if (version < "v0.3") {
      source.postmaster_start = source.server_address = source.data_directory = "";
    }
    REQUIRE(readable.header.source == source);
    REQUIRE(readable.manifest.activity.has_value() == (version >= "v0.3"));
    REQUIRE(readable.contents.entries.size() == good.tables.size());
    REQUIRE(readable.manifest.fingerprint == sample_manifest().fingerprint);
    const bool describes = version != "v0.1";
    for (const Entry& entry : readable.contents.entries) {
      REQUIRE(entry.describes.size() == (describes ? 1 : 0));
    }
    verify_as_file(archive);
  }
}

TEST_CASE("a golden archive holds planner statistics") {
  const std::string archive = golden("v0.4", "planner-statistics");
  const Readable readable = verify(archive);
  REQUIRE(readable.header.features == std::vector<std::string>{"planner_statistics"});
  REQUIRE(readable.contents.items.at(0).kind == DataKind::planner_statistics);
  REQUIRE(readable.rows == 6);
  verify_as_file(archive);
}

TEST_CASE("bad golden archives are refused") {
  const std::string version = GENERATE("v0.1", "v0.2", "v0.3", "v0.4");
  for (const Bad& bad : kBad) {
    INFO(version << ' ' << bad.name);
    const std::string archive = golden(version, bad.name);
    const Error error = error_of([&] { verify(archive); });
    REQUIRE(error.kind() == bad.kind);
    REQUIRE(error.object() == bad.object);
    const Error file_error = error_of([&] { verify_as_file(archive); });
    REQUIRE(file_error.kind() == bad.kind);
  }
}

// Run by hand for a new format version, never to change the archives of an old one.
TEST_CASE("write golden archives", "[.golden]") {
  const char* directory = std::getenv("BELAY_GOLDEN_OUT");
  REQUIRE(directory != nullptr);
  FileSystem& files = real_file_system();
  const auto write = [&](const std::string& name, const std::string& archive) {
    publish_file(files, Path(directory) / (name + ".belay"), archive);
  };
  for (const Good& good : good_archives()) write(good.name, sample_archive(good.tables));
  write("planner-statistics", with_planner_statistics());
  for (const Bad& bad : kBad) write(bad.name, bad.make());
}
