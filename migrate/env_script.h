// env.py, as far as it can be read without Python: where its URL comes from, and how its version
// table is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/name.h"

namespace belay::migrate {

struct EnvScript {
  std::vector<std::string> variables;     // names in os.environ[...], os.environ.get(), os.getenv()
  std::vector<std::string> literal_urls;  // postgresql... texts that it holds
  bool sets_url = false;                  // something other than the ini's sqlalchemy.url is used
  bool uses_ini = false;                  // engine_from_config(), or reads sqlalchemy.url
  bool uses_x_arguments = false;
  // What the environment and the ini name need not be what it connects to.
  bool address_unclear = false;
  bool migrates_in_a_loop = false;  // over databases, or over schemas: several runs in one
  bool chooses_schema = false;      // sets a search_path, or maps schemas
  // Of the version table; nothing: computed.
  std::optional<std::string> version_table, version_schema;
};

// Comments are ignored. Never throws: what it does not understand is not in the result.
EnvScript read_env_script(std::string_view python);

}  // namespace belay::migrate
