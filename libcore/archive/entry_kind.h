// What the kind of an entry says, for those who ask for it by name.
#pragma once

#include <string_view>

#include "libcore/archive/format.h"

namespace belay::archive {

// Made by the script of an extension: of these the archive holds what users added.
inline constexpr std::string_view kTableOfExtension = "table of an extension";
inline constexpr std::string_view kSequenceOfExtension = "sequence of an extension";
// To a family that an extension or the server itself makes.
inline constexpr std::string_view kFamilyAdditions = "additions to operator family";

// Whether the archive may hold rows of it.
inline bool has_rows(const Entry& entry) {
  return entry.kind == "table" || entry.kind == kTableOfExtension;
}
inline bool is_sequence(const Entry& entry) {
  return entry.kind == "sequence" || entry.kind == kSequenceOfExtension;
}
inline bool is_of_extension(const Entry& entry) {
  return entry.kind == kTableOfExtension || entry.kind == kSequenceOfExtension;
}

}  // namespace belay::archive
