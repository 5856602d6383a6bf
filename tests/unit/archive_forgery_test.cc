// Archives whose every hash holds and that lie all the same.
#include "libcore/archive/compression.h"
#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

std::string three_tables() {
  return sample_archive({{CopyFormat::text, Compression::zstd},
                         {CopyFormat::binary, Compression::gzip},
                         {CopyFormat::text, Compression::none}},
                        2, 3);
}

enum class Way { stream, file };

// Refused as damaged in both ways of reading; `ways` name `member` as well.
void require_refused(const std::string& archive, std::string_view member,
                     const std::vector<Way>& ways = {Way::stream, Way::file}) {
  for (const Way way : {Way::stream, Way::file}) {
    const Error error = error_of([&] {
      if (way == Way::stream) {
        verify(archive);
      } else {
        verify_as_file(archive);
      }
    });
    INFO(error.what() << " (not " << member << ")");
    REQUIRE(error.kind() == ErrorKind::damaged);
    if (std::find(ways.begin(), ways.end(), way) == ways.end()) continue;
    REQUIRE(error.object().find(member) != std::string::npos);
  }
}

void require_lie_found(std::string_view member, const std::function<void(nlohmann::json&)>& lie) {
  Forger forger(three_tables());
  forger.edit(member, lie);
  require_refused(forger.build(), member, {Way::stream});
}

// Changes one line of the table of contents.
std::string with_toc_line(const std::function<void(std::vector<std::string>&)>& change) {
  Forger forger(three_tables());
  std::string& piece = forger.member("toc/0.jsonl.zst").content;
  std::string text;
  decode_chunk(piece, Compression::zstd, [&](std::string_view bytes) { text += bytes; });
  std::vector<std::string> lines;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
    lines.push_back(text.substr(0, end));
  }
  change(lines);
  for (const std::string& line : lines) text += line + "\n";
  piece = compress(text, Compression::zstd, 1);
  return forger.build();
}

std::string with_toc_field(std::size_t line, const std::string& key, const nlohmann::json& value) {
  return with_toc_line([&](std::vector<std::string>& lines) {
    nlohmann::json document = nlohmann::json::parse(lines[line]);
    document[key] = value;
    lines[line] = document.dump();
  });
}

}  // namespace

TEST_CASE("the forger's untouched archive is good") {
  const std::string archive = Forger(three_tables()).build();
  REQUIRE(verify(archive).rows == 18);
  verify_as_file(archive);
  REQUIRE(verify(with_toc_line([](std::vector<std::string>&) {})).rows == 18);
}

TEST_CASE("members out of place are found") {
  const std::size_t count = Forger(three_tables()).members.size();
  for (std::size_t i = 0; i < count; ++i) {
    DYNAMIC_SECTION("member " << i << " twice, missing, or after the next") {
      Forger twice(three_tables());
      const std::string name = twice.members[i].name;
      twice.members.insert(twice.members.begin() + static_cast<std::ptrdiff_t>(i),
                           twice.members[i]);
      REQUIRE(error_of([&] { verify(twice.build()); }).kind() == ErrorKind::damaged);
      Forger missing(three_tables());
      missing.members.erase(missing.members.begin() + static_cast<std::ptrdiff_t>(i));
      REQUIRE(error_of([&] { verify(missing.build()); }).kind() == ErrorKind::damaged);
      REQUIRE(error_of([&] { verify_as_file(missing.build()); }).kind() == ErrorKind::damaged);
      Forger later(three_tables());
      if (i + 1 < count) std::swap(later.members[i], later.members[i + 1]);
      // Members of different items may come in any order; here these are an end and a chunk.
      const bool harmless = later.members[i].name.starts_with("data/") && i + 1 < count &&
                            later.members[i + 1].name.ends_with("end.json") &&
                            later.members[i].name.find("/0.copy") != std::string::npos;
      if (i + 1 < count && !harmless) {
        REQUIRE(error_of([&] { verify(later.build()); }).kind() == ErrorKind::damaged);
      }
    }
  }
}

TEST_CASE("two chunks of one table, swapped under each other's name") {
  for (const bool fix : {true, false}) {
    Forger forger(three_tables());
    forger.fix_references = fix;
    std::swap(forger.member("data/1/0.copy.zst").content,
              forger.member("data/1/1.copy.zst").content);
    if (fix) {  // the same rows in another order: that is another archive, but no lie
      REQUIRE(verify(forger.build()).rows == 18);
    } else {
      require_refused(forger.build(), "data/1/end.json", {Way::stream});
    }
  }
}

TEST_CASE("a chunk replaced by another one of the same number of rows") {
  Forger forger(three_tables());
  forger.member("data/1/0.copy.zst").content = forger.member("data/1/1.copy.zst").content;
  require_refused(forger.build(), "data/1/end.json");
}

