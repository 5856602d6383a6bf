#include "libcore/base/name_pattern.h"

#include <vector>

#include "libcore/base/error.h"

namespace belay {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && continues(text[at])) ++at;
  return at;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (!escaped && p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (!escaped && p < pattern.size() && pattern[p] == '?') {
      ++p;
      t = next_character(text, t);
    } else if (p < pattern.size() && pattern[p + (escaped ? 1 : 0)] == text[t]) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw Error(ErrorKind::usage, "not a pattern of names")
      .object(text)
      .cause(why)
      .next("* and ? stand for any characters; within double quotes each stands for itself");
}

std::vector<std::string> parts_of(std::string_view text) {
  constexpr std::string_view kRegular = "|+()[]{}^\\";
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& part = parts.back();
    if (c == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        part += text[i++];
      } else {
        quoted = !quoted;
      }
    } else if (quoted) {
      if (c == '*' || c == '?' || c == '\\') part += '\\';
      part += c;
    } else if (c == '.') {
      parts.emplace_back();
    } else if (kRegular.find(c) != std::string_view::npos) {
      refuse(text, std::string(1, c) + " must stand in double quotes");
    } else {
      part += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (quoted) refuse(text, "its double quotes do not end");
  for (const std::string& part : parts) {
    if (part.empty()) refuse(text, "a part of it is empty");
  }
  return parts;
}

}  // namespace

NamePattern NamePattern::of_schema(std::string_view text) {
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 1) refuse(text, "a schema has no dot outside of double quotes");
  NamePattern pattern;
  pattern.text_ = text;
  pattern.name_ = parts[0];
  return pattern;
}

NamePattern NamePattern::of_relation(std::string_view text) {
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() > 2) refuse(text, "more than a schema and a name");
  NamePattern pattern;
  pattern.text_ = text;
  pattern.has_schema_ = parts.size() == 2;
  if (pattern.has_schema_) pattern.schema_ = parts[0];
  pattern.name_ = parts.back();
  return pattern;
}

bool NamePattern::matches(const QualifiedName& name) const {
  return (!has_schema_ || matches_glob(schema_, name.schema)) && matches_glob(name_, name.name);
}

bool NamePattern::matches_schema(std::string_view schema) const {
  return matches_glob(name_, schema);
}

}  // namespace belay
