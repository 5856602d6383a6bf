// Generated columns are compared but not stored: the last fields of a row are taken off.
#include "libcore/base/error.h"
#include "libdump/table_copy.h"
#include "tests/support/catch.h"

using namespace belay;

namespace {

std::string strip(std::string_view row, bool binary, int generated) {
  std::string buffer = "what an earlier row left";
  return std::string(dump::strip_generated(row, binary, generated, buffer));
}

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes) & 0xFF);
  return text;
}

// A row of COPY's binary format; "NULL" is NULL.
std::string binary_row(const std::vector<std::string>& fields) {
  std::string row = big_endian(static_cast<std::uint32_t>(fields.size()), 2);
  for (const std::string& field : fields) {
    row += field == "NULL" ? big_endian(0xFFFFFFFF, 4)
                           : big_endian(static_cast<std::uint32_t>(field.size()), 4) + field;
  }
  return row;
}

}  // namespace

TEST_CASE("text fields are taken off from the right") {
  CHECK(strip("a\tb\tc\n", false, 1) == "a\tb\n");
  CHECK(strip("a\tb\tc\n", false, 2) == "a\n");
  CHECK(strip("tab\\there\t\\N\t9\n", false, 1) == "tab\\there\t\\N\n");
  CHECK(strip("\t\t\n", false, 1) == "\t\n");
  CHECK(strip("\t\n", false, 1) == "\n");
}

TEST_CASE("a text row of generated columns alone is an empty row") {
  CHECK(strip("9\n", false, 1) == "\n");
  CHECK(strip("9\t8\n", false, 2) == "\n");
  CHECK(strip("\n", false, 1) == "\n");
  CHECK(strip("\t\n", false, 2) == "\n");
}

TEST_CASE("binary fields are taken off and the count says so") {
  const std::vector<std::string> fields = {"one", "NULL", "", std::string("\0\t\n", 3)};
  CHECK(strip(binary_row(fields), true, 1) == binary_row({"one", "NULL", ""}));
  CHECK(strip(binary_row(fields), true, 3) == binary_row({"one"}));
  CHECK(strip(binary_row(fields), true, 4) == binary_row({}));
}

TEST_CASE("more than 255 binary fields keep a count of two bytes") {
  const std::vector<std::string> many(300, "x");
  CHECK(strip(binary_row(many), true, 1) == binary_row(std::vector<std::string>(299, "x")));
}

TEST_CASE("a row that cannot be what COPY promised is an error") {
  CHECK_THROWS_AS(strip("", false, 1), Error);
  CHECK_THROWS_AS(strip("a\tb", false, 1), Error);
  CHECK_THROWS_AS(strip("a\n", false, 2), Error);
  CHECK_THROWS_AS(strip("", true, 1), Error);
  CHECK_THROWS_AS(strip(binary_row({"one"}), true, 2), Error);
  const std::string row = binary_row({"one", "two"});
  for (std::size_t size = 0; size < 9; ++size) {
    CHECK_THROWS_AS(strip(row.substr(0, size), true, 1), Error);
  }
}
