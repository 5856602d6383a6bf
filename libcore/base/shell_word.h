// For commands that people paste into a shell.
#pragma once

#include <string>
#include <string_view>

namespace belay {

// One word of a POSIX shell, quoted only where needed.
std::string quote_shell_word(std::string_view text);

}  // namespace belay
