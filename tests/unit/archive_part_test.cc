// One item out of a file reads its own members, and what says where they are.
#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

class CountingFile : public RandomAccessFile {
 public:
  explicit CountingFile(std::string_view content) : file_(content) {}
  std::uint64_t size() const override { return file_.size(); }
  std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const override {
    const std::size_t count = file_.read_at(offset, buffer, length);
    bytes += count;
    return count;
  }

  mutable std::uint64_t bytes = 0;

 private:
  StringFile file_;
};

}  // namespace

TEST_CASE("a part of a file is read without the rest of it") {
  constexpr int kChunks = 40, kRows = 2000;
  const std::string archive = sample_archive({{CopyFormat::text, Compression::none},
                                              {CopyFormat::text, Compression::none},
                                              {CopyFormat::text, Compression::none}},
                                             kChunks, kRows);
  const CountingFile file(archive);
  const ArchiveFile opened(file);
  const std::uint64_t to_open = file.bytes;
  CHECK(to_open < archive.size() / 50);

  PartReader part(opened, file.size(), {false, true, false});
  ContentDigest digest;
  std::uint64_t own = 0;
  int chunks = 0, ends = 0;
  while (auto event = part.next()) {
    if (const auto* end = std::get_if<DataEnd>(&*event)) {
      CHECK(end->number == 2);
      CHECK(end->stored == digest);
      ++ends;
      continue;
    }
    const auto& chunk = std::get<Reader::Chunk>(*event);
    CHECK(chunk.number == 2);
    CHECK(chunk.index == chunks++);
    own += chunk.ref.size;
    std::uint64_t count = 0;
    digest += digest_chunk(chunk.bytes, opened.contents().items[1], nullptr, &count);
  }
  CHECK(chunks == kChunks);
  CHECK(ends == 1);
  CHECK(digest.rows == static_cast<std::uint64_t>(kChunks * kRows));
  // Each member has a header and padding of its own: 1 kB at most.
  const std::uint64_t for_rows = file.bytes - to_open;
  CHECK(for_rows >= own);
  CHECK(for_rows <= own + kChunks * 2 * kBlock);
  CHECK(for_rows < archive.size() / 2);

  PartReader nothing(opened, file.size(), {false, false, false});
  CHECK_FALSE(nothing.next());
}
