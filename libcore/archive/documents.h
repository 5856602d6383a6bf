// Header, ends, manifest and tail: from values to bytes and back. Reading throws Error{damaged} on
// anything that docs/archive-format.md does not allow.
#pragma once

#include <string>
#include <string_view>

#include "libcore/archive/damage.h"
#include "libcore/archive/format.h"

namespace belay::archive {

std::string write_header(const Header& header);
// A newer format or an unknown feature, in a header whose hash holds, is Error{unusable_backup}.
Header read_header(std::string_view content, const Where& where);

std::string write_end(const DataEnd& end);
// `item` is the one whose end it must be.
DataEnd read_end(std::string_view content, const DataItem& item, const Where& where);

std::string write_manifest(const Manifest& manifest);
Manifest read_manifest(std::string_view content, const Where& where);

struct Tail {
  MemberRef manifest;
  Sha256 archive;  // of every byte before the tail's tar header
};
inline constexpr std::uint64_t kTailBytes = 311;

std::string write_tail(const Tail& tail);
Tail read_tail(std::string_view content, const Where& where);

}  // namespace belay::archive
