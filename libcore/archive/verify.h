// The offline proof: every byte read, decompressed, parsed and counted, and every hash holds.
#pragma once

#include "libcore/archive/reader.h"
#include "libcore/base/cancellation.h"
#include "libcore/base/progress.h"

namespace belay::archive {

struct Readable {
  Header header;
  Manifest manifest;
  Contents contents;
  std::vector<DataEnd> ends;
  Sha256 sha256;
  std::uint64_t size = 0;
  std::uint64_t chunks = 0, rows = 0, bytes = 0;
};

// Returns what was proved or throws Error{damaged} naming the member.
Readable verify_readable(ByteSource& source, Progress& progress, const Cancellation& cancellation);

// Checks one data item's decoded rows while they stream past: add each chunk's digest, then compare
// with its end. Used by verify and by restore, so that both mean the same by "holds". `piece` may
// be empty, `bytes` (decompressed) null. Throws Error{damaged} that names no member.
ContentDigest digest_chunk(std::string_view chunk, const DataItem& item,
                           const std::function<void(std::string_view piece)>& piece,
                           std::uint64_t* bytes);

// Throws Error{damaged} unless `end` counts these rows and decompressed bytes, and no others.
void check_end(const DataEnd& end, const ContentDigest& rows, std::uint64_t bytes);

}  // namespace belay::archive
