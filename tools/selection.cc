#include "tools/selection.h"

#include "libcore/base/error.h"
#include "tools/target.h"

namespace belay::tools {

Repository repository_of(const Command& command, Context& context) {
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  return Repository(context.environment.files, command.text(Option::repo));
}

std::vector<std::string> selected_databases(const Repository& repository, const Command& command,
                                            Context& context) {
  const std::vector<std::string> all = repository.databases();
  if (!command.given(Option::dbname)) return all;
  std::vector<std::string> names;
  for (const std::string& text : command.texts(Option::dbname)) {
    const pg::ConnectTarget target = pg::ConnectTarget::parse(text);
    const std::string name = name_in(target, context.variables);
    if (name.empty()) throw Error(ErrorKind::usage, "-d names no database").object(text);
    names.push_back(name);
  }
  return names;
}

}  // namespace belay::tools
