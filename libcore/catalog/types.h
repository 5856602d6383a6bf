// Types, and what belongs to them: collations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

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
