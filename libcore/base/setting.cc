#include "libcore/base/setting.h"

#include <algorithm>
#include <array>
#include <vector>

#include "libcore/base/name.h"

namespace belay {
namespace {

constexpr std::array<std::string_view, 8> kListSettings = {
    "local_preload_libraries",   "output_plugin_libraries",  "search_path",
    "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces",
    "unix_socket_directories",   "oauth_validator_libraries"};

// Splits a stored list at its commas and takes the quotes off.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  bool quoted = false, any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        item += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        item += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = any = true;
    } else if (c == ',') {
      items.push_back(item);
      item.clear();
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
      item += c;
      any = true;
    }
  }
  if (any || !items.empty()) items.push_back(item);
  return items;
}

}  // namespace

std::string setting_assignment(std::string_view name, std::string_view value) {
  const std::string start = quote_identifier_pretty(name);
  const bool list =
      std::find(kListSettings.begin(), kListSettings.end(), name) != kListSettings.end();
  if (!list) return start + " TO " + quote_literal(value);
  std::string text;
  for (const std::string& item : split_list(value)) {
    text += (text.empty() ? "" : ", ") + quote_literal(item);
  }
  return text.empty() ? start + " FROM CURRENT" : start + " TO " + text;
}

}  // namespace belay
