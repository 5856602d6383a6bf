// Foreign data: wrappers, servers, user mappings.
#pragma once

#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

struct Option {
  std::string name, value;
};
// Sorted by name.
using Options = std::vector<Option>;

struct ForeignDataWrapper : Object {
  std::string handler, validator;  // quoted qualified names; empty: none
  Options options;
};

struct ForeignServer : Object {
  std::string wrapper;  // its name, not quoted
  std::string type, version;
  bool has_type = false, has_version = false;
  Options options;
};

struct UserMapping : Object {  // name.name is "ROLE on SERVER"
  std::string role;            // not quoted; empty: PUBLIC
  std::string server;          // not quoted
  Options options;             // often with a password
};

}  // namespace belay::catalog
