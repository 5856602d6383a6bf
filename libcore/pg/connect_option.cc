#include "libcore/pg/connect_option.h"

#include "libcore/base/shell_word.h"

namespace belay::pg {
namespace {

std::string conninfo_value(const std::string& value) {
  if (value.find_first_of(" \t\r\n'\\") == std::string::npos) return value;
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::string connect_option(const ConnectTarget& target) {
  std::string text;
  for (const char* keyword : {"service", "host", "hostaddr", "port", "user", "sslmode", "dbname"}) {
    const std::string* value = target.find(keyword);
    if (value == nullptr || value->empty()) continue;
    if (!text.empty()) text += ' ';
    text += std::string(keyword) + "=" + conninfo_value(*value);
  }
  const std::string* name = target.find("dbname");
  const bool alone = name != nullptr && text == "dbname=" + conninfo_value(*name);
  const bool is_a_name = alone && name->find('=') == std::string::npos &&
                         name->find("://") == std::string::npos && !name->starts_with("-");
  return quote_shell_word(is_a_name ? *name : text);
}

std::string connect_option(const std::string& database) {
  return connect_option(ConnectTarget().with_database(database));
}

}  // namespace belay::pg
