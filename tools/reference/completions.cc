#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tools/options.h"
#include "tools/reference/reference.h"

namespace belay::tools {
namespace {

bool has_choices(const OptionRow& option) {
  return option.argument.find('|') != std::string_view::npos;
}

bool is_file(const OptionRow& option) { return option.argument == "FILE"; }
bool is_directory(const OptionRow& option) { return option.argument == "DIR"; }

std::string choices(const OptionRow& option) {
  std::string text(option.argument);
  std::replace(text.begin(), text.end(), '|', ' ');
  return text;
}

std::string verb_names() {
  std::string text;
  for (const VerbRow& row : verbs()) text += fmt::format("{}{}", text.empty() ? "" : " ", row.name);
  return text;
}

std::string option_words(Verb verb) {
  std::string text;
  for (const OptionRow& option : options()) {
    if (!takes(verb, option)) continue;
    if (option.letter != 0) text += fmt::format("-{} ", option.letter);
    text += fmt::format("--{} ", option.name);
  }
  text.pop_back();
  return text;
}

bool takes_archive(const VerbRow& row) { return row.most_arguments > 0; }

// For single-quoted words of zsh and fish.
std::string quoted(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result;
}

// zsh ends a description at a bracket or colon.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : quoted(text)) {
    if (c == '[' || c == ']' || c == ':') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_action(const OptionRow& option) {
  if (option.argument.empty()) return "";
  if (has_choices(option)) return fmt::format(":word:({})", choices(option));
  if (is_directory(option)) return ":directory:_files -/";
  if (is_file(option)) return ":file:_files";
  return fmt::format(":{}: ", option.argument);
}

}  // namespace

std::string bash_completion() {
  std::string text =
      "# Completion of belay for bash; generated from the option table, do not edit.\n"
      "_belay() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then\n";
  text += fmt::format("    COMPREPLY=($(compgen -W \"{} --help --version\" -- \"$word\"))\n",
                      verb_names());
  text +=
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]}:$before in\n";
  for (const OptionRow& option : options()) {
    for (const VerbRow& row : verbs()) {
      if (!takes(row.verb, option) || option.argument.empty()) continue;
      std::string pattern = fmt::format("{}:--{}", row.name, option.name);
      if (option.letter != 0) pattern += fmt::format(" | {}:-{}", row.name, option.letter);
      const std::string action = has_choices(option)    ? fmt::format("-W \"{}\"", choices(option))
                                 : is_directory(option) ? "-d"
                                 : is_file(option)      ? "-f"
                                                        : "";
      text += action.empty()
                  ? fmt::format("    {}) return ;;\n", pattern)
                  : fmt::format("    {}) COMPREPLY=($(compgen {} -- \"$word\")); return ;;\n",
                                pattern, action);
    }
  }
  text += "  esac\n  case ${COMP_WORDS[1]} in\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format("    {}) words=\"{}\" ;;\n", row.name, option_words(row.verb));
  }
  text +=
      "  esac\n"
      "  case $word in\n"
      "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
      "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -o filenames -F _belay belay\n";
  return text;
}

std::string zsh_completion() {
  std::string text =
      "#compdef belay\n"
      "# Completion of belay for zsh; generated from the option table, do not edit.\n"
      "_belay() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format("    '{}:{}'\n", row.name, quoted(row.summary));
  }
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format("    {})\n      _arguments -s", row.name);
    for (const OptionRow& option : options()) {
      if (!takes(row.verb, option)) continue;
      const std::string rest =
          fmt::format("[{}]{}'", zsh_text(help_of(row.verb, option)), zsh_action(option));
      const std::string_view star = option.repeats ? "*" : "";
      if (option.letter != 0)
        text += fmt::format(" \\\n        '{}-{}{}", star, option.letter, rest);
      text += fmt::format(" \\\n        '{}--{}{}", star, option.name, rest);
    }
    if (takes_archive(row)) text += " \\\n        '*:archive:_files'";
    text += "\n      ;;\n";
  }
  return text + "  esac\n}\n_belay \"$@\"\n";
}

std::string fish_completion() {
  std::string text =
      "# Completion of belay for fish; generated from the option table, do not edit.\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format("complete -c belay -f -n __fish_use_subcommand -a {} -d '{}'\n", row.name,
                        quoted(row.summary));
    const std::string when = fmt::format("-n '__fish_seen_subcommand_from {}'", row.name);
    for (const OptionRow& option : options()) {
      if (!takes(row.verb, option)) continue;
      text += fmt::format("complete -c belay {}", when);
      if (option.letter != 0) text += fmt::format(" -s {}", option.letter);
      text += fmt::format(" -l {}", option.name);
      if (has_choices(option)) {
        text += fmt::format(" -x -a '{}'", choices(option));
      } else if (is_directory(option)) {
        text += " -x -a '(__fish_complete_directories)'";
      } else if (is_file(option)) {
        text += " -r -F";
      } else if (!option.argument.empty()) {
        text += " -x";
      }
      text += fmt::format(" -d '{}'\n", quoted(help_of(row.verb, option)));
    }
    if (takes_archive(row)) text += fmt::format("complete -c belay {} -F\n", when);
  }
  return text;
}

}  // namespace belay::tools
