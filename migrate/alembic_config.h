// alembic.ini, as Python's configparser reads it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/file_system.h"

namespace belay::migrate {

class AlembicConfig {
 public:
  AlembicConfig() = default;
  // `here` is the file's directory, for %(here)s. Throws Error{preflight} on what configparser
  // would refuse.
  AlembicConfig(std::string_view ini, const Path& here);

  // With %(name)s filled in, from the section and from [DEFAULT]; nothing if it is not there.
  // Throws Error{preflight} for a name that does not exist.
  std::optional<std::string> value(const std::string& section, const std::string& key) const;

 private:
  const std::string* raw(const std::string& section, const std::string& key) const;
  std::string filled(const std::string& section, const std::string& text, int depth) const;

  std::map<std::string, std::map<std::string, std::string>> sections_;
};

}  // namespace belay::migrate