TEST_CASE("a member of another name is refused") {
  for (const std::string name :
       {"data/1/00.copy.zst", "data/1/0.copy.gz", "data/1/2.copy.zst", "data/4/0.copy.zst",
        "data/0/0.copy.zst", "../evil", "/etc/passwd", "data/1/0.copy.zst ", "readme",
        "toc/1.jsonl.zst", "data/-1/0.copy", "data/99999999999999999999/0.copy"}) {
    Forger forger(three_tables());
    forger.member("data/1/0.copy.zst").name = name;
    require_refused(forger.build(), name, {Way::stream});
  }
}

TEST_CASE("ends that count what is not there") {
  const std::string end = "data/2/end.json";
  require_lie_found(end, [](auto& json) { json["stored"]["rows"] = 7; });
  require_lie_found(end, [](auto& json) { json["stored"]["sum"] = std::string(32, '0'); });
  require_lie_found(end, [](auto& json) { json["item"] = 1; });
  require_lie_found(end, [](auto& json) { json["algorithm"] = "crc32"; });
  require_lie_found(end,
                    [](auto& json) { json["full"] = json["stored"], json["full"]["rows"] = 1; });
  require_lie_found(end, [](auto& json) { json["bytes"] = -1; });
  require_lie_found(end, [](auto& json) { json["bytes"] = 1e3; });
  require_lie_found(end, [](auto& json) { json["bytes"] = UINT64_MAX; });
  require_lie_found(end, [](auto& json) { json.erase("stored"); });

  Forger forger(three_tables());  // also where the manifest agrees with the lie
  forger.edit(end, [](auto& json) { json["stored"]["rows"] = 7; });
  forger.edit(kManifestName, [](auto& json) { json["rows"] = 19; });
  require_refused(forger.build(), end);
  forger.edit(end, [](auto& json) { json["stored"]["rows"] = 6, json["bytes"] = 1; });
  require_refused(forger.build(), end, {Way::stream});
}

TEST_CASE("manifests that do not agree") {
  require_lie_found(kManifestName, [](auto& json) { json["rows"] = 17; });
  require_lie_found(kManifestName, [](auto& json) { json["bytes"] = 17; });
  require_lie_found(kManifestName, [](auto& json) { json["archive_id"] = std::string(32, 'a'); });
  require_lie_found(kManifestName, [](auto& json) { json["fingerprint"] = "x"; });
  require_lie_found(kManifestName, [](auto& json) { json["ledger"]["pg_class"] = 1; });
  require_lie_found(kManifestName, [](auto& json) { json["revisions"]["v"] = {1}; });
  require_lie_found(kManifestName, [](auto& json) { json.erase("left_out"); });
  for (const char* key : {"toc", "ends", "header"}) {
    Forger forger(three_tables());
    forger.build();  // fills in the references
    forger.fix_references = false;
    forger.edit(kManifestName, [&](auto& json) {
      auto& ref = json[key][0].is_array() ? json[key][0] : json[key];
      ref[2] = std::string(64, '0');
    });
    require_refused(forger.build(), "");
    forger.edit(kManifestName, [&](auto& json) {
      auto& ref = json[key][0].is_array() ? json[key][0] : json[key];
      ref[0] = ref[0].template get<int>() + 512;
    });
    require_refused(forger.build(), "");
  }
}

TEST_CASE("bytes hidden between the members are found") {
  Forger forger(three_tables());
  forger.members.insert(forger.members.begin() + 2, {"data/1/9.copy", "hidden"});
  require_refused(forger.build(), "data/1/9.copy", {Way::stream});
}

TEST_CASE("more open tables than announced") {
  Forger forger(three_tables());
  const std::string first_end = "data/1/end.json", second_chunk = "data/2/0.copy.gz";
  std::swap(forger.member(first_end), forger.member(second_chunk));
  REQUIRE(verify(forger.build()).rows == 18);  // two are announced
  forger.edit(kHeaderName, [](auto& json) { json["open_tables"] = 1; });
  const Error error = error_of([&] { verify(forger.build()); });
  REQUIRE(error.kind() == ErrorKind::damaged);
  REQUIRE(error.object() == second_chunk);
  verify_as_file(forger.build());  // who does not read in order has no table open
}

