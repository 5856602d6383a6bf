#include "tools/usage.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay::tools {
namespace {

constexpr std::size_t kWidth = 88;

std::string synopsis(const OptionRow& option) {
  std::string text = option.letter == 0 ? "    " : fmt::format("-{}, ", option.letter);
  text += fmt::format("--{}", option.name);
  if (!option.argument.empty()) {
    // Choices are listed in the help text, where there is room.
    const bool choices = option.argument.find('|') != std::string_view::npos;
    text += choices ? " WORD" : fmt::format(" {}", option.argument);
  }
  return text;
}

std::string explanation(Verb verb, const OptionRow& option) {
  std::string text(help_of(verb, option));
  if (option.argument.find('|') != std::string_view::npos) {
    text += fmt::format(": {}", option.argument);
  }
  if (!option.initial.empty()) text += fmt::format(" [{}]", option.initial);
  return text;
}

std::string option_lines(Verb verb) {
  std::size_t column = 0;
  for (const OptionRow& option : options()) {
    if (takes(verb, option)) column = std::max(column, synopsis(option).size());
  }
  column += 4;
  std::string text;
  for (const OptionRow& option : options()) {
    if (!takes(verb, option)) continue;
    std::string lines = wrap(explanation(verb, option), column, kWidth);
    const std::string left = "  " + synopsis(option);
    lines.replace(0, left.size(), left);
    text += lines;
  }
  return text;
}

}  // namespace

std::string text_for(const Invocation& invocation) {
  if (invocation.kind == Invocation::Kind::version) return version() + "\n";
  return invocation.verb ? verb_help(*invocation.verb) : general_help();
}

std::string version() { return fmt::format("belay {}", BELAY_VERSION); }

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string result;
  std::string line(indent, ' ');
  const auto flush = [&] {
    result += line;
    result += '\n';
    line.assign(indent, ' ');
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (line.size() > indent && line.size() + 1 + word.size() > width) flush();
    if (line.size() > indent && !word.empty()) line += ' ';
    line += word;
    text.remove_prefix(end);
    if (text.starts_with("\n\n")) {
      flush();
      result += '\n';
      text.remove_prefix(2);
    } else if (!text.empty()) {
      text.remove_prefix(1);
    }
  }
  if (line.size() > indent) flush();
  return result;
}

std::string general_help() {
  std::string text =
      "belay: PostgreSQL backups that are proved by restoring them\n\n"
      "usage: belay COMMAND [OPTION]... [ARGUMENT]...\n\n"
      "commands:\n";
  for (const VerbRow& row : verbs()) text += fmt::format("  {:<9} {}\n", row.name, row.summary);
  text +=
      "\nbelay COMMAND --help explains a command; belay --version prints the version.\n"
      "-h is the host, as in psql. Options may also be said by BELAY_* variables and in a TOML\n"
      "file (--config). Exit status: 0 when all is well; man belay lists the others.\n";
  return text;
}

std::string verb_help(Verb verb) {
  const VerbRow& row = describe(verb);
  std::string text = fmt::format("usage: belay {} [OPTION]...{}{}\n\n", row.name,
                                 row.arguments.empty() ? "" : " ", row.arguments);
  text += wrap(row.description, 0, kWidth);
  text += "\noptions:\n" + option_lines(verb) + "\nexamples:\n";
  std::string_view examples = row.example;
  while (!examples.empty()) {
    const std::size_t end = std::min(examples.find('\n'), examples.size());
    text += fmt::format("  {}\n", examples.substr(0, end));
    examples.remove_prefix(std::min(end + 1, examples.size()));
  }
  return text;
}

}  // namespace belay::tools
