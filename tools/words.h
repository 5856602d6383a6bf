// Commands that people write as one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace belay::tools {

// Splits as a POSIX shell does: blanks, quotes and backslashes; nothing is expanded. Throws
// Error{usage} for a quote that does not end.
std::vector<std::string> split_words(std::string_view text);

}  // namespace belay::tools
