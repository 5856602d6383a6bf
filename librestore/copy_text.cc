#include "librestore/copy_text.h"

namespace belay::restore {
namespace {

// COPY writes backslash escapes for these only; any other escaped byte stands for itself.
char unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return letter;
  }
}

std::optional<std::string> field(std::string_view text) {
  if (text == "\\N") return std::nullopt;
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      value += unescaped(text[++i]);
    } else {
      value += text[i];
    }
  }
  return value;
}

}  // namespace

std::vector<std::optional<std::string>> copy_fields(std::string_view row) {
  if (row.ends_with('\n')) row.remove_suffix(1);
  std::vector<std::optional<std::string>> fields;
  for (std::size_t tab = row.find('\t'); tab != row.npos; tab = row.find('\t')) {
    fields.push_back(field(row.substr(0, tab)));
    row.remove_prefix(tab + 1);
  }
  fields.push_back(field(row));
  return fields;
}

std::string text_array(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const std::string& value : values) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char byte : value) {
      if (byte == '"' || byte == '\\') text += '\\';
      text += byte;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace belay::restore
