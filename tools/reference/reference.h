// The manual page and the shell completions, made from the tables.
#pragma once

#include <string>

namespace belay::tools {

std::string manual_page();
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace belay::tools
