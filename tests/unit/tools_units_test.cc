#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tools/compression.h"
#include "tools/units.h"

using namespace belay::tools;
using namespace std::chrono_literals;

TEST_CASE("durations") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("30s") == 30s);
  CHECK(parse_duration("15m") == 15min);
  CHECK(parse_duration("15min") == 15min);
  CHECK(parse_duration("26h") == 26h);
  CHECK(parse_duration("7d") == 168h);
  CHECK(parse_duration("0") == 0ms);
  for (const char* bad : {"", "5", "-1s", "1.5h", "s", "1 h", "1w", "99999999999999999999s",
                          "9223372036854775807d"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad).has_value());
  }
}

TEST_CASE("sizes and switches") {
  CHECK(parse_size("20GB") == 20ULL << 30);
  CHECK(parse_size("64kB") == 65536);
  CHECK(parse_size("123") == 123);
  CHECK_FALSE(parse_size("20gb").has_value());
  CHECK_FALSE(parse_size("99999999TB").has_value());
  CHECK(parse_switch("Yes") == true);
  CHECK(parse_switch("off") == false);
  CHECK_FALSE(parse_switch("maybe").has_value());
}

TEST_CASE("numbers for people") {
  CHECK(human_bytes(0) == "0 bytes");
  CHECK(human_bytes(1023) == "1023 bytes");
  CHECK(human_bytes(1536) == "1.5 kB");
  CHECK(human_bytes((1ULL << 20) - 1) == "1.0 MB");
  CHECK(human_count(1234567) == "1,234,567");
  CHECK(human_count(999) == "999");
  CHECK(counted(1, "row") == "1 row");
  CHECK(counted(1000, "row") == "1,000 rows");
  CHECK(human_seconds(0.44) == "0.4 s");
  CHECK(human_seconds(200) == "3 min 20 s");
  CHECK(human_age(3h) == "3 hours");
}

TEST_CASE("compression") {
  CHECK(parse_compression("zstd").level == 1);
  CHECK(parse_compression("zstd:19").level == 19);
  CHECK(parse_compression("gzip").method == belay::archive::Compression::gzip);
  CHECK(parse_compression("none").method == belay::archive::Compression::none);
  for (const char* bad : {"", "lz4", "zstd:0", "zstd:20", "gzip:10", "zstd:", "none:1", "3"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_compression(bad), belay::Error);
  }
}
