#include "libcore/base/error.h"
#include "libdump/table_copy.h"

namespace belay::dump {
namespace {

[[noreturn]] void throw_malformed() {
  throw Error(ErrorKind::internal, "a row of COPY has not the expected fields");
}

// Big-endian, as all of COPY's binary format.
std::uint32_t read_number(std::string_view bytes, std::size_t at, std::size_t width) {
  if (at + width > bytes.size()) throw_malformed();
  std::uint32_t value = 0;
  for (std::size_t index = 0; index < width; ++index) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + index]);
  }
  return value;
}

// Tabs inside of fields are escaped, so that every tab is a border.
void strip_text(std::string_view row, int generated, std::string& buffer) {
  if (row.empty() || row.back() != '\n') throw_malformed();
  std::size_t end = row.size() - 1;
  for (int left = generated; left > 0; --left) {
    const std::size_t tab = row.substr(0, end).rfind('\t');
    // Before the first field there is no tab: then all fields must be generated ones.
    if (tab == std::string_view::npos && left > 1) throw_malformed();
    end = tab == std::string_view::npos ? 0 : tab;
  }
  buffer.assign(row.substr(0, end));
  buffer += '\n';
}

void strip_binary(std::string_view row, int generated, std::string& buffer) {
  constexpr std::uint32_t kNull = 0xFFFFFFFF;
  const std::uint32_t fields = read_number(row, 0, 2);
  if (fields < static_cast<std::uint32_t>(generated)) throw_malformed();
  const std::uint32_t stored = fields - static_cast<std::uint32_t>(generated);
  std::size_t at = 2;
  for (std::uint32_t index = 0; index < stored; ++index) {
    const std::uint32_t length = read_number(row, at, 4);
    at += 4;
    if (length != kNull) at += length;
  }
  if (at > row.size()) throw_malformed();
  buffer.assign(row.substr(0, at));
  buffer[0] = static_cast<char>(stored >> 8);
  buffer[1] = static_cast<char>(stored & 0xFF);
}

}  // namespace

std::string_view strip_generated(std::string_view row, bool binary, int generated,
                                 std::string& buffer) {
  if (binary) {
    strip_binary(row, generated, buffer);
  } else {
    strip_text(row, generated, buffer);
  }
  return buffer;
}

}  // namespace belay::dump
