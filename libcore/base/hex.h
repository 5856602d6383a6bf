// Lower-case hexadecimal digits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belay {

std::string to_hex(std::span<const std::uint8_t> bytes);
// Nothing unless `hex` is exactly 2 * `bytes` lower-case digits.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view hex, std::size_t bytes);

}  // namespace belay
