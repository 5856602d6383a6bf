// Functions, and what is made of functions: languages, transforms, aggregates, casts, operators and
// their families and classes, conversions, access methods, event triggers.
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
  bool calls_itself = false;            // that body
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

struct Language : Object {
  bool trusted = false;
  std::string handler, inliner, validator;  // quoted qualified names; empty: none
};

struct Transform : Object {      // name.name is "FOR type LANGUAGE language"; no schema, no owner
  std::string from_sql, to_sql;  // regprocedure text; empty: none
};

struct Aggregate : Object {
  std::string identity_arguments, arguments;  // as a function's
  std::string argument_types;                 // joined with ", ": what GRANT takes
  char kind = 'n';                            // n normal, o ordered-set, h hypothetical-set
  char parallel = 'u';
  // Clauses of CREATE AGGREGATE in order, as "SFUNC = int4pl": their words and values are text of
  // the server's.
  std::vector<std::string> clauses;
};

struct Operator : Object {
  std::string identity_arguments;  // "left, right" as types, NONE where there is none
  std::string left, right;         // types; empty: none
  std::string function, restrict_function, join_function;  // quoted qualified names
  std::string commutator, negator;                         // "OPERATOR(schema.name)"; empty: none
  Oid commutator_oid = 0, negator_oid = 0;
  bool merges = false, hashes = false;
};

// Members of a class, or of a family alone: "OPERATOR 1 <(integer,integer)", "FUNCTION 1 (integer,
// integer) btint4cmp(integer,integer)", by number. Their rows of pg_amop and pg_amproc are folded.
struct OperatorFamily : Object {
  std::string access_method;
  std::vector<std::string> members;
};

// What users added to a family that initdb or an extension made.
struct FamilyAdditions : OperatorFamily {
  std::string extension;  // not quoted; empty: initdb made it
};

struct OperatorClass : Object {
  std::string access_method;
  std::string family;  // quoted qualified name
  std::string type;
  std::string storage;  // empty: the type itself
  bool is_default = false;
  std::vector<std::string> members;
};

struct AccessMethod : Object {  // no schema, no owner
  char type = 'i';              // i index, t table
  std::string handler;          // quoted qualified name
};

}  // namespace belay::catalog
