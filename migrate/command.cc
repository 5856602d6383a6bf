#include "migrate/command.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace belay::migrate {
namespace {

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') == std::string_view::npos ? 0
                                                                      : path.find_last_of('/') + 1);
}

// python, python3, python3.11
bool is_python(std::string_view program) {
  std::string_view name = base_name(program);
  if (!name.starts_with("python")) return false;
  name.remove_prefix(6);
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// Index of the first word after the program; nothing if this is not Alembic.
std::optional<std::size_t> after_alembic(const std::vector<std::string>& argv) {
  if (argv.empty()) return std::nullopt;
  if (base_name(argv[0]) == "alembic") return 1;
  if (!is_python(argv[0])) return std::nullopt;
  if (argv.size() > 2 && argv[1] == "-m" && argv[2] == "alembic") return 3;
  if (argv.size() > 1 && base_name(argv[1]) == "alembic") return 2;
  return std::nullopt;
}

struct ValueOption {
  std::string_view letter, name;
  std::vector<std::string> ToolCommand::*values;
};
constexpr std::array kValueOptions = {
    ValueOption{"-c", "--config", &ToolCommand::configs},
    ValueOption{"-x", "--x-arg", &ToolCommand::x},
};
// They take a value that does not matter here.
constexpr std::array<std::string_view, 2> kOtherValues = {"--tag", "--raiseerr-level"};

AlembicAction action_of(std::string_view word) {
  if (word == "upgrade") return AlembicAction::upgrade;
  if (word == "downgrade") return AlembicAction::downgrade;
  if (word == "stamp") return AlembicAction::stamp;
  return AlembicAction::other;
}

// argparse: "-cFILE", "-c FILE", "--config=FILE", "--config FILE".
class Words {
 public:
  Words(const std::vector<std::string>& argv, std::size_t first) : argv_(argv), next_(first) {}

  bool more() const { return next_ < argv_.size(); }
  const std::string& take() { return argv_[next_++]; }
  std::optional<std::string> value_of(const std::string& word, std::string_view letter,
                                      std::string_view name) {
    if (word == letter || word == name) return more() ? std::optional(take()) : std::nullopt;
    if (!letter.empty() && word.size() > 2 && word.starts_with(letter)) return word.substr(2);
    if (word.starts_with(std::string(name) + "=")) return word.substr(name.size() + 1);
    return std::nullopt;
  }

 private:
  const std::vector<std::string>& argv_;
  std::size_t next_;
};

bool take_option(const std::string& word, Words& words, ToolCommand& command) {
  for (const ValueOption& option : kValueOptions) {
    if (auto value = words.value_of(word, option.letter, option.name)) {
      (command.*option.values).push_back(*value);
      return true;
    }
  }
  if (auto value = words.value_of(word, "-n", "--name")) {
    command.section = *value;
    return true;
  }
  if (word == "--sql") command.sql = true;
  if (std::find(kOtherValues.begin(), kOtherValues.end(), word) != kOtherValues.end() &&
      words.more()) {
    words.take();
  }
  return word.starts_with("-") && word != "-" &&
         !(word.size() > 1 && word[1] >= '0' && word[1] <= '9');
}

constexpr std::string_view kMask = "***";
constexpr std::string_view kWordEnds = " \t\r\n\"'";

// scheme://user:password@host: the password goes, of each URL in the word. One that holds a slash
// should have been written %2F, and is a password all the same.
std::string mask_urls(std::string word) {
  for (std::size_t at = 0; (at = word.find("://", at)) != std::string::npos;) {
    const std::size_t begin = at += 3;
    std::size_t end = std::min(word.find_first_of(kWordEnds, begin), word.size());
    const std::size_t next = word.find("://", begin);
    if (next < end) end = next;
    const std::size_t colon = word.find(':', begin);
    if (colon >= end || colon > word.find_first_of("/?#", begin)) continue;
    const std::size_t authority = std::min(word.find_first_of("/?#", begin), end);
    std::size_t sign = word.rfind('@', authority - 1);
    if (sign == std::string::npos || sign < colon) sign = word.rfind('@', end - 1);
    if (sign == std::string::npos || sign < colon) continue;
    word.replace(colon + 1, sign - colon - 1, kMask);
    at = colon + 1 + kMask.size();
  }
  return word;
}

constexpr std::array<std::string_view, 6> kSecrets = {"password", "passwd", "secret",
                                                      "token",    "apikey", "api-key"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

bool names_a_secret(std::string_view name) {
  const std::string text = lower(name);
  return std::any_of(kSecrets.begin(), kSecrets.end(), [&](std::string_view secret) {
    return text.find(secret) != std::string::npos;
  });
}

// password=..., "password": "...", wherever it stands in the word: a conninfo string, the query of
// a URL, a shell's command. Up to the end of the value, or of its quotes.
std::string mask_values(std::string word) {
  for (const std::string_view secret : kSecrets) {
    for (std::size_t at = 0; (at = lower(word).find(secret, at)) != std::string::npos;) {
      at += secret.size();
      std::size_t value = word.find_first_not_of(" \t\"'", at);
      if (value == std::string::npos || (word[value] != '=' && word[value] != ':')) continue;
      value = word.find_first_not_of(" \t", value + 1);
      if (value == std::string::npos) break;
      const bool quoted = word[value] == '"' || word[value] == '\'';
      const std::size_t end =
          quoted ? word.find(word[value], value + 1) : word.find_first_of(" \t\r\n&;\"'", value);
      if (quoted) ++value;
      word.replace(value, std::min(end, word.size()) - value, kMask);
      at = value + kMask.size();
    }
  }
  return word;
}

}  // namespace

ToolCommand parse_command(const std::vector<std::string>& argv) {
  ToolCommand command;
  command.argv = argv;
  const std::optional<std::size_t> first = after_alembic(argv);
  if (!first) return command;
  command.tool = Tool::alembic;
  std::vector<std::string> plain;
  for (Words words(argv, *first); words.more();) {
    const std::string word = words.take();
    if (!take_option(word, words, command)) plain.push_back(word);
  }
  if (plain.empty()) return command;
  command.action = action_of(plain.front());
  command.revisions.assign(plain.begin() + 1, plain.end());
  const bool one_revision = command.action != AlembicAction::stamp;
  if (command.revisions.empty() || (one_revision && command.revisions.size() > 1)) {
    command.action = AlembicAction::other;  // Alembic will refuse it
  }
  return command;
}

std::vector<std::string> without_secrets(const std::vector<std::string>& argv) {
  std::vector<std::string> masked;
  bool mask_next = false;
  for (const std::string& word : argv) {
    const std::size_t equals = word.find('=');
    if (mask_next && !word.starts_with("-")) {
      masked.emplace_back(kMask);
      mask_next = false;
      continue;
    }
    mask_next = equals == std::string::npos && word.starts_with("-") && names_a_secret(word);
    if (equals != std::string::npos && names_a_secret(word.substr(0, equals))) {
      masked.push_back(word.substr(0, equals + 1) + std::string(kMask));
    } else {
      masked.push_back(mask_values(mask_urls(word)));
    }
  }
  return masked;
}

}  // namespace belay::migrate
