#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "tools/options.h"
#include "tools/reference/reference.h"

namespace belay::tools {
namespace {

// Text for mdoc: no line may begin with a control character, and a backslash begins an escape.
std::string escaped(std::string_view text) {
  std::string result;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
    line_start = c == '\n';
  }
  return result;
}

// One sentence a line, as mdoc wants it.
std::string sentences(std::string_view text) {
  std::string result = escaped(text);
  for (std::size_t at = result.find(". "); at != std::string::npos;
       at = result.find(". ", at + 1)) {
    result[at + 1] = '\n';
  }
  for (std::size_t at = result.find("\n\n"); at != std::string::npos;
       at = result.find("\n\n", at)) {
    result.replace(at, 2, "\n.Pp\n");
  }
  return result;
}

// Text lines of at most 78 characters, as mandoc's lint wants them; macro lines stay whole.
std::string folded(const std::string& page) {
  constexpr std::size_t kWidth = 78;
  std::string result;
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = std::min(page.find('\n', begin), page.size());
    std::string line = page.substr(begin, end - begin);
    while (line.size() > kWidth && line.front() != '.') {
      const std::size_t space = line.rfind(' ', kWidth);
      if (space == std::string::npos || space == 0) break;
      result += line.substr(0, space) + '\n';
      line.erase(0, space + 1);
    }
    result += line + '\n';
    begin = end + 1;
  }
  return result;
}

// "-" as an argument of a macro is itself a macro's business; punctuation is escaped.
std::string word(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '[' || c == ']') result += "\\&";
    if (c == '-') result += '\\';
    result += c;
  }
  return result;
}

std::string item(Verb verb, const OptionRow& option) {
  std::string line = ".It";
  if (option.letter != 0) line += fmt::format(" Fl {} ,", option.letter);
  line += fmt::format(" Fl \\-{}", word(option.name));
  if (!option.argument.empty()) line += fmt::format(" Ar \"{}\"", escaped(option.argument));
  line += '\n' + sentences(help_of(verb, option)) + ".\n";
  if (!option.initial.empty()) line += fmt::format("Default: {}.\n", escaped(option.initial));
  if (!variable_of(option).empty()) line += fmt::format(".Ev {}\n", variable_of(option));
  return line;
}

std::string example_lines(const VerbRow& row) {
  return fmt::format(".Bd -literal -offset indent\n{}\n.Ed\n", escaped(row.example));
}

std::string synopsis() {
  std::string text = ".Sh SYNOPSIS\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format(".Nm belay\n.Cm {}\n.Op Ar option ...\n", row.name);
    std::string_view rest = row.arguments;
    if (rest.starts_with("[")) {
      text += fmt::format(".Op Ar {}\n", rest.substr(1, rest.size() - 2));
    } else if (!rest.empty()) {
      text += fmt::format(".Ar \"{}\"\n", escaped(rest));
    }
  }
  return text + ".Nm belay\n.Cm \\-\\-help | \\-\\-version\n";
}

std::string commands() {
  std::string text = ".Sh COMMANDS\n";
  for (const VerbRow& row : verbs()) {
    text += fmt::format(".Ss {}\n{}\n.Pp\nOptions:\n.Bl -tag -width Ds\n", row.name,
                        sentences(row.description));
    for (const OptionRow& option : options()) {
      if (takes(row.verb, option)) text += item(row.verb, option);
    }
    text += ".El\n.Pp\nExamples:\n" + example_lines(row);
  }
  return text;
}

std::string environment() {
  std::string text =
      ".Sh ENVIRONMENT\n"
      "What the command line does not say, a variable may say, and what neither says, the "
      "configuration file.\nAn empty variable counts as unset.\n"
      "An option without an argument takes true or false.\n"
      ".Bl -tag -width Ds\n";
  std::set<std::string> seen;
  for (const OptionRow& option : options()) {
    const std::string name = variable_of(option);
    if (name.empty() || !seen.insert(name).second) continue;
    text += fmt::format(".It Ev {}\n.Fl \\-{}\n", name, word(option.name));
  }
  for (const VariableRow& row : foreign_variables()) {
    text += fmt::format(".It \"{}\"\n{}.\n", escaped(row.name), escaped(row.meaning));
  }
  return text + ".El\n";
}

std::string files() {
  return ".Sh FILES\n"
         ".Bl -tag -width Ds\n"
         ".It Pa DIR/DATABASE/TIME\\-ID.belay\n"
         "An archive in a repository; the database's name is percent\\-encoded.\n"
         ".It Pa DIR/DATABASE/TIME\\-ID.receipt.json\n"
         "What was proved of it.\n"
         ".It Pa ARCHIVE.receipt.json\n"
         "The receipt of an archive outside a repository.\n"
         ".El\n"
         ".Pp\n"
         "The configuration file named with\n"
         ".Fl \\-config\n"
         "is TOML.\nKeys are long options without dashes; a section such as [backup] holds for one "
         "command.\nUnknown keys are refused.\n"
         ".Bd -literal -offset indent\n"
         "repo = \"/var/backups/belay\"\n"
         "\n"
         "[backup]\n"
         "dbname = [\"app\", \"billing\"]\n"
         "jobs = 4\n"
         ".Ed\n";
}

std::string exit_status() {
  std::map<int, std::string> meanings{{0, "all is well"}};
  for (const ErrorKindRow& row : error_kinds()) {
    std::string& meaning = meanings[row.exit_status];
    if (!meaning.empty()) meaning += "; ";
    meaning += row.meaning;
  }
  std::string text = ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const auto& [status, meaning] : meanings) {
    text += fmt::format(".It {}\n{}.\n", status, escaped(meaning));
  }
  return text +
         ".El\n.Pp\n"
         "A signal during a command gives that command's own failure: 10 for a backup, 5 for a "
         "verification, 8 for a restore.\n";
}

}  // namespace

std::string manual_page() {
  return folded(
      ".\\\" Generated from the option table by belay_reference; do not edit.\n"
      ".Dd November 23, 2026\n"
      ".Dt BELAY 1\n"
      ".Os\n"
      ".Sh NAME\n"
      ".Nm belay\n"
      ".Nd PostgreSQL backups that are proved by restoring them\n" +
      synopsis() +
      ".Sh DESCRIPTION\n"
      "belay writes logical backups of PostgreSQL databases, one consistent snapshot in one "
      "streamed archive, and proves them by restoring and comparing.\n"
      ".Pp\n"
      "Data asked for goes to the standard output, everything else to the standard error.\n"
      "Nothing ever prompts, except for a password on a terminal.\n"
      ".Pp\n"
      ".Nm dbbackup ,\n"
      ".Nm dbrestore\n"
      "and\n"
      ".Nm dbschema_export\n"
      "are names of the same program for the commands backup, restore and schema.\n" +
      commands() + environment() + files() + exit_status() +
      ".Sh SEE ALSO\n"
      ".Xr pg_dump 1 ,\n"
      ".Xr psql 1\n");
}

}  // namespace belay::tools
