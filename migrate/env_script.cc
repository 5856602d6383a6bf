#include "migrate/env_script.h"

#include <algorithm>
#include <regex>

namespace belay::migrate {
namespace {

// Comments and docstrings hold examples that nobody runs.
std::string code_of(std::string_view python) {
  std::string code;
  for (std::size_t i = 0; i < python.size();) {
    const char c = python[i];
    if (c == '#') {
      while (i < python.size() && python[i] != '\n') ++i;
      continue;
    }
    if (c == '"' || c == '\'') {
      const std::string three(3, c);
      const bool triple = python.substr(i).starts_with(three);
      const std::string_view quote = triple ? std::string_view(three) : python.substr(i, 1);
      std::size_t end = i + quote.size();
      while (end < python.size() && !python.substr(end).starts_with(quote)) {
        end += python[end] == '\\' ? 2 : 1;
      }
      end = std::min(python.size(), end + quote.size());
      if (!triple) code += python.substr(i, end - i);
      i = end;
      continue;
    }
    code += c;
    ++i;
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

// The value of a keyword argument: nothing if it is there but not one literal.
std::optional<std::string> literal_argument(const std::string& code, const std::string& name,
                                            const std::string& initial) {
  const std::vector<std::string> values =
      all_matches(code, ("\\b" + name + R"(\s*=\s*["']([^"'\\]*)["'])").c_str());
  const auto uses = all_matches(code, ("\\b(" + name + R"()\s*=[^=])").c_str());
  if (uses.empty()) return initial;
  const std::regex any("\\b" + name + R"(\s*=[^=])");
  const auto count =
      std::distance(std::sregex_iterator(code.begin(), code.end(), any), std::sregex_iterator());
  const std::regex literal("\\b" + name + R"(\s*=\s*["'][^"'\\]*["'])");
  const auto literals = std::distance(std::sregex_iterator(code.begin(), code.end(), literal),
                                      std::sregex_iterator());
  if (values.size() != 1 || count != literals) return std::nullopt;
  return values.front();
}

}  // namespace

EnvScript read_env_script(std::string_view python) {
  const std::string code = code_of(python);
  EnvScript script;
  script.variables =
      all_matches(code, R"((?:environ\s*\[|environ\s*\.\s*get\s*\(|getenv\s*\()\s*["'](\w+)["'])");
  script.literal_urls = all_matches(code, R"(["'](postgres(?:ql)?(?:\+\w+)?://[^"'{}]*)["'])");
  script.sets_url = holds(code, R"(set_main_option\s*\(\s*["']sqlalchemy\.url)") ||
                    holds(code, R"(set_section_option\s*\([^)]*["']sqlalchemy\.url)") ||
                    holds(code, R"(\bcreate_(?:async_)?engine\s*\()") ||
                    holds(code, R"(\[\s*["'](?:sqlalchemy\.)?url["']\s*\]\s*=)") ||
                    holds(code, R"(\bimport\s+engine\b|\bengine\s*\.\s*connect\s*\()");
  script.uses_ini = holds(code, R"(\b(?:async_)?engine_from_config\s*\()") ||
                    holds(code, R"(get_main_option\s*\(\s*["']sqlalchemy\.url)");
  script.uses_x_arguments = holds(code, R"(\bget_x_argument\s*\()");
  script.version_table = literal_argument(code, "version_table", "alembic_version");
  script.version_schema = literal_argument(code, "version_table_schema", "");
  return script;
}

}  // namespace belay::migrate
