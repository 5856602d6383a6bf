#include "tools/words.h"

#include "libcore/base/error.h"

namespace belay::tools {

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char after = i + 1 < text.size() ? text[i + 1] : '\0';
    if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      begun = true;
    } else if (c == '\\' && quote != '\'' && after != '\0' &&
               (quote == 0 || after == '"' || after == '\\')) {
      word += after;
      begun = true;
      ++i;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote != 0) {
    throw Error(ErrorKind::usage, "a quote does not end").object(text).next("close it");
  }
  if (begun) words.push_back(word);
  return words;
}

}  // namespace belay::tools
