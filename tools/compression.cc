#include "tools/compression.h"

#include <array>

#include "libcore/base/error.h"
#include "tools/units.h"

namespace belay::tools {

CompressionChoice parse_compression(std::string_view text) {
  struct Method {
    std::string_view name;
    archive::Compression method;
    int usual, most;
  };
  static constexpr std::array kMethods = {Method{"zstd", archive::Compression::zstd, 1, 19},
                                          Method{"gzip", archive::Compression::gzip, 6, 9},
                                          Method{"none", archive::Compression::none, 0, 0}};
  const std::string_view name = text.substr(0, text.find(':'));
  const bool has_level = name.size() != text.size();
  for (const Method& method : kMethods) {
    if (method.name != name) continue;
    if (!has_level) return {method.method, method.usual};
    const std::optional<std::uint64_t> level = parse_count(text.substr(name.size() + 1));
    if (!level || *level < 1 || *level > static_cast<std::uint64_t>(method.most)) break;
    return {method.method, static_cast<int>(*level)};
  }
  throw Error(ErrorKind::usage, "wrong value for --compress")
      .object(text)
      .cause("zstd:1 to zstd:19, gzip:1 to gzip:9 or none is expected");
}

}  // namespace belay::tools
