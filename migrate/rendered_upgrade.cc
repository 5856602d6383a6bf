#include "migrate/rendered_upgrade.h"

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/interpreter.h"

namespace belay::migrate {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;
constexpr auto kPatience = std::chrono::seconds(30);
constexpr std::size_t kMostWords = 200;

// Alembic itself, but what modules print is not taken for SQL, and nobody can connect: an env.py
// may have no offline mode, or a revision may read what it migrates.
constexpr std::string_view kProgram = R"(
import sys
out, sys.stdout = sys.stdout, sys.stderr
class NobodyConnects(Exception):
    pass
def refuse(*_, **__):
    raise NobodyConnects("it connects to a database")
import sqlalchemy.engine
for name in ("connect", "raw_connection", "begin"):
    setattr(sqlalchemy.engine.Engine, name, refuse)
for name in ("psycopg2", "psycopg", "asyncpg", "pg8000", "pg8000.dbapi"):
    try:
        __import__(name)
    except Exception:
        continue
    driver = sys.modules[name]
    driver.connect = refuse
    for kind in ("Connection", "AsyncConnection"):
        if name == "psycopg" and hasattr(driver, kind):
            getattr(driver, kind).connect = refuse
import alembic.config
begin = alembic.config.Config.__init__
def begin_with_output(self, *words, **named):
    named["output_buffer"] = out
    begin(self, *words, **named)
alembic.config.Config.__init__ = begin_with_output
alembic.config.main(argv=sys.argv[1:], prog="alembic")
)";

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  text = text.substr(text.find_last_of('\n') + 1);
  return printable(text.size() > kMostWords ? text.substr(0, kMostWords) + "..." : text);
}

// "-- Running upgrade r4 -> r5, subject" stands before what r5 does.
std::string last_begun(const std::string& sql) {
  constexpr std::string_view kRunning = "-- Running upgrade ";
  const std::size_t begin = sql.rfind(kRunning);
  if (begin == std::string::npos) return "";
  const std::string line = sql.substr(begin, sql.find('\n', begin) - begin);
  const std::size_t arrow = line.find("-> ");
  if (arrow == std::string::npos) return "";
  const std::string after = line.substr(arrow + 3);
  return printable(after.substr(0, after.find_first_of(", ")));
}

std::vector<std::string> words_of(const ToolCommand& command,
                                  const std::vector<std::string>& current) {
  std::vector<std::string> words;
  for (const std::string& config : command.configs) {
    words.insert(words.end(), {"-c", config});
  }
  words.insert(words.end(), {"-n", command.section});
  for (const std::string& argument : command.x) words.insert(words.end(), {"-x", argument});
  const std::string from = current.empty() ? "" : current.front() + ":";
  words.insert(words.end(), {"upgrade", "--sql", from + command.revisions.front()});
  return words;
}

}  // namespace

RenderedUpgrade render_upgrade(const ToolCommand& command, const std::vector<std::string>& current,
                               ChildProcesses& processes, Environment& environment) {
  if (current.size() > 1) return {"", "several branches do not render as one script"};
  if (command.revisions.size() != 1) return {"", "there is no one revision to render"};
  ChildCommand program;
  try {
    program.argv = interpreter_of(command, "", environment.files);
  } catch (const Error& error) {
    return {"", error.what()};
  }
  program.argv.emplace_back("-c");
  program.argv.emplace_back(kProgram);
  for (std::string& word : words_of(command, current)) program.argv.push_back(std::move(word));
  program.out.to = program.err.to = ChildOutput::To::captured;
  program.out.limit = kMostBytes;
  const std::unique_ptr<Child> child = processes.start(program);
  const ChildEnd end = wait_or_stop(*child, environment.cancellation, kPatience);
  environment.cancellation.check();
  Child::Captured out = child->captured_out();
  RenderedUpgrade rendered{std::move(out.bytes), ""};
  if (!out.complete) {
    rendered.missing = "the first part of a long script was not kept";
  } else if (!end.exit.success()) {
    const std::string begun = last_begun(rendered.sql);
    const std::string why = last_line(child->captured_err().bytes);
    rendered.missing =
        fmt::format("{} not render as SQL ({})",
                    begun.empty() ? "the pending revisions do" : begun + " and what follows it do",
                    end.timed_out ? "it took too long"
                    : why.empty() ? end.exit.text()
                                  : why);
  }
  return rendered;
}

}  // namespace belay::migrate
