// Durations, sizes and counts as people write and read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belay::tools {

// "500ms", "30s", "15m", "26h", "7d", "0"; nothing if it is not such a text.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// "20GB", "512MB", "64kB", "1TB" or plain bytes; powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);
// A whole number without sign.
std::optional<std::uint64_t> parse_count(std::string_view text);
// true, yes, on, 1 and their opposites, in any case.
std::optional<bool> parse_switch(std::string_view text);

std::string human_bytes(std::uint64_t bytes);     // 12.3 MB
std::string human_count(std::uint64_t count);     // 12,345,678
std::string human_seconds(double seconds);        // 0.4 s, 12 s, 3 min 20 s
std::string human_age(std::chrono::seconds age);  // 3 hours, 2 days
// "1 table", "2 tables", "1,000 tables".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace belay::tools
