// What PostgreSQL's binary COPY format puts around the rows.
#pragma once

#include <string_view>

namespace belay::archive {

using namespace std::string_view_literals;

// Signature, flags, length of the header's extension: the last two are always 0.
inline constexpr std::string_view kBinaryHeader = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv;
inline constexpr std::string_view kBinaryTrailer = "\377\377"sv;
static_assert(kBinaryHeader.size() == 19 && kBinaryTrailer.size() == 2);

}  // namespace belay::archive
