// What must be ordered, before any cycle is broken: one node per object, per part of one, and per
// thing inside another's statement that has dependencies of its own (defaults, checks, the query of
// a view). Private to the ordering.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/catalog/flat_map.h"
#include "libcore/catalog/order.h"

namespace belay::catalog {

// What the ordering must tell apart: only few kinds are treated in a way of their own.
enum class NodeKind {
  object,
  function,
  domain_check,
  table,
  table_attachment,
  ownership,
  view,
  view_query,
  materialized_view,
  default_value,
  index_attachment,
  check,
};

// What Node::detail says beside its part in the base order.
enum class Detail { nothing, table, arguments };

// What a node is, the same for all objects of a kind and for all parts of one sort.
struct Form {
  NodeKind kind = NodeKind::object;
  std::string_view word;  // for messages
  Section section = Section::pre_data;
  int rank = 0;  // the base order within a section: low comes early
};

// Outlived by the catalog, whose names it shows.
struct Node : Form {
  Address address;
  Part part = Part::whole;
  // The base order and messages: `detail` is the table of what hangs on one, the arguments of a
  // function.
  std::string_view schema, name, detail;
  Detail shown = Detail::nothing;  // how messages name the node
  // Folded nodes are written inside the statement of `host` and become no step of their own.
  bool folded = false;
  bool separable = true;  // false: a generated column's expression
  int host = -1;
  std::vector<int> needs;  // may hold duplicates
};

constexpr int kNone = -1;
constexpr std::size_t at(int node) { return static_cast<std::size_t>(node); }

// Nodes are known by their number, their place in `nodes`.
struct NodeList {
  std::vector<Node> nodes;
  ByAddress<int> node_of;                                                 // also of aliases
  std::map<std::string, int, std::less<>> schema_nodes, extension_nodes;  // by name

  int add(const Form& form, const Address& address, std::string_view schema, std::string_view name,
          std::string_view detail = {});
  int find(const Address& address) const;
  int find_relation(Oid relation) const { return find({class_oid::kClass, relation}); }
  // Nothing happens where either is kNone, or both are the same.
  void need(int node, int needed);
  // `start` and everything that it needs, directly or not.
  std::vector<bool> reached_from(int start) const;
};

// What pg_depend says of nodes that are there, and what initdb keeps from it.
void add_recorded_needs(NodeList& list, const Catalog& catalog);
// Of casts, classes of operators, and operators that name one another: what pg_depend lacks.
void add_silent_needs(NodeList& list, const Catalog& catalog);

// Needs are complete: those of pg_depend and those that it lacks.
std::vector<Node> build_nodes(const Catalog& catalog);

// "table music.songs", for messages.
std::string describe(const Node& node);

}  // namespace belay::catalog
