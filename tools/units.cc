#include "tools/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace belay::tools {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// A whole number and one of the units; the unit may be missing only where "" is one of them.
template <std::size_t N>
std::optional<std::uint64_t> parse_measure(std::string_view text,
                                           const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == text.data()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  if (number == 0 && name.empty()) return 0;
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array kUnits = {Unit{"ms", 1},      Unit{"s", 1000},
                                        Unit{"m", 60000},   Unit{"min", 60000},
                                        Unit{"h", 3600000}, Unit{"d", 86400000}};
  if (text == "0") return std::chrono::milliseconds(0);
  const std::optional<std::uint64_t> value = parse_measure(text, kUnits);
  if (!value) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array kUnits = {Unit{"", 1},
                                        Unit{"B", 1},
                                        Unit{"kB", 1ULL << 10},
                                        Unit{"MB", 1ULL << 20},
                                        Unit{"GB", 1ULL << 30},
                                        Unit{"TB", 1ULL << 40}};
  return parse_measure(text, kUnits);
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  static constexpr std::array kUnits = {Unit{"", 1}};
  return parse_measure(text, kUnits);
}

std::optional<bool> parse_switch(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  if (lower == "1" || lower == "true" || lower == "yes" || lower == "on") return true;
  if (lower == "0" || lower == "false" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kNames = {"bytes", "kB", "MB", "GB", "TB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes);
  std::size_t name = 0;
  while (value >= 1023.95 && name + 1 < kNames.size()) {
    value /= 1024;
    ++name;
  }
  return fmt::format("{:.1f} {}", value, kNames[name]);
}

std::string human_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string human_seconds(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string human_age(std::chrono::seconds age) {
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0));
  if (seconds < 120) return counted(seconds, "second");
  if (seconds < 7200) return counted(seconds / 60, "minute");
  if (seconds < 172800) return counted(seconds / 3600, "hour");
  return counted(seconds / 86400, "day");
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", human_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace belay::tools
