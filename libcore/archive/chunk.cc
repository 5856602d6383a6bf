#include "libcore/archive/chunk.h"

#include <utility>

#include "libcore/archive/binary_copy.h"
#include "libcore/archive/compression.h"

namespace belay::archive {
namespace {
// Rows are small and a call into the compressor is not free: they go there in batches.
constexpr std::size_t kBatchBytes = 128u << 10;
}  // namespace

struct ChunkEncoder::State {
  State(CopyFormat copy_format, Compression compression, int level)
      : format(copy_format), compressor(make_compressor(compression, level)) {
    batch.reserve(kBatchBytes);
    begin();
  }

  void begin() {
    rows = 0;
    bytes = 0;
    if (format == CopyFormat::binary) {
      batch = kBinaryHeader;
      bytes = kBinaryHeader.size() + kBinaryTrailer.size();
    }
  }

  void flush() {
    if (!batch.empty()) compressor->write(batch, chunk);
    batch.clear();
  }

  CopyFormat format;
  std::unique_ptr<Compressor> compressor;
  std::string batch, chunk;
  std::uint64_t rows = 0, bytes = 0;
};

ChunkEncoder::ChunkEncoder(CopyFormat format, Compression compression, int level)
    : state_(std::make_unique<State>(format, compression, level)) {}
ChunkEncoder::~ChunkEncoder() = default;
ChunkEncoder::ChunkEncoder(ChunkEncoder&&) noexcept = default;
ChunkEncoder& ChunkEncoder::operator=(ChunkEncoder&&) noexcept = default;

void ChunkEncoder::add_row(std::string_view row) {
  ++state_->rows;
  state_->bytes += row.size();
  if (state_->batch.size() + row.size() > kBatchBytes) state_->flush();
  if (row.size() > kBatchBytes) {
    state_->compressor->write(row, state_->chunk);
  } else {
    state_->batch += row;
  }
}

std::uint64_t ChunkEncoder::rows() const { return state_->rows; }
std::uint64_t ChunkEncoder::bytes() const { return state_->bytes; }

std::string ChunkEncoder::finish() {
  if (state_->format == CopyFormat::binary) state_->batch += kBinaryTrailer;
  state_->flush();
  state_->compressor->finish(state_->chunk);
  state_->begin();
  return std::exchange(state_->chunk, {});
}

}  // namespace belay::archive
