// Functions, and what hangs on functions: casts, conversions, event triggers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

struct Function : Object {
  char kind = 'f';                 // f, p, w (aggregates are not supported yet)
  std::string identity_arguments;  // pg_get_function_identity_arguments()
  std::string arguments;           // pg_get_function_arguments()
  std::string result;              // pg_get_function_result(); empty for procedures
  std::string language;
  char volatility = 'v', parallel = 'u';
  bool strict = false, security_definer = false, leakproof = false;
  std::string cost, rows;             // text of the numbers; empty when the default
  std::string support;                // quoted qualified name; empty: none
  std::vector<std::string> settings;  // proconfig
  std::vector<std::string> transform_types;
  std::string body, library;            // prosrc, probin
  std::optional<std::string> sql_body;  // pg_get_function_sqlbody(), servers 14 and later
};

struct Conversion : Object {
  std::string from, to;  // encodings, as pg_encoding_to_char() says
  std::string function;  // quoted qualified name
  bool is_default = false;
};

struct Cast : Object {         // name.name is "(source AS target)"; no schema, no owner
  std::string source, target;  // format_type() text
  char method = 'f';           // f function, b binary coercible, i through text
  char context = 'e';          // e explicit, a in assignments, i implicit
  std::string function;        // regprocedure text; empty unless the method is f
};

struct EventTrigger : Object {
  std::string event;
  std::vector<std::string> tags;  // none: any command
  std::string function;           // quoted qualified name
  char enabled = 'O';             // O on, D disabled, R on a replica, A always
};

}  // namespace belay::catalog
