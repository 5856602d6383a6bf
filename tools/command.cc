#include "tools/command.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::optional<Verb> verb_named(std::string_view name) {
  for (const VerbRow& row : verbs()) {
    if (row.name == name) return row.verb;
  }
  return std::nullopt;
}

Error unknown_verb(const std::string& name) {
  std::vector<std::string_view> names;
  for (const VerbRow& row : verbs()) names.push_back(row.name);
  Error error(ErrorKind::usage, "unknown command");
  error.object(name);
  const std::string near = nearest(name, names);
  error.next(near.empty() ? "belay --help lists the commands" : "did you mean: belay " + near);
  return error;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least || (best.empty() && word.size() > 3 && candidate.starts_with(word))) {
      least = std::min(distance, least);
      best = candidate;
    }
  }
  return best;
}

Invocation recognize(std::string_view program, std::span<const std::string> words) {
  Invocation result;
  for (const VerbRow& row : verbs()) {
    if (!row.alias.empty() && row.alias == program) result.verb = row.verb;
  }
  if (!result.verb) {
    if (words.empty()) {
      throw Error(ErrorKind::usage, "no command given").next("belay --help lists the commands");
    }
    const std::string& first = words.front();
    if (first == "--help") return {Invocation::Kind::help, std::nullopt, {}};
    if (first == "--version") return {Invocation::Kind::version, std::nullopt, {}};
    if (first.starts_with("-")) {
      throw Error(ErrorKind::usage, "the command comes first, then its options")
          .object(first)
          .next("belay --help lists the commands");
    }
    result.verb = verb_named(first);
    if (!result.verb) throw unknown_verb(first);
    words = words.subspan(1);
  }
  result.words.assign(words.begin(), words.end());
  const auto options_end = std::find(result.words.begin(), result.words.end(), "--");
  if (std::find(result.words.begin(), options_end, "--help") != options_end) {
    result.kind = Invocation::Kind::help;
  } else if (result.words == std::vector<std::string>{"--version"}) {
    result.kind = Invocation::Kind::version;
  }
  return result;
}

bool asks_for_json(std::span<const std::string> words, const Variables& variables) {
  if (std::find(words.begin(), words.end(), "--json") != words.end()) return true;
  const std::optional<std::string> variable =
      variables(variable_of(describe(Option::json)).c_str());
  return variable && parse_switch(*variable).value_or(false);
}

void Command::say(Option option, std::vector<std::string> values, std::string where) {
  said_.try_emplace(option, Said{std::move(values), std::move(where)});
}

bool Command::given(Option option) const { return said_.contains(option); }

void Command::refuse(Option option, std::string_view wanted) const {
  const auto found = said_.find(option);
  const bool known = found != said_.end();
  throw Error(ErrorKind::usage,
              fmt::format("wrong value for {}",
                          known ? found->second.where : fmt::format("--{}", describe(option).name)))
      .object(known && !found->second.values.empty() ? found->second.values.back() : "")
      .cause(wanted);
}

bool Command::on(Option option) const {
  if (!given(option)) return false;
  const std::optional<bool> value = parse_switch(said_.at(option).values.back());
  if (!value) refuse(option, "true or false is expected");
  return *value;
}

std::string Command::text(Option option) const {
  if (!given(option)) return std::string(describe(option).initial);
  const Said& said = said_.at(option);
  if (said.values.size() > 1) {
    throw Error(ErrorKind::usage, "given more than once").object(said.where);
  }
  return said.values.front();
}

std::vector<std::string> Command::texts(Option option) const {
  return given(option) ? said_.at(option).values : std::vector<std::string>{};
}

std::uint64_t Command::count(Option option, std::uint64_t least, std::uint64_t most) const {
  const std::optional<std::uint64_t> value = parse_count(text(option));
  if (!value || *value < least || *value > most) {
    refuse(option, fmt::format("a whole number from {} to {} is expected", least, most));
  }
  return *value;
}

std::chrono::milliseconds Command::duration(Option option) const {
  const std::optional<std::chrono::milliseconds> value = parse_duration(text(option));
  if (!value) refuse(option, "a time is expected, such as 30s, 15m, 26h or 7d");
  return *value;
}

std::uint64_t Command::size(Option option) const {
  const std::optional<std::uint64_t> value = parse_size(text(option));
  if (!value) refuse(option, "a size is expected, such as 512MB or 20GB");
  return *value;
}

std::size_t Command::choice(Option option) const {
  const std::string value = text(option);
  std::string_view rest = describe(option).argument;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::string_view one = rest.substr(0, rest.find('|'));
    if (one == value) return i;
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  refuse(option, fmt::format("one of {} is expected", describe(option).argument));
}

}  // namespace belay::tools
