// Writes what is derived from the option table: belay_reference man|bash|zsh|fish
#include <cstdio>
#include <string>
#include <string_view>

#include "tools/reference/reference.h"

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  std::string text;
  if (what == "man") text = belay::tools::manual_page();
  if (what == "bash") text = belay::tools::bash_completion();
  if (what == "zsh") text = belay::tools::zsh_completion();
  if (what == "fish") text = belay::tools::fish_completion();
  if (text.empty()) {
    std::fputs("usage: belay_reference man|bash|zsh|fish\n", stderr);
    return 2;
  }
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}
