// What -Z says.
#pragma once

#include <string_view>

#include "libcore/archive/format.h"

namespace belay::tools {

struct CompressionChoice {
  archive::Compression method = archive::Compression::zstd;
  int level = 1;
};

// "zstd", "zstd:3", "gzip", "gzip:9", "none". Throws Error{usage}.
CompressionChoice parse_compression(std::string_view text);

}  // namespace belay::tools
