// Chunks: rows in, compressed bytes out, the same rows back; and nothing but a whole chunk.
#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

std::string decode(std::string_view chunk, Compression compression) {
  std::string all;
  decode_chunk(chunk, compression, [&](std::string_view piece) {
    REQUIRE(piece.size() <= 256u << 10);
    all += piece;
  });
  return all;
}

std::vector<std::string> rows_of(CopyFormat format, std::string_view stream, std::size_t step) {
  std::vector<std::string> rows;
  RowScanner scanner(format, [&](std::string_view row) { rows.emplace_back(row); });
  for (; !stream.empty(); stream.remove_prefix(std::min(step, stream.size()))) {
    scanner.feed(stream.substr(0, step));
  }
  scanner.finish();
  return rows;
}

std::string binary_stream(std::string_view rows) {
  return std::string(kSignature).append(rows).append("\377\377");
}

void require_damaged_rows(CopyFormat format, std::string_view stream) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
    REQUIRE(error_of([&] { rows_of(format, stream, step); }).kind() == ErrorKind::damaged);
  }
}

}  // namespace

TEST_CASE("rows survive every format, compression and level") {
  for (const CopyFormat format : {CopyFormat::text, CopyFormat::binary}) {
    for (const auto& [compression, levels] :
         std::vector<std::pair<Compression, std::vector<int>>>{{Compression::zstd, {-5, 1, 19}},
                                                               {Compression::gzip, {1, 9}},
                                                               {Compression::none, {0}}}) {
      for (const int level : levels) {
        ChunkEncoder encoder(format, compression, level);
        for (const int count : {0, 1, 20'000}) {  // 0: also an empty chunk is complete
          std::vector<std::string> expected;
          for (int n = 0; n < count; ++n) {
            expected.push_back(sample_row(format, n));
            encoder.add_row(expected.back());
          }
          REQUIRE(encoder.rows() == static_cast<std::uint64_t>(count));
          const std::uint64_t bytes = encoder.bytes();
          const std::string stream = decode(encoder.finish(), compression);
          REQUIRE(stream.size() == bytes);
          REQUIRE(rows_of(format, stream, 100'000) == expected);
        }
      }
    }
  }
}

TEST_CASE("a row may be larger than every buffer") {
  for (const CopyFormat format : {CopyFormat::text, CopyFormat::binary}) {
    const std::string field(3'000'000, 'x');
    const std::string row = format == CopyFormat::text ? field + "\n" : binary_row(field);
    ChunkEncoder encoder(format, Compression::zstd, 1);
    for (int i = 0; i < 3; ++i) encoder.add_row(row);
    REQUIRE(encoder.full());
    const std::string stream = decode(encoder.finish(), Compression::zstd);
    REQUIRE(rows_of(format, stream, 256u << 10) == std::vector<std::string>(3, row));
    REQUIRE_FALSE(encoder.full());
  }
}

TEST_CASE("rows are found whatever the pieces") {
  const std::string text = "1\ta\n\n\\.x\n2\tb\\n\n";
  const std::vector<std::string> text_rows = {"1\ta\n", "\n", "\\.x\n", "2\tb\\n\n"};
  const std::string null_field("\0\2\377\377\377\377\0\0\0\0", 10);
  const std::string no_field("\0\0", 2);
  const std::string binary = binary_stream(binary_row("a\n") + null_field + no_field);
  const std::vector<std::string> binary_rows = {binary_row("a\n"), null_field, no_field};
  for (std::size_t step = 1; step <= binary.size(); ++step) {
    REQUIRE(rows_of(CopyFormat::text, text, step) == text_rows);
    REQUIRE(rows_of(CopyFormat::binary, binary, step) == binary_rows);
  }
}

TEST_CASE("streams that are not whole are damaged") {
  require_damaged_rows(CopyFormat::text, "1\ta\n2");
  const std::string good = binary_stream(binary_row("abc"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    require_damaged_rows(CopyFormat::binary, std::string_view(good).substr(0, size));
  }
  require_damaged_rows(CopyFormat::binary, good + "x");
  require_damaged_rows(CopyFormat::binary, good + good);
  for (std::size_t at = 0; at < kSignature.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    require_damaged_rows(CopyFormat::binary, bad);
  }
  // 1665 fields; a field of length -2; a row that claims more than 1 GB.
  require_damaged_rows(CopyFormat::binary, binary_stream("\6\201"));
  require_damaged_rows(CopyFormat::binary, binary_stream(std::string("\0\1\377\377\377\376", 6)));
  require_damaged_rows(CopyFormat::binary, binary_stream(std::string("\0\1\177\0\0\0", 6)));
}

TEST_CASE("a chunk is one whole frame and nothing else") {
  for (const Compression compression : {Compression::zstd, Compression::gzip}) {
    ChunkEncoder encoder(CopyFormat::text, compression, 1);
    for (int n = 0; n < 2000; ++n) encoder.add_row(sample_row(CopyFormat::text, n));
    const std::string chunk = encoder.finish();
    const auto kind_of = [&](std::string_view bytes) {
      return error_of([&] { decode(bytes, compression); }).kind();
    };
    for (std::size_t size = 0; size < chunk.size(); ++size) {
      REQUIRE(kind_of(std::string_view(chunk).substr(0, size)) == ErrorKind::damaged);
    }
    REQUIRE(kind_of(chunk + "x") == ErrorKind::damaged);
    REQUIRE(kind_of(chunk + chunk) == ErrorKind::damaged);
    REQUIRE(decode(chunk, compression).size() > 0);  // the reused context is in order again
  }
  const std::string skippable("\x50\x2a\x4d\x18\0\0\0\0", 8);
  REQUIRE(error_of([&] { decode(skippable, Compression::zstd); }).kind() == ErrorKind::damaged);
}

TEST_CASE("windows above 8 MB are refused") {
  // A frame header alone: magic, descriptor without single segment, window of 16 MB.
  const std::string frame("\x28\xb5\x2f\xfd\0\x70\1\0\0", 9);
  const Error error = error_of([&] { decode(frame, Compression::zstd); });
  REQUIRE(error.kind() == ErrorKind::damaged);
  REQUIRE(error.cause().find("memory") != std::string::npos);
}

TEST_CASE("a bomb is stopped at the limit of a chunk") {
  // One frame of 1.2 GB of zeros in some 40 kB.
  ChunkEncoder encoder(CopyFormat::text, Compression::zstd, 1);
  const std::string row(8u << 20, '\0');
  for (int i = 0; i < 150; ++i) encoder.add_row(row);
  const std::string bomb = encoder.finish();
  REQUIRE(bomb.size() < 200'000);
  std::uint64_t seen = 0;
  const Error error = error_of([&] {
    decode_chunk(bomb, Compression::zstd, [&](std::string_view piece) { seen += piece.size(); });
  });
  REQUIRE(error.kind() == ErrorKind::damaged);
  REQUIRE(seen <= kMaxChunkBytes);
}

TEST_CASE("levels that do not exist are refused") {
  const auto kind_of = [](Compression compression, int level) {
    return error_of([&] { ChunkEncoder(CopyFormat::text, compression, level); }).kind();
  };
  REQUIRE(kind_of(Compression::zstd, 20) == ErrorKind::usage);
  REQUIRE(kind_of(Compression::gzip, 0) == ErrorKind::usage);
  REQUIRE(kind_of(Compression::gzip, 10) == ErrorKind::usage);
}
