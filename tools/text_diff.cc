#include "tools/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace belay::tools {
namespace {

// Beyond that many pairs of lines all of them count as different: it is only for people.
constexpr std::size_t kMostPairs = 4'000'000;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void append(std::vector<std::string>& diff, char sign, std::string_view line) {
  diff.push_back(std::string(1, sign) + ' ' + std::string(line));
}

// By the longest common subsequence of lines.
void append_diff(std::vector<std::string>& diff, const Lines& a, const Lines& b) {
  if (a.empty() || b.empty() || a.size() > kMostPairs / b.size()) {
    for (const std::string_view line : a) append(diff, '-', line);
    for (const std::string_view line : b) append(diff, '+', line);
    return;
  }
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> common((a.size() + 1) * width, 0);  // of what follows a[i] and b[j]
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i, ++j;
    } else if (j == b.size() ||
               (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      append(diff, '-', a[i++]);
    } else {
      append(diff, '+', b[j++]);
    }
  }
}

// A script in parts. A part begins with an empty line and a comment line, which is its title. A
// function's body may hold such lines, too: then both scripts are cut there alike.
std::map<std::string, std::string> parts_of(std::string_view script) {
  std::map<std::string, std::string> parts;
  std::string section, title = "settings";
  std::string* part = &parts[title];
  const Lines lines = lines_of(script);
  const auto is_comment = [&](std::size_t i) {
    return i < lines.size() && lines[i].starts_with("--");
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool begins = lines[i].empty() && is_comment(i + 1);
    if (begins && lines[i + 1] == "--" && is_comment(i + 2) && i + 3 < lines.size() &&
        lines[i + 3] == "--") {
      section = lines[i + 2].substr(std::min<std::size_t>(3, lines[i + 2].size()));
      title = section;
      i += 3;
    } else if (begins) {
      title = lines[i + 1].substr(std::min<std::size_t>(3, lines[i + 1].size()));
      if (section == "Privileges" || section == "Last") title = section + ": " + title;
      ++i;
    } else {
      part->append(lines[i]).append("\n");
      continue;
    }
    // The same title once more.
    for (int n = 2; parts.contains(title); ++n) title += " #" + std::to_string(n);
    part = &parts[title];
  }
  return parts;
}

}  // namespace

std::vector<std::string> line_diff(std::string_view before, std::string_view after) {
  Lines a = lines_of(before), b = lines_of(after);
  std::size_t start = 0;
  while (start < std::min(a.size(), b.size()) && a[start] == b[start]) ++start;
  std::size_t end = 0;
  while (end < std::min(a.size(), b.size()) - start &&
         a[a.size() - 1 - end] == b[b.size() - 1 - end]) {
    ++end;
  }
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(start),
                 lines.end() - static_cast<std::ptrdiff_t>(end));
  };
  std::vector<std::string> diff;
  append_diff(diff, middle(a), middle(b));
  return diff;
}

std::vector<ScriptChange> script_diff(std::string_view before, std::string_view after) {
  std::vector<ScriptChange> changes;
  if (before == after) return changes;
  const std::map<std::string, std::string> old_parts = parts_of(before),
                                           new_parts = parts_of(after);
  for (const auto& [title, text] : old_parts) {
    const auto match = new_parts.find(title);
    if (match == new_parts.end()) {
      changes.push_back({ScriptChange::Change::removed, title, {}});
    } else if (match->second != text) {
      changes.push_back({ScriptChange::Change::changed, title, line_diff(text, match->second)});
    }
  }
  for (const auto& [title, text] : new_parts) {
    if (!old_parts.contains(title)) {
      changes.push_back({ScriptChange::Change::added, title, {}});
    }
  }
  if (changes.empty())
    changes.push_back({ScriptChange::Change::changed, "order of the objects", {}});
  return changes;
}

}  // namespace belay::tools
