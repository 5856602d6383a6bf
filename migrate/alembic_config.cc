#include "migrate/alembic_config.h"

#include <algorithm>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

constexpr int kMaxDepth = 10;  // configparser's own limit of interpolation
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Error refused(std::string_view why) {
  return Error(ErrorKind::preflight, "cannot read the configuration of Alembic").cause(why);
}

}  // namespace

AlembicConfig::AlembicConfig(std::string_view ini, const Path& here) {
  sections_["DEFAULT"]["here"] = here.native();
  std::map<std::string, std::string>* section = nullptr;
  std::string* value = nullptr;  // that a further, indented line goes on with
  while (!ini.empty()) {
    const std::size_t end = ini.find('\n');
    const std::string_view line = ini.substr(0, end);
    ini.remove_prefix(end == std::string_view::npos ? ini.size() : end + 1);
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    const bool indented = line.front() == ' ' || line.front() == '\t';
    if (indented && value != nullptr) {
      *value += "\n" + std::string(text);
      continue;
    }
    if (text.front() == '[' && text.find(']') != std::string_view::npos) {
      section = &sections_[std::string(text.substr(1, text.find(']') - 1))];
      value = nullptr;
      continue;
    }
    const std::size_t equals = text.find_first_of("=:");
    if (section == nullptr || equals == std::string_view::npos) {
      // Not shown: it may hold a password.
      throw refused("a line is neither a section nor KEY = VALUE");
    }
    value = &(*section)[lower(trimmed(text.substr(0, equals)))];
    *value = trimmed(text.substr(equals + 1));
  }
}

const std::string* AlembicConfig::raw(const std::string& section, const std::string& key) const {
  for (const std::string& name : {section, std::string("DEFAULT")}) {
    const auto found = sections_.find(name);
    if (found == sections_.end()) continue;
    const auto value = found->second.find(key);
    if (value != found->second.end()) return &value->second;
  }
  return nullptr;
}

std::string AlembicConfig::filled(const std::string& section, const std::string& text,
                                  int depth) const {
  if (depth > kMaxDepth) throw refused("values refer to each other in a circle");
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.compare(i, 2, "%%") == 0) {
      result += '%';
      ++i;
      continue;
    }
    const std::size_t end = text.find(")s", i);
    if (text.compare(i, 2, "%(") != 0 || end == std::string::npos) {
      throw refused("a % must be written %% or %(name)s");
    }
    const std::string name = lower(text.substr(i + 2, end - i - 2));
    const std::string* value = raw(section, name);
    if (value == nullptr) throw refused("nothing is named " + name);
    result += filled(section, *value, depth + 1);
    i = end + 1;
  }
  return result;
}

std::optional<std::string> AlembicConfig::value(const std::string& section,
                                                const std::string& key) const {
  const std::string* text = raw(section, key);
  if (text == nullptr) return std::nullopt;
  return filled(section, *text, 0);
}

}  // namespace belay::migrate
