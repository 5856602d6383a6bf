#include "libcore/base/error.h"
#include "libdump/table_copy.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::dump;

namespace {

std::string text(std::string_view row, int generated) {
  std::string buffer;
  return std::string(strip_generated(row, false, generated, buffer));
}

std::string binary(std::string_view row, int generated) {
  std::string buffer;
  return std::string(strip_generated(row, true, generated, buffer));
}

// A binary row of fields; "-" stands for NULL.
std::string row_of(const std::vector<std::string>& fields) {
  std::string row{'\0', static_cast<char>(fields.size())};
  for (const std::string& field : fields) {
    if (field == "-") {
      row += std::string(4, '\xFF');
    } else {
      row += std::string(3, '\0') + static_cast<char>(field.size()) + field;
    }
  }
  return row;
}

}  // namespace

TEST_CASE("generated columns are cut off the end of a text row") {
  CHECK(text("1\ttwo\t3\n", 1) == "1\ttwo\n");
  CHECK(text("1\ttwo\t3\n", 2) == "1\n");
  CHECK(text("1\t\\N\t\\N\n", 1) == "1\t\\N\n");
  CHECK(text("a\\tb\tc\n", 1) == "a\\tb\n");
  CHECK(text("\t\n", 1) == "\n");
}

TEST_CASE("a row of nothing but generated columns is stored as an empty one") {
  CHECK(text("7\n", 1) == "\n");
  CHECK(text("7\t8\n", 2) == "\n");
  CHECK(text("\t\n", 2) == "\n");
  CHECK(binary(row_of({"7"}), 1) == row_of({}));
}

TEST_CASE("generated columns are cut off the end of a binary row") {
  CHECK(binary(row_of({"1", "two", "3"}), 1) == row_of({"1", "two"}));
  CHECK(binary(row_of({"1", "-", "3"}), 1) == row_of({"1", "-"}));
  CHECK(binary(row_of({"1", "two", "-"}), 2) == row_of({"1"}));
}

TEST_CASE("a row that is no row is an internal error") {
  std::string buffer;
  CHECK_THROWS_AS(strip_generated("1\t2", false, 1, buffer), Error);
  CHECK_THROWS_AS(strip_generated("1\n", false, 2, buffer), Error);
  CHECK_THROWS_AS(strip_generated("", true, 1, buffer), Error);
  CHECK_THROWS_AS(strip_generated(std::string_view("\0\x02\0\0\0\x09x", 7), true, 1, buffer),
                  Error);
}
