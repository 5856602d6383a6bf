#include "libcore/archive/compression.h"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include "libcore/archive/chunk.h"
#include "libcore/archive/damage.h"
#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

constexpr int kWindowLogMax = 23;
constexpr std::size_t kPieceBytes = 256u << 10;
constexpr int kGzip = 15 + 16;  // zlib's way to ask for a 32 kB window and the gzip wrapper

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void require_level(int level, int lowest, int highest, std::string_view name) {
  if (level >= lowest && level <= highest) return;
  throw Error(ErrorKind::usage, fmt::format("{} has no compression level {}", name, level))
      .next(fmt::format("give a level from {} to {}", lowest, highest));
}

std::size_t require_zstd(std::size_t result) {
  if (!ZSTD_isError(result)) return result;
  throw Error(ErrorKind::internal, "zstd failed").cause(ZSTD_getErrorName(result));
}

class ZstdCompressor : public Compressor {
 public:
  explicit ZstdCompressor(int level) : context_(ZSTD_createCCtx()) {
    require_level(level, ZSTD_minCLevel(), 19, "zstd");
    if (context_ == nullptr) throw std::bad_alloc();
    require_zstd(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level));
    require_zstd(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
  }

  void write(std::string_view bytes, std::string& out) override {
    run(bytes, ZSTD_e_continue, out);
  }
  void finish(std::string& out) override { run({}, ZSTD_e_end, out); }

 private:
  void run(std::string_view bytes, ZSTD_EndDirective directive, std::string& out) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (std::size_t left = 1; left != 0 || input.pos < input.size;) {
      ZSTD_outBuffer output{buffer_.data(), buffer_.size(), 0};
      left = require_zstd(ZSTD_compressStream2(context_.get(), &output, &input, directive));
      out.append(buffer_.data(), output.pos);
      if (directive == ZSTD_e_continue && input.pos == input.size) break;
    }
  }

  std::unique_ptr<ZSTD_CCtx, FreeZstd> context_;
  std::array<char, 64u << 10> buffer_{};
};

class GzipCompressor : public Compressor {
 public:
  explicit GzipCompressor(int level) {
    require_level(level, 1, 9, "gzip");
    if (deflateInit2(&stream_, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  void write(std::string_view bytes, std::string& out) override { run(bytes, Z_NO_FLUSH, out); }
  void finish(std::string& out) override {
    run({}, Z_FINISH, out);
    if (deflateReset(&stream_) != Z_OK) throw Error(ErrorKind::internal, "zlib failed");
  }

 private:
  void run(std::string_view bytes, int flush, std::string& out) {
    stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());  // a row has at most 1 GB
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      if (deflate(&stream_, flush) == Z_STREAM_ERROR) {
        throw Error(ErrorKind::internal, "zlib failed");
      }
      out.append(reinterpret_cast<const char*>(buffer_.data()), buffer_.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  std::array<Bytef, 64u << 10> buffer_{};
};

class NoCompressor : public Compressor {
 public:
  void write(std::string_view bytes, std::string& out) override { out += bytes; }
  void finish(std::string&) override {}
};

using Piece = std::function<void(std::string_view)>;

// Gives `bytes` on and keeps the sum below the limit of a chunk.
class BoundedPieces {
 public:
  explicit BoundedPieces(const Piece& piece) : piece_(piece) {}

  void give(std::string_view bytes) {
    total_ += bytes.size();
    if (total_ > kMaxChunkBytes) throw_damaged("it expands beyond the limit of a chunk");
    if (!bytes.empty()) piece_(bytes);
  }

 private:
  const Piece& piece_;
  std::uint64_t total_ = 0;
};

void decode_zstd(std::string_view chunk, BoundedPieces& pieces) {
  // One context and one buffer for each thread: both are costly to make for each small chunk.
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeZstd> context(ZSTD_createDCtx());
  thread_local std::string buffer(kPieceBytes, '\0');
  if (context == nullptr) throw std::bad_alloc();
  constexpr unsigned kMagic = ZSTD_MAGICNUMBER;  // little endian on disk; no skippable frames
  constexpr std::array<char, 4> kFrame = {
      static_cast<char>(kMagic & 0xff), static_cast<char>(kMagic >> 8 & 0xff),
      static_cast<char>(kMagic >> 16 & 0xff), static_cast<char>(kMagic >> 24)};
  if (!chunk.starts_with(std::string_view(kFrame.data(), kFrame.size()))) {
    throw_damaged("it is not a zstd frame");
  }
  require_zstd(ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only));
  require_zstd(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLogMax));
  ZSTD_inBuffer input{chunk.data(), chunk.size(), 0};
  for (std::size_t left = 1; left != 0;) {
    ZSTD_outBuffer output{buffer.data(), buffer.size(), 0};
    left = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(left)) throw_damaged(fmt::format("zstd: {}", ZSTD_getErrorName(left)));
    pieces.give({buffer.data(), output.pos});
    if (left != 0 && input.pos == input.size && output.pos < output.size) {
      throw_damaged("the zstd frame is cut off");
    }
  }
  if (input.pos < input.size) throw_damaged("there are bytes after the zstd frame");
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream, kGzip) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

void decode_gzip(std::string_view chunk, BoundedPieces& pieces) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  std::string buffer(kPieceBytes, '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(chunk.data());
  stream.avail_in = static_cast<uInt>(chunk.size());  // below max_compressed(kMaxChunkBytes)
  for (int result = Z_OK; result != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) throw_damaged("the gzip member is cut off");
    if (result != Z_OK && result != Z_STREAM_END) {
      throw_damaged(fmt::format("gzip: {}", stream.msg ? stream.msg : "broken"));
    }
    pieces.give({buffer.data(), buffer.size() - stream.avail_out});
  }
  if (stream.avail_in > 0) throw_damaged("there are bytes after the gzip member");
}

}  // namespace

std::unique_ptr<Compressor> make_compressor(Compression compression, int level) {
  switch (compression) {
    case Compression::zstd:
      return std::make_unique<ZstdCompressor>(level);
    case Compression::gzip:
      return std::make_unique<GzipCompressor>(level);
    case Compression::none:
      break;
  }
  return std::make_unique<NoCompressor>();
}

std::string compress(std::string_view bytes, Compression compression, int level) {
  const std::unique_ptr<Compressor> compressor = make_compressor(compression, level);
  std::string out;
  compressor->write(bytes, out);
  compressor->finish(out);
  return out;
}

void decode_chunk(std::string_view chunk, Compression compression, const Piece& piece) {
  if (chunk.size() > max_compressed(kMaxChunkBytes)) throw_damaged("it is larger than any chunk");
  BoundedPieces pieces(piece);
  switch (compression) {
    case Compression::zstd:
      return decode_zstd(chunk, pieces);
    case Compression::gzip:
      return decode_gzip(chunk, pieces);
    case Compression::none:
      break;
  }
  for (; !chunk.empty(); chunk.remove_prefix(std::min(chunk.size(), kPieceBytes))) {
    pieces.give(chunk.substr(0, kPieceBytes));
  }
}

}  // namespace belay::archive
