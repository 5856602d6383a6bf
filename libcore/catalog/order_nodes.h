// What must be ordered, before any cycle is broken: one node per object, per part of one, and per
// thing inside another's statement that has dependencies of its own (defaults, checks, the query of
// a view). Private to the ordering.
#pragma once

#include <string>
#include <vector>

#include "libcore/catalog/order.h"

namespace belay::catalog {

// In the base order: low comes early, within a section.
enum class NodeKind {
  schema,
  extension,
  enumeration,
  domain,
  composite,
  function,
  domain_check,  // before any column uses the domain: later the server may refuse it
  sequence,
  table,
  identity,
  table_attachment,
  ownership,
  view,
  view_query,
  materialized_view,
  default_value,
  large_object,
  key,  // primary key, unique, exclude
  index,
  index_attachment,
  check,
  trigger,
  foreign_key,
  refresh,
};

struct Node {
  NodeKind kind = NodeKind::schema;
  Address address;
  Part part = Part::whole;
  Section section = Section::pre_data;
  // The base order and messages: `detail` is the table of a column or constraint, the arguments of
  // a function.
  std::string schema, name, detail;
  // Folded nodes are written inside the statement of `host` and become no step of their own.
  bool folded = false;
  bool separable = true;  // false: a generated column's expression
  int host = -1;
  std::vector<int> needs;  // may hold duplicates
};

// Needs are complete: those of pg_depend and those that it lacks.
std::vector<Node> build_nodes(const Catalog& catalog);

// "table music.songs", for messages.
std::string describe(const Node& node);

}  // namespace belay::catalog
