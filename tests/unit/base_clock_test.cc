#include "libcore/base/clock.h"
#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace belay;

TEST_CASE("points in time are written and read in one form") {
  for (const char* text : {"2026-11-23T09:31:53.123456Z", "1970-01-01T00:00:00.000000Z",
                           "1969-12-31T23:59:59.999999Z", "2024-02-29T23:59:59.000001Z"}) {
    CHECK(to_iso8601(from_iso8601(text)) == text);
  }
  CHECK(to_file_stamp(from_iso8601("2026-11-23T09:31:53.999999Z")) == "20261123T093153Z");
}

TEST_CASE("any other form is refused") {
  for (const char* text : {"", "2026-11-23", "2026-11-23T09:31:53Z", "2026-11-23 09:31:53.123456Z",
                           "2026-11-23T09:31:53.123456+00", "2023-02-29T00:00:00.000000Z",
                           "2026-13-01T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z",
                           "2026-01-01T00:60:00.000000Z", "2026-01-01T00:00:60.000000Z",
                           "2026-11-23T09:31:53.12345xZ", "2026-11-23T09:31:53.123456ZZ"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(from_iso8601(text), Error);
  }
}

TEST_CASE("the fake clock moves by sleeping, and jumps without the steady one") {
  testing::FakeClock clock;
  const Moment start = clock.now();
  const auto steady = clock.steady();
  clock.sleep(std::chrono::hours(2));
  CHECK(clock.now() - start == std::chrono::hours(2));
  clock.set("2020-01-01T00:00:00.000000Z");
  CHECK(clock.now() < start);
  CHECK(clock.steady() - steady == std::chrono::hours(2));
}
