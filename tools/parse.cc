// Fills a Command: CLI11 for the words, then the environment, then the configuration file.
#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "libcore/base/error.h"
#include "tools/command.h"

namespace belay::tools {
namespace {

constexpr std::uint64_t kMaxConfigurationBytes = 1 << 20;
constexpr std::array<std::string_view, 1> kNotBuilt = {"--swap"};

Error unknown_option(Verb verb, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  Error error(ErrorKind::usage, "unknown option");
  error.object(name);
  if (std::find(kNotBuilt.begin(), kNotBuilt.end(), name) != kNotBuilt.end() &&
      verb == Verb::restore) {
    return error.cause("not built yet").next("restore into a new database with --create");
  }
  std::vector<std::string> long_names;
  for (const OptionRow& row : options()) {
    if (takes(verb, row)) long_names.push_back(fmt::format("--{}", row.name));
  }
  const std::vector<std::string_view> candidates(long_names.begin(), long_names.end());
  const std::string near = name.starts_with("--") ? nearest(name, candidates) : "";
  error.next(near.empty() ? fmt::format("belay {} --help lists the options", describe(verb).name)
                          : fmt::format("did you mean {}", near));
  return error;
}

Error wrong_arguments(const VerbRow& verb, std::size_t count) {
  Error error(ErrorKind::usage, fmt::format("{} {}", verb.name,
                                            verb.most_arguments == 0 ? "takes no argument"
                                                                     : "needs other arguments"));
  error.cause(fmt::format("{} given", count));
  return error.next(fmt::format("usage: belay {} [OPTION]... {}", verb.name, verb.arguments));
}

// The standard output by another name; opened by it, a shared file would be written from its start.
std::vector<std::string> values_of(const OptionRow& option, std::vector<std::string> values) {
  constexpr std::array<std::string_view, 3> kStandardOutput = {"/dev/stdout", "/dev/fd/1",
                                                               "/proc/self/fd/1"};
  if (option.option != Option::file) return values;
  for (std::string& value : values) {
    if (std::ranges::find(kStandardOutput, value) != kStandardOutput.end()) value = "-";
  }
  return values;
}

// The words of the command line, as the option table says.
Command parse_words(Verb verb, std::vector<std::string> words) {
  const VerbRow& row = describe(verb);
  CLI::App app{std::string(row.summary), std::string(row.name)};
  app.set_help_flag();
  app.allow_extras();
  app.allow_windows_style_options(false);
  std::vector<std::string> arguments;
  app.add_option("arguments", arguments)->expected(-1);
  std::vector<std::pair<const OptionRow*, CLI::Option*>> known;
  for (const OptionRow& option : options()) {
    if (!takes(verb, option)) continue;
    const std::string names = option.letter == 0
                                  ? fmt::format("--{}", option.name)
                                  : fmt::format("-{},--{}", option.letter, option.name);
    CLI::Option* added = nullptr;
    if (option.argument.empty()) {
      added = app.add_flag(names);
    } else {
      added = app.add_option(names, [](const CLI::results_t&) { return true; });
      added->expected(1)->allow_extra_args(false);
    }
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    known.emplace_back(&option, added);
  }
  // What follows -- is never an option.
  const auto end = std::find(words.begin(), words.end(), "--");
  const std::vector<std::string> verbatim(end == words.end() ? end : end + 1, words.end());
  words.erase(end, words.end());
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::usage, "wrong command line")
        .cause(error.what())
        .next(fmt::format("belay {} --help lists the options", row.name));
  }
  const std::vector<std::string> unknown = app.remaining();
  if (!unknown.empty()) throw unknown_option(verb, unknown.front());
  arguments.insert(arguments.end(), verbatim.begin(), verbatim.end());
  const auto count = static_cast<int>(arguments.size());
  if (count < row.least_arguments || count > row.most_arguments) {
    throw wrong_arguments(row, arguments.size());
  }
  Command command(verb, arguments);
  for (const auto& [option, added] : known) {
    if (added->count() == 0) continue;
    const std::string where = fmt::format("--{}", option->name);
    if (option->argument.empty()) {
      command.say(option->option, {"true"}, where);
    } else {
      command.say(option->option, values_of(*option, added->results()), where);
    }
  }
  return command;
}

void read_variables(Command& command, const Variables& variables) {
  for (const OptionRow& option : options()) {
    if (!takes(command.verb(), option) || !option.from_environment) continue;
    const std::string name = variable_of(option);
    const std::optional<std::string> value = variables(name.c_str());
    if (value && !value->empty()) command.say(option.option, {*value}, name);
  }
}

const OptionRow* find_option(std::string_view name, std::optional<Verb> verb) {
  for (const OptionRow& row : options()) {
    if (row.name == name && row.option != Option::config && row.option != Option::help &&
        (!verb || takes(*verb, row))) {
      return &row;
    }
  }
  return nullptr;
}

// Keys at the top hold for every command that has such an option; a section [backup] for one.
// Every key is checked, also those of other commands: a misspelt one must not wait for its day.
void read_configuration(Command& command, const Path& path, const FileSystem& files) {
  std::vector<CLI::ConfigItem> items;
  try {
    std::istringstream text(read_file(files, path, kMaxConfigurationBytes));
    items = CLI::ConfigTOML().from_config(text);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::usage, "cannot read the configuration file")
        .object(path.native())
        .cause(error.what());
  }
  // Sections first: what is said for one command wins over what is said for all.
  std::stable_partition(items.begin(), items.end(),
                        [](const CLI::ConfigItem& item) { return !item.parents.empty(); });
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // begin and end of a section
    const std::string full = item.fullname();
    const std::string where = fmt::format("{} in {}", full, path.native());
    std::optional<Verb> section;
    if (!item.parents.empty()) {
      for (const VerbRow& row : verbs()) {
        if (item.parents.size() == 1 && row.name == item.parents.front()) section = row.verb;
      }
      if (!section) {
        throw Error(ErrorKind::usage, "unknown section in the configuration file")
            .object(path.native())
            .cause(fmt::format("[{}]", item.parents.front()))
            .next("sections are named after commands");
      }
    }
    const OptionRow* option = find_option(item.name, section);
    if (option == nullptr || item.inputs.empty()) {
      throw Error(ErrorKind::usage, "unknown key in the configuration file")
          .object(path.native())
          .cause(full)
          .next("keys are the long options without dashes");
    }
    if (!section) option = find_option(item.name, command.verb());
    if (option == nullptr || (section && *section != command.verb())) continue;
    command.say(option->option, item.inputs, where);
  }
}

}  // namespace

Command parse(const Invocation& invocation, const Variables& variables, const FileSystem& files) {
  Command command = parse_words(*invocation.verb, invocation.words);
  read_variables(command, variables);
  if (command.given(Option::config)) {
    read_configuration(command, command.text(Option::config), files);
  }
  // An unset variable in somebody's script must not make the working directory a repository.
  if (command.given(Option::repo) && command.text(Option::repo).empty()) {
    command.refuse(Option::repo, "a directory is expected, not an empty text");
  }
  return command;
}

}  // namespace belay::tools
