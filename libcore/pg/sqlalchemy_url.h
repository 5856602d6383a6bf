// SQLAlchemy's database URLs, as Alembic's configuration holds them. Used by ConnectTarget only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace belay::pg {

struct SqlalchemyUrl {
  std::map<std::string, std::string> keywords;  // libpq's
  std::vector<std::string> warnings;            // one for each key that was dropped; no values
};

// postgresql+DRIVER:// or postgres+DRIVER://
bool is_sqlalchemy_url(std::string_view text);
// Throws Error{usage}, which never shows the URL itself.
SqlalchemyUrl parse_sqlalchemy_url(std::string_view text);

}  // namespace belay::pg
