// What a person asked for: one verb, its arguments, and the values of its options.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/file_system.h"
#include "tools/options.h"

namespace belay::tools {

// The value of an environment variable; nothing if it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;

// Constant after parsing. What it returns is checked: a bad value is Error{usage} naming the option
// and where it was said.
class Command {
 public:
  Command(Verb verb, std::vector<std::string> arguments) : verb_(verb), arguments_(arguments) {}

  Verb verb() const { return verb_; }
  const std::vector<std::string>& arguments() const { return arguments_; }

  // Said on the command line, in the environment or in the configuration file.
  bool given(Option option) const;
  bool on(Option option) const;           // of a switch
  std::string text(Option option) const;  // given, or the initial value
  std::vector<std::string> texts(Option option) const;
  std::uint64_t count(Option option, std::uint64_t least, std::uint64_t most) const;
  std::chrono::milliseconds duration(Option option) const;
  std::uint64_t size(Option option) const;
  // Which of the row's choices, counted from 0.
  std::size_t choice(Option option) const;

  void say(Option option, std::vector<std::string> values, std::string where);
  // Throws Error{usage}: "wrong value for WHERE: VALUE: WANTED".
  [[noreturn]] void refuse(Option option, std::string_view wanted) const;

 private:
  struct Said {
    std::vector<std::string> values;
    std::string where;  // for messages: "--jobs", "BELAY_JOBS", "jobs in belay.toml"
  };

  Verb verb_;
  std::vector<std::string> arguments_;
  std::map<Option, Said> said_;
};

// What the first words ask for before any verb can: --help, --version or --help of a verb.
struct Invocation {
  enum class Kind { run, help, version } kind = Kind::run;
  std::optional<Verb> verb;
  std::vector<std::string> words;  // after the verb
};

// `words` without the program's name; `program` is the last part of argv[0]. Throws Error{usage}.
Invocation recognize(std::string_view program, std::span<const std::string> words);

// Command line, then BELAY_* variables, then the configuration file: the first that says it wins.
// Throws Error{usage}, for an unknown option with the nearest known one.
Command parse(const Invocation& invocation, const Variables& variables, const FileSystem& files);

// True if --json is among the words: for errors that come before a Command exists.
bool asks_for_json(std::span<const std::string> words, const Variables& variables);

// The candidate that `word` most probably means; empty if none is near.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace belay::tools