TEST_CASE("tables of contents that make no sense") {
  // Lines: 0 database, 1 role, 2-4 entries, 5-7 items, 8 end.
  const std::string toc = "toc/0.jsonl.zst";
  const auto refused = [&](const std::string& archive) { require_refused(archive, toc); };
  const auto swapped = [](std::size_t a, std::size_t b) {
    return with_toc_line([&](auto& lines) { std::swap(lines[a], lines[b]); });
  };
  for (std::size_t line = 0; line <= 8; ++line) {
    const std::string shorter =
        with_toc_line([&](auto& lines) { lines.erase(lines.begin() + static_cast<int>(line)); });
    require_refused(shorter, line < 8 ? toc : "data/1/0.copy.zst", {Way::stream});
    refused(with_toc_line(
        [&](auto& lines) { lines.insert(lines.begin() + static_cast<int>(line), lines[line]); }));
    refused(with_toc_line([&](auto& lines) { lines[line] = "{}"; }));
    refused(with_toc_line([&](auto& lines) { lines[line] = "null"; }));
    refused(with_toc_line([&](auto& lines) { lines[line].pop_back(); }));
    refused(with_toc_line([&](auto& lines) { lines[line].clear(); }));
    refused(with_toc_field(line, "type", "surprise"));
    if (line == 0) {
      refused(with_toc_field(line, "roles", "x"));
      refused(with_toc_field(line, "roles", {{{"name", "x"}}}));
    }
    refused(with_toc_line([&](auto& lines) {
      lines[line].insert(1, "\"x\":" + std::string(17, '[') + std::string(17, ']') + ",");
    }));
    refused(with_toc_line([&](auto& lines) { lines[line].insert(1, "\"x\":\"\xff\","); }));
    // Which of the two is meant, readers would not agree on; nor further in.
    refused(with_toc_line([&](auto& lines) { lines[line].insert(1, "\"type\":\"entry\","); }));
    refused(
        with_toc_line([&](auto& lines) { lines[line].insert(1, R"("x":[{"y":1,"\u0079":1}],)"); }));
  }
  refused(swapped(0, 1));
  refused(swapped(2, 3));
  refused(swapped(5, 6));
  refused(swapped(4, 7));
  refused(swapped(7, 8));
  refused(with_toc_field(3, "depends_on", {3}));
  refused(with_toc_field(2, "depends_on", {0}));
  refused(with_toc_field(2, "acl_run_as", {"grantor of nothing"}));
  refused(with_toc_field(2, "number", -1));
  refused(with_toc_field(2, "number", 4294967297));
  refused(with_toc_field(2, "section", "mid-data"));
  refused(with_toc_field(2, "create", "not a list"));
  refused(with_toc_field(2, "name", std::string("nul\0byte", 8)));
  refused(with_toc_field(5, "entry", 0));
  refused(with_toc_field(5, "entry", 9));
  refused(with_toc_field(6, "kind", "sequence_states"));
  refused(with_toc_field(5, "compression", "lz4"));
  refused(with_toc_field(5, "load_root", {"only one"}));
  refused(with_toc_field(8, "items", 4));
}

TEST_CASE("unknown keys are for newer minor versions") {
  Forger forger(with_toc_field(3, "from_the_future", {{"a", 1}}));
  for (const std::string_view name :
       {kHeaderName, std::string_view("data/1/end.json"), kManifestName}) {
    forger.edit(name, [](auto& json) { json["from_the_future"] = true; });
  }
  forger.edit(kHeaderName, [](auto& json) { json["minor"] = 99; });
  REQUIRE(verify(forger.build()).rows == 18);
  verify_as_file(forger.build());
}

TEST_CASE("a newer format or an unknown feature is unusable, not damaged") {
  for (const auto& change :
       {std::function<void(nlohmann::json&)>([](auto& json) { json["major"] = 1; }),
        std::function<void(nlohmann::json&)>(
            [](auto& json) { json["features"] = {"time-travel"}; }),
        // Of another major only three keys can be relied on.
        std::function<void(nlohmann::json&)>([](auto& json) {
          json = {{"format", "belay archive"}, {"major", 7}, {"features", {}}};
        })}) {
    Forger forger(three_tables());
    forger.edit(kHeaderName, change);
    const std::string archive = forger.build();
    for (const auto& read : {std::function<void()>([&] { verify(archive); }),
                             std::function<void()>([&] { verify_as_file(archive); })}) {
      const Error error = error_of(read);
      REQUIRE(error.kind() == ErrorKind::unusable_backup);
      REQUIRE_FALSE(error.next().empty());
    }
  }
}

TEST_CASE("sizes that a tar header claims are not believed") {
  const std::string archive = three_tables();
  const Forger forger(archive);
  std::size_t offset = 0;
  for (const Forger::Member& member : forger.members) {
    for (const std::uint64_t size : {std::uint64_t{1} << 20, (std::uint64_t{1} << 33) - 1}) {
      std::string bad = archive;
      const std::array<char, kBlock> header = canonical_header(member.name, size);
      bad.replace(offset, kBlock, header.data(), kBlock);
      require_refused(bad, member.name, {Way::stream});
    }
    offset += kBlock + member.content.size() + padding(member.content.size());
  }
}

TEST_CASE("pieces that expand without end are stopped") {
  Forger forger(three_tables());
  forger.member("toc/0.jsonl.zst").content =
      compress(std::string(70u << 20, ' '), Compression::zstd, 1);
  require_refused(forger.build(), "toc/0.jsonl.zst");
  forger.member("toc/0.jsonl.zst").content =  // several lines, more than 1 MB
      compress(std::string(2u << 20, '\n'), Compression::zstd, 1);
  require_refused(forger.build(), "toc/0.jsonl.zst");
}
