#include "migrate/here.h"

#include <fmt/format.h>

#include "libcore/base/shell_word.h"
#include "libcore/pg/connect_option.h"

namespace belay::migrate {

std::string here(const pg::ConnectTarget& target, const std::string& database,
                 const Path& repository) {
  return fmt::format("-d {} --repo {}", pg::connect_option(target.with_database(database)),
                     quote_shell_word(repository.native()));
}

}  // namespace belay::migrate
