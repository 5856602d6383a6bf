// What nodes need: what pg_depend records, and what it does not.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libcore/catalog/order_nodes.h"

namespace belay::catalog {
namespace {

// Recorded by pg_depend too, except for schemas made by initdb, such as public.
void add_schema_needs(NodeList& list, const Catalog& catalog) {
  for (std::size_t n = 0; n < list.nodes.size(); ++n) {
    const auto schema = list.schema_nodes.find(list.nodes[n].schema);
    if (schema != list.schema_nodes.end()) list.need(static_cast<int>(n), schema->second);
  }
  for (const Extension& extension : catalog.extensions) {
    const auto schema = list.schema_nodes.find(extension.schema);
    if (schema != list.schema_nodes.end() &&
        !catalog.extension_members.contains(list.nodes[at(schema->second)].address)) {
      list.need(list.find(extension.address), schema->second);
    }
  }
}

bool holds_expressions(const Node& node) {
  switch (node.kind) {
    case NodeKind::function:
    case NodeKind::domain_check:
    case NodeKind::view:
    case NodeKind::view_query:
    case NodeKind::materialized_view:
    case NodeKind::default_value:
    case NodeKind::check:
      return true;
    default:
      return false;
  }
}

// What uses a cast records a dependency on its function, and what sorts or groups one on
// operators of the type's default class; on nothing where they are the server's own. So whatever
// may use `whole` needs it, unless it is needed by it.
void add_silent_need(NodeList& list, int whole, Oid recorded_class) {
  const std::vector<bool> reached = list.reached_from(whole);
  std::set<int> recorded;
  for (const int needed : list.nodes[at(whole)].needs) {
    if (list.nodes[at(needed)].address.classid == recorded_class) recorded.insert(needed);
  }
  for (std::size_t n = 0; n < list.nodes.size(); ++n) {
    const Node& node = list.nodes[n];
    if (reached[n] || node.section != Section::pre_data || !holds_expressions(node)) continue;
    if (recorded.empty() || std::any_of(node.needs.begin(), node.needs.end(),
                                        [&](int needed) { return recorded.contains(needed); })) {
      list.need(static_cast<int>(n), whole);
    }
  }
}

// An operator that another one names, and that does not name it back, is made last: the other way
// round the server would link both.
void add_operator_needs(NodeList& list, const Catalog& catalog) {
  std::map<Oid, const Operator*> by_oid;
  for (const Operator& op : catalog.operators) by_oid[op.address.objid] = &op;
  const auto follow = [&](const Operator& op, Oid Operator::*link) {
    const auto named = by_oid.find(op.*link);
    if (named == by_oid.end() || named->second->*link == op.address.objid) return;
    const int first = list.find(op.address), second = list.find(named->second->address);
    if (!list.reached_from(first)[at(second)]) list.need(second, first);
  };
  for (const Operator& op : catalog.operators) {
    follow(op, &Operator::commutator_oid);
    follow(op, &Operator::negator_oid);
  }
}

// Rows of configuration tables meet foreign keys that are there already: those that are referenced
// come first, as far as there is a first.
void add_configuration_needs(NodeList& list, const Catalog& catalog) {
  std::set<int> tables;
  for (const ExtensionTable& table : catalog.extension_tables) {
    tables.insert(list.find(table.address));
  }
  if (tables.empty()) return;
  std::map<Address, int> constrained;  // by constraint
  const auto table_at = [&](const Address& address) {
    const int node = list.find(address);
    return address.classid == class_oid::kClass && tables.contains(node) ? node : kNone;
  };
  for (const Dependency& dependency : catalog.dependencies) {
    if (dependency.dependent.classid != class_oid::kConstraint || dependency.type != 'a') continue;
    const int table = table_at(dependency.referenced);
    if (table != kNone) constrained[dependency.dependent] = table;
  }
  for (const Dependency& dependency : catalog.dependencies) {
    const auto table = constrained.find(dependency.dependent);
    if (table == constrained.end() || dependency.type != 'n') continue;
    const int referenced = table_at(dependency.referenced);
    if (referenced == kNone || list.reached_from(referenced)[at(table->second)]) continue;
    list.need(table->second, referenced);
  }
}

}  // namespace

int NodeList::add(const Form& form, const Address& address, std::string_view schema,
                  std::string_view name, std::string_view detail) {
  Node node;
  static_cast<Form&>(node) = form;
  node.address = address;
  node.schema = schema;
  node.name = name;
  node.detail = detail;
  nodes.push_back(std::move(node));
  return static_cast<int>(nodes.size()) - 1;
}

int NodeList::find(const Address& address) const {
  const auto found = node_of.find(address);
  return found == node_of.end() ? kNone : found->second;
}

void NodeList::need(int node, int needed) {
  if (node != kNone && needed != kNone && node != needed) {
    nodes[at(node)].needs.push_back(needed);
  }
}

std::vector<bool> NodeList::reached_from(int start) const {
  std::vector<bool> reached(nodes.size(), false);
  std::vector<int> stack{start};
  while (!stack.empty()) {
    const int node = stack.back();
    stack.pop_back();
    if (reached[at(node)]) continue;
    reached[at(node)] = true;
    stack.insert(stack.end(), nodes[at(node)].needs.begin(), nodes[at(node)].needs.end());
  }
  return reached;
}

void add_recorded_needs(NodeList& list, const Catalog& catalog) {
  ByOid<Oid> parent_of;  // partition -> parent; owned sequence -> table
  for (const Table& table : catalog.tables) {
    if (table.partition_of != 0) parent_of[table.address.objid] = table.partition_of;
  }
  for (const Sequence& sequence : catalog.sequences) {
    // The identity sequence is made by ALTER TABLE; a serial's stands alone until OWNED BY.
    if (sequence.owner_table == 0) continue;
    if (sequence.is_identity) {
      list.need(list.find(sequence.address), list.find_relation(sequence.owner_table));
    } else {
      parent_of[sequence.address.objid] = sequence.owner_table;
    }
  }
  for (const Dependency& dependency : catalog.dependencies) {
    if (dependency.type == 'p' || dependency.type == 'e') continue;
    const int node = list.find(dependency.dependent);
    const int needed = list.find(dependency.referenced);
    if (node == kNone || needed == kNone || node == needed) continue;
    const Node& dependent = list.nodes[at(node)];
    // Members are made with their extension.
    if (dependent.address.classid == class_oid::kExtension &&
        dependency.dependent.classid != class_oid::kExtension) {
      continue;
    }
    if (dependent.host == needed) continue;  // inside its statement, or already separate
    // Children of partitioned indexes, constraints and triggers are made first, or implied.
    if (dependency.type == 'P' || dependency.type == 'S') continue;
    if (dependency.dependent.classid == class_oid::kClass &&
        dependency.referenced.classid == class_oid::kClass) {
      const auto parent = parent_of.find(dependency.dependent.objid);
      if (parent != parent_of.end() && parent->second == dependency.referenced.objid) continue;
    }
    list.need(node, needed);
  }
  add_schema_needs(list, catalog);
}

void add_silent_needs(NodeList& list, const Catalog& catalog) {
  for (const Cast& cast : catalog.casts) {
    add_silent_need(list, list.find(cast.address), class_oid::kProc);
  }
  for (const OperatorClass& op_class : catalog.operator_classes) {
    if (op_class.is_default)
      add_silent_need(list, list.find(op_class.address), class_oid::kOperator);
  }
  add_operator_needs(list, catalog);
  add_configuration_needs(list, catalog);
}

}  // namespace belay::catalog
