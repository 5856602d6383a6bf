#include "migrate/interpreter.h"

#include <algorithm>

#include "libcore/base/child_process.h"
#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

constexpr std::uint64_t kMaxFileBytes = 16 << 20;

}  // namespace

std::vector<std::string> interpreter_of(const ToolCommand& command, const Path& directory,
                                        const FileSystem& files) {
  if (Path(command.argv.at(0)).filename().native().starts_with("python")) return {command.argv[0]};
  ChildCommand program;
  program.argv = command.argv;
  program.directory = directory;
  const Path first = directory / program_of(program);
  const std::string text = read_file(files, first, kMaxFileBytes);
  if (text.starts_with("#!")) {
    const std::string line = text.substr(2, text.find('\n') - 2);
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
      if (end > at) words.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (words.size() > 1 && Path(words[0]).filename() == "env") words.erase(words.begin());
    if (!words.empty() && words.front().find("python") != std::string::npos) return words;
  }
  throw Error(ErrorKind::preflight, "cannot tell which Python runs Alembic")
      .object(first.native())
      .next("write the command as: python -m alembic ...");
}

}  // namespace belay::migrate
