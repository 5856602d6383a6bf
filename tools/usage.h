// The text of --help, made from the tables.
#pragma once

#include <string>

#include "tools/command.h"

namespace belay::tools {

// What --help and --version ask for. Requires: one of them.
std::string text_for(const Invocation& invocation);

std::string general_help();
std::string verb_help(Verb verb);
// "belay 0.1.0"
std::string version();

// `text` in lines of at most `width` characters, each with `indent` spaces before it. Empty lines
// separate paragraphs.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace belay::tools
