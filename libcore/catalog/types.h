// Types, and what belongs to them: collations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

// Named and never defined.
struct ShellType : Object {};

struct BaseType : Object {
  // Clauses of CREATE TYPE in order, as "INPUT = s.in": words and values are text of the server's.
  std::vector<std::string> functions;
  int length = -1;  // -1: variable
  bool by_value = false, preferred = false, collatable = false;
  char alignment = 'i';  // c s i d
  char storage = 'p';    // p e x m
  std::string category, delimiter;
  std::string element;                       // type; empty: none
  std::optional<std::string> default_value;  // an expression
};

// A function that comes with a range type, and was left behind when the type was renamed or moved.
struct RangeConstructor {
  QualifiedName made;     // as CREATE TYPE calls it
  std::string arguments;  // pg_get_function_identity_arguments()
  QualifiedName name;
};

struct RangeType : Object {
  std::string subtype;
  std::string operator_class, collation;  // quoted qualified names; empty: the subtype's own
  std::string canonical, subtype_diff;    // quoted qualified names; empty: none
  std::string multirange;                 // quoted qualified name; empty: servers before 14
  std::vector<RangeConstructor> constructors;
};

struct EnumType : Object {
  std::vector<std::string> labels;
};

struct DomainType : Object {
  std::string base_type;  // format_type() text
  std::string collation;  // quoted qualified name; empty if the base type's
  bool not_null = false;
  std::string not_null_name;     // servers 17 and later: the constraint's name; else empty
  std::string not_null_comment;  // comment on that constraint; empty: none
  std::optional<std::string> default_expression;
};

struct CompositeColumn {
  std::string name, type, collation, comment;
  int number = 0;  // attnum
};
// Its pg_class row is folded into it.
struct CompositeType : Object {
  std::vector<CompositeColumn> columns;
};

struct Collation : Object {
  char provider = 'c';  // c libc, i ICU, b builtin
  bool deterministic = true;
  std::string lc_collate, lc_ctype;  // of libc; of ICU up to server 14, where they may differ
  std::string locale;                // of ICU from server 15 on, and builtin
  std::string icu_rules;
};

}  // namespace belay::catalog
