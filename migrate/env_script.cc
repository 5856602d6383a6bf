#include "migrate/env_script.h"

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <span>
#include <utility>

namespace belay::migrate {
namespace {

// std::regex goes one call deeper for each character that it repeats: nothing long may reach it.
constexpr std::size_t kLongestText = 512;  // of a literal or a word; longer ones are left out
constexpr std::string_view kBlanks = " \t\r\n\f";

// The end of the literal that begins at `begin`, and whether it is a triple-quoted one.
std::pair<std::size_t, bool> literal_end(std::string_view python, std::size_t begin) {
  const std::string three(3, python[begin]);
  const bool triple = python.substr(begin).starts_with(three);
  const std::string_view quote = triple ? std::string_view(three) : python.substr(begin, 1);
  std::size_t end = begin + quote.size();
  while (end < python.size() && !python.substr(end).starts_with(quote)) {
    end += python[end] == '\\' ? 2 : 1;
  }
  return {std::min(python.size(), end + quote.size()), triple};
}

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Without comments and docstrings, which hold examples that nobody runs; blanks as one space,
// unless the lines and how far they are indented matter.
enum class Blanks { one, all };
std::string code_of(std::string_view python, Blanks blanks = Blanks::one) {
  std::string code;
  for (std::size_t i = 0; i < python.size();) {
    const char c = python[i];
    std::size_t end = i + 1;
    if (c == '#') {
      end = std::min(python.find('\n', i), python.size());
    } else if (c == '"' || c == '\'') {
      const auto [after, triple] = literal_end(python, i);
      end = after;
      if (!triple && end - i <= kLongestText) code += python.substr(i, end - i);
    } else if (kBlanks.find(c) != std::string_view::npos) {
      end = std::min(python.find_first_not_of(kBlanks, i), python.size());
      code += blanks == Blanks::one ? " " : python.substr(i, end - i);
    } else {
      while (word_char(c) && end < python.size() && word_char(python[end])) ++end;
      if (end - i <= kLongestText) code += python.substr(i, end - i);
    }
    i = end;
  }
  return code;
}

std::vector<std::string> all_matches(const std::string& code, const char* pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (auto match = std::sregex_iterator(code.begin(), code.end(), expression);
       match != std::sregex_iterator(); ++match) {
    found.push_back((*match)[1].str());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool holds(const std::string& code, const char* pattern) {
  return std::regex_search(code, std::regex(pattern));
}

// A literal that is only the beginning of a value: "a" + b, "a" % b, "a".format(b), "a" "b".
constexpr const char* kGoesOn = R"((?!\s*[+%.\["']))";

// The value of a keyword argument: nothing if it is there but not always the same literal.
std::optional<std::string> literal_argument(const std::string& code, const std::string& name,
                                            const std::string& initial) {
  const std::string named = "\\b" + name + R"(\s*=(?!=)\s*)";
  std::set<std::string> values;
  const std::regex use(named + R"((?=\S))");
  const std::regex literal("^" + named + R"re((?:"([^"\\]*)"|'([^'\\]*)'))re" + kGoesOn);
  for (auto found = std::sregex_iterator(code.begin(), code.end(), use);
       found != std::sregex_iterator(); ++found) {
    std::smatch value;
    const auto begin = code.begin() + found->position();
    if (!std::regex_search(begin, code.end(), value, literal)) return std::nullopt;
    values.insert(value[1].str() + value[2].str());
  }
  if (values.empty()) return initial;
  return values.size() == 1 ? std::optional(*values.begin()) : std::nullopt;
}

// None if any of them is only a part of the URL.
std::vector<std::string> whole_urls(const std::string& code) {
  const std::string url = R"(["'](postgres(?:ql)?(?:\+\w+)?://[^"'{}]*)["'])";
  const std::vector<std::string> begun = all_matches(code, url.c_str());
  std::vector<std::string> whole = all_matches(code, (url + kGoesOn).c_str());
  return whole == begun ? whole : std::vector<std::string>();
}

// Variables are set here or read from a file over those that are set; a part of the address is
// given besides (dbname=, "dbname":, url.set(database=...)); or it comes from another object, such
// as settings.database_url.
bool address_unclear(const std::string& code) {
  // The name of a variable that may be part of an address, or one that is computed.
  const std::string named =
      R"re(\s*(?:["']\w*(?:PG|URL|URI|DSN|DATABASE|DB|HOST)\w*["']|[^"'\s]))re";
  const std::string of_object =
      R"(\s*(?:str\s*\(\s*)?(?!os\b|environ\b|config\b)\w{1,60}(?:\s*\(\s*\))?\s*\.\s*(?!replace\b)\w)";
  struct Sign {
    std::string_view word;  // without it nothing is searched: a regular expression is slow
    std::string pattern;
  };
  const std::array signs = {
      Sign{"environ", R"(\benviron\s*\[)" + named + R"re([^\]]{0,40}\]\s*=(?!=))re"},
      Sign{"setdefault", R"(\benviron\s*\.\s*setdefault\s*\()" + named},
      Sign{"update", R"(\benviron\s*\.\s*update\s*\()"},
      Sign{"putenv", R"(\bputenv\s*\()"},
      Sign{"override", R"(\boverride\s*=\s*True\b)"},
      Sign{"dbname", R"re(\bdbname["']?\s*[:=](?!=))re"},
      Sign{".set", R"(\.set\s*\([^)]{0,60}\b(?:database|host|port)\s*=)"},
      Sign{"creator", R"(\bcreator\s*=(?!=))"},
      Sign{"engine", R"(\bcreate_(?:async_)?engine\s*\()" + of_object},
      Sign{"set_main_option",
           R"re(\bset_main_option\s*\(\s*["']sqlalchemy\.url["']\s*,)re" + of_object},
  };
  return std::any_of(signs.begin(), signs.end(), [&](const Sign& sign) {
    return code.find(sign.word) != std::string::npos && holds(code, sign.pattern.c_str());
  });
}

struct Line {
  std::size_t indent;
  std::string_view text;
};

std::vector<Line> lines_of(std::string_view code) {
  std::vector<Line> lines;
  while (!code.empty()) {
    const std::string_view line = code.substr(0, code.find('\n'));
    code.remove_prefix(std::min(code.size(), line.size() + 1));
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (indent != std::string_view::npos) lines.push_back({indent, line.substr(indent)});
  }
  return lines;
}

// What is indented below lines[at].
std::span<const Line> block_of(const std::vector<Line>& lines, std::size_t at) {
  std::size_t end = at + 1;
  while (end < lines.size() && lines[end].indent > lines[at].indent) ++end;
  return std::span(lines).subspan(at + 1, end - at - 1);
}

// The word between `key` and `end` where a line begins with it: the name of "def NAME(".
std::string_view word_after(std::string_view line, std::string_view key, std::string_view end) {
  if (line.starts_with("async ")) line.remove_prefix(6);
  if (!line.starts_with(key)) return {};
  line.remove_prefix(key.size());
  return line.substr(0, line.find_first_of(end));
}

// "for ... in ...:" around what migrates, or around a call of a function that does. One that counts
// attempts (range) is no such loop.
bool migrates_in_a_loop(std::string_view code) {
  const std::vector<Line> lines = lines_of(code);
  std::set<std::string, std::less<>> calls = {"context.configure", "context.run_migrations"};
  const auto migrates = [&](std::span<const Line> block) {
    return std::any_of(block.begin(), block.end(), [&](const Line& line) {
      return std::any_of(calls.begin(), calls.end(), [&](const std::string& call) {
        const std::size_t found = line.text.find(call);
        if (found == std::string_view::npos) return false;
        const char before = found == 0 ? ' ' : line.text[found - 1];
        const std::size_t end = found + call.size();
        const char after = end < line.text.size() ? line.text[end] : ' ';
        return !word_char(before) && !word_char(after);
      });
    });
  };
  for (std::size_t known = 0; known != calls.size();) {
    known = calls.size();
    for (std::size_t at = 0; at < lines.size(); ++at) {
      const std::string_view name = word_after(lines[at].text, "def ", "( ");
      if (!name.empty() && migrates(block_of(lines, at))) calls.emplace(name);
    }
  }
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const std::string_view what = word_after(lines[at].text, "for ", ":");
    const std::size_t over = what.find(" in ");
    if (over == std::string_view::npos || what.substr(over + 4).starts_with("range(")) continue;
    if (migrates(block_of(lines, at))) return true;
  }
  return false;
}

}  // namespace

EnvScript read_env_script(std::string_view python) {
  const std::string code = code_of(python);
  EnvScript script;
  script.variables =
      all_matches(code, R"((?:environ\s*\[|environ\s*\.\s*get\s*\(|getenv\s*\()\s*["'](\w+)["'])");
  script.literal_urls = whole_urls(code);
  script.sets_url = holds(code, R"(set_main_option\s*\(\s*["']sqlalchemy\.url)") ||
                    holds(code, R"(\bset_section_option\s*\()") ||
                    holds(code, R"(\bcreate_(?:async_)?engine\s*\()") ||
                    holds(code, R"(\[\s*["'](?:sqlalchemy\.)?url["']\s*\]\s*=)");
  script.uses_ini = holds(code, R"(\b(?:async_)?engine_from_config\s*\()") ||
                    holds(code, R"(get_main_option\s*\(\s*["']sqlalchemy\.url)");
  script.uses_x_arguments = holds(code, R"(\bget_x_argument\s*\()");
  script.address_unclear = address_unclear(code);
  script.migrates_in_a_loop = migrates_in_a_loop(code_of(python, Blanks::all));
  script.chooses_schema = holds(code, R"(\bsearch_path\b)") ||
                          holds(code, R"(\bschema_translate_map\b)") ||
                          holds(code, R"(\bdefault_schema_name\b)");
  script.version_table = literal_argument(code, "version_table", "alembic_version");
  script.version_schema = literal_argument(code, "version_table_schema", "");
  return script;
}

}  // namespace belay::migrate
