// Names and limits of an archive's members, as docs/archive-format.md lists them: the only place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/archive/chunk.h"
#include "libcore/archive/format.h"

namespace belay::archive {

inline constexpr std::string_view kHeaderName = "000-header.json";
inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kTailName = "tail";

inline constexpr std::uint64_t kMaxHeaderBytes = 64u << 10;
inline constexpr int kMaxOpenTables = 1024;
inline constexpr std::size_t kMaxFeatures = 64;
inline constexpr std::size_t kMaxFeatureBytes = 64;
inline constexpr int kMaxTocPieces = 65'536;
inline constexpr std::uint64_t kTocPieceBytes = 1u << 20;     // of several lines
inline constexpr std::uint64_t kMaxTocLineBytes = 64u << 20;  // alone in its piece
inline constexpr std::uint64_t kMaxTocBytes = 1u << 30;       // all pieces, decompressed
inline constexpr int kMaxNumber = 99'999'999;                 // entries, items
inline constexpr int kMaxChunks = 4'194'304;                  // of one item
inline constexpr std::uint64_t kMaxChunkBytes = kMaxRowBytes + kChunkBytes + 21;
inline constexpr int kMaxJsonDepth = 16;
inline constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{1} << 62;

// Compressed, a content may be a little larger than it was.
constexpr std::uint64_t max_compressed(std::uint64_t content) {
  return content + content / 128 + (64u << 10);
}
// Relative to what was really read, so that a short archive cannot claim a huge document.
constexpr std::uint64_t max_end_bytes(std::uint64_t chunks) { return 4096 + 256 * chunks; }
constexpr std::uint64_t max_manifest_bytes(std::uint64_t pieces_and_items) {
  return (64u << 20) + 256 * pieces_and_items;
}

std::string toc_name(int index);
std::string chunk_name(int number, int index, Compression compression);
std::string end_name(int number);

struct MemberName {
  enum class Kind { header, toc, chunk, end, manifest, tail } kind = Kind::header;
  int number = 0;  // N of chunks and ends
  int index = 0;   // K of pieces and chunks
  Compression compression = Compression::zstd;
};

// Nothing if no member can have this name.
std::optional<MemberName> parse_member_name(std::string_view name);

// The words that documents use for enumerations.
std::string_view to_word(CopyFormat format);
std::string_view to_word(Compression compression);
std::string_view to_word(Section section);
std::string_view to_word(DataKind kind);
// For messages: "table public.songs", "large objects".
std::string title_of(const DataItem& item);

}  // namespace belay::archive
