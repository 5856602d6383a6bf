// Streams in and out of zstd frames, gzip members, or as they are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libcore/archive/format.h"

namespace belay::archive {

// Appends compressed bytes to a string. Reusable after finish(). Not thread-safe.
class Compressor {
 public:
  virtual ~Compressor() = default;
  virtual void write(std::string_view bytes, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

// Throws Error{usage} if the compression has no such level.
std::unique_ptr<Compressor> make_compressor(Compression compression, int level);

// One zstd frame or gzip member; the reverse is decode_chunk() of chunk.h.
std::string compress(std::string_view bytes, Compression compression, int level);

}  // namespace belay::archive
