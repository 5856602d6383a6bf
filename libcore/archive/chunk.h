// One chunk: COPY rows in, one compressed piece out; and back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "libcore/archive/format.h"

namespace belay::archive {

// A chunk is closed at the first row boundary after this many decompressed bytes.
inline constexpr std::uint64_t kChunkBytes = 8u << 20;
// No COPY row is larger: PostgreSQL builds it in a buffer of at most 1 GB.
inline constexpr std::uint64_t kMaxRowBytes = 1u << 30;

// Compresses one complete COPY stream. For the binary format the encoder writes header and trailer
// itself: callers give bare rows. Reusable after finish(). Not thread-safe.
class ChunkEncoder {
 public:
  // level: zstd 1..19 or negative fast levels, gzip 1..9; ignored for none.
  ChunkEncoder(CopyFormat format, Compression compression, int level);
  ~ChunkEncoder();
  ChunkEncoder(ChunkEncoder&&) noexcept;
  ChunkEncoder& operator=(ChunkEncoder&&) noexcept;

  void add_row(std::string_view row);
  std::uint64_t rows() const;
  // Decompressed, if it were finished now: with the header and trailer of the binary format.
  std::uint64_t bytes() const;
  bool full() const { return bytes() >= kChunkBytes; }
  // The whole chunk; the encoder starts anew, so ask rows() and bytes() before. Complete also with
  // no row.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Decompresses `chunk`, giving pieces of at most 256 kB. Throws Error{damaged} on any defect,
// including bytes after the end of the frame and windows above 2^23.
void decode_chunk(std::string_view chunk, Compression compression,
                  const std::function<void(std::string_view)>& piece);

// Finds the rows in a COPY stream that comes in arbitrary pieces. Text rows keep their newline;
// binary rows come without the stream's header and trailer. Not thread-safe.
class RowScanner {
 public:
  RowScanner(CopyFormat format, std::function<void(std::string_view row)> on_row);
  void feed(std::string_view piece);
  // Throws Error{damaged} if the stream is not complete here.
  void finish();

 private:
  void feed_text(std::string_view piece);
  void feed_binary(std::string_view piece);

  CopyFormat format_;
  std::function<void(std::string_view)> on_row_;
  std::string pending_;
  bool header_seen_ = false;
  bool trailer_seen_ = false;
};

}  // namespace belay::archive
