#include <algorithm>
#include <cstdint>

#include "libcore/archive/binary_copy.h"
#include "libcore/archive/chunk.h"
#include "libcore/archive/damage.h"

namespace belay::archive {
namespace {

constexpr int kMaxFields = 1664;  // PostgreSQL's MaxTupleAttributeNumber
constexpr std::size_t kIncomplete = SIZE_MAX;

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// Length of the binary row that `bytes` begins with, kIncomplete if there is more to come.
// Requires: it is not the trailer.
std::size_t row_length(std::string_view bytes) {
  if (bytes.size() < 2) return kIncomplete;
  const std::uint32_t fields = big_endian(bytes, 0, 2);
  if (fields > kMaxFields) throw_damaged("a binary row has an impossible number of fields");
  std::uint64_t length = 2;
  for (std::uint32_t field = 0; field < fields; ++field) {
    if (bytes.size() < length + 4) return kIncomplete;
    const auto size = static_cast<std::int32_t>(big_endian(bytes, length, 4));
    if (size < -1) throw_damaged("a field of a binary row has a negative length");
    length += 4 + static_cast<std::uint64_t>(std::max(size, 0));
    if (length > kMaxRowBytes) throw_damaged("a binary row is larger than 1 GB");
    if (bytes.size() < length) return kIncomplete;
  }
  return length;
}

}  // namespace

RowScanner::RowScanner(CopyFormat format, std::function<void(std::string_view row)> on_row)
    : format_(format), on_row_(std::move(on_row)) {}

void RowScanner::feed(std::string_view piece) {
  if (format_ == CopyFormat::text) {
    feed_text(piece);
  } else {
    feed_binary(piece);
  }
}

void RowScanner::feed_text(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t newline = piece.find('\n');
    if (newline == std::string_view::npos) {
      if (pending_.size() + piece.size() > kMaxRowBytes) {
        throw_damaged("a text row is larger than 1 GB");
      }
      pending_ += piece;
      return;
    }
    const std::string_view end = piece.substr(0, newline + 1);
    piece.remove_prefix(newline + 1);
    if (pending_.empty()) {
      on_row_(end);
    } else {
      pending_ += end;
      on_row_(pending_);
      pending_.clear();
    }
  }
}

void RowScanner::feed_binary(std::string_view piece) {
  // Only a row that is cut by the end of a piece is copied; `rest` is either it or the piece.
  const bool joined = !pending_.empty();
  if (joined) pending_ += piece;
  std::string_view rest = joined ? std::string_view(pending_) : piece;
  if (!header_seen_ && rest.size() >= kBinaryHeader.size()) {
    if (!rest.starts_with(kBinaryHeader)) throw_damaged("the header of binary COPY is wrong");
    rest.remove_prefix(kBinaryHeader.size());
    header_seen_ = true;
  }
  while (header_seen_ && !rest.empty()) {
    if (trailer_seen_) throw_damaged("there are bytes after the trailer of binary COPY");
    if (rest.starts_with(kBinaryTrailer)) {
      trailer_seen_ = true;
      rest.remove_prefix(kBinaryTrailer.size());
      continue;
    }
    const std::size_t length = row_length(rest);
    if (length == kIncomplete) break;
    on_row_(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (joined) {
    pending_.erase(0, pending_.size() - rest.size());
  } else {
    pending_ = rest;
  }
}

void RowScanner::finish() {
  if (!pending_.empty()) throw_damaged("the last row is cut off");
  if (format_ == CopyFormat::binary && !trailer_seen_) {
    throw_damaged("the header or trailer of binary COPY is missing");
  }
}

}  // namespace belay::archive
