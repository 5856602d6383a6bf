#include "libcore/catalog/order_nodes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace belay::catalog {
namespace {

constexpr int kNone = -1;
std::size_t at(int node) { return static_cast<std::size_t>(node); }

class Builder {
 public:
  explicit Builder(const Catalog& catalog) : catalog_(catalog) {}

  std::vector<Node> build() {
    add_plain_objects();
    add_tables();
    add_views();
    add_constraints();
    add_indexes();
    add_triggers();
    add_aliases();
    add_dependencies();
    add_parts_of_tables();
    add_index_attachments();
    add_refreshes();
    return std::move(nodes_);
  }

 private:
  int add(NodeKind kind, const Address& address, std::string schema, std::string name,
          std::string detail = {}) {
    Node node;
    node.kind = kind;
    node.address = address;
    node.schema = std::move(schema);
    node.name = std::move(name);
    node.detail = std::move(detail);
    if (kind >= NodeKind::key) node.section = Section::post_data;
    if (kind == NodeKind::large_object) node.section = Section::data;
    nodes_.push_back(std::move(node));
    return static_cast<int>(nodes_.size()) - 1;
  }

  int add_object(NodeKind kind, const Object& object, std::string detail = {}) {
    const int node =
        add(kind, object.address, object.name.schema, object.name.name, std::move(detail));
    node_of_[object.address] = node;
    return node;
  }

  // Written inside the host's statement.
  int add_folded(NodeKind kind, const Address& address, int host, const std::string& name) {
    const int node = add(kind, address, nodes_[at(host)].schema, name, nodes_[at(host)].name);
    nodes_[at(node)].folded = true;
    nodes_[at(node)].section = Section::pre_data;
    nodes_[at(node)].host = host;
    nodes_[at(host)].needs.push_back(node);
    node_of_[address] = node;
    return node;
  }

  // Made from the same object as `whole`, later; not what dependencies mean by its address.
  int add_part(NodeKind kind, Part part, int whole) {
    const Node& node = nodes_[at(whole)];
    const int result = add(kind, node.address, node.schema, node.name, node.detail);
    nodes_[at(result)].part = part;
    nodes_[at(result)].needs.push_back(whole);
    return result;
  }

  int find(const Address& address) const {
    const auto found = node_of_.find(address);
    return found == node_of_.end() ? kNone : found->second;
  }
  int find_relation(Oid relation) const { return find({class_oid::kClass, relation}); }

  void need(int node, int needed) {
    if (node != kNone && needed != kNone && node != needed) {
      nodes_[at(node)].needs.push_back(needed);
    }
  }

  std::string relation_name(Oid relation) const {
    const int node = find_relation(relation);
    return node == kNone ? std::string() : nodes_[at(node)].name;
  }

  void add_plain_objects() {
    for (const Schema& schema : catalog_.schemas) {
      schemas_[schema.name.name] = add_object(NodeKind::schema, schema);
    }
    for (const Extension& extension : catalog_.extensions) {
      extensions_[extension.name.name] = add_object(NodeKind::extension, extension);
    }
    for (const EnumType& type : catalog_.enums) add_object(NodeKind::enumeration, type);
    for (const DomainType& type : catalog_.domains) add_object(NodeKind::domain, type);
    for (const CompositeType& type : catalog_.composites) {
      node_of_[{class_oid::kClass, type.relation}] = add_object(NodeKind::composite, type);
    }
    for (const Function& function : catalog_.functions) {
      add_object(NodeKind::function, function, function.identity_arguments);
    }
    for (const Sequence& sequence : catalog_.sequences) {
      add_object(sequence.is_identity ? NodeKind::identity : NodeKind::sequence, sequence);
    }
    for (const LargeObject& object : catalog_.large_objects) {
      const int node = add_object(NodeKind::large_object, object);
      // Decimal numbers in the order of their values.
      std::string& name = nodes_[at(node)].name;
      name.insert(0, 10 - std::min<std::size_t>(name.size(), 10), '0');
    }
  }

  void add_default(const Column& column, int host) {
    if (!column.default_expression || column.default_oid == 0) return;
    const int node = add_folded(NodeKind::default_value, {class_oid::kAttrDef, column.default_oid},
                                host, column.name);
    nodes_[at(node)].separable = column.generated == 0;
  }

  void add_tables() {
    for (const Table& table : catalog_.tables) {
      const int node = add_object(NodeKind::table, table);
      node_of_[{class_oid::kType, table.row_type}] = node;
      for (const Column& column : table.columns) add_default(column, node);
    }
  }

  void add_views() {
    for (const View& view : catalog_.views) {
      const int node =
          add_object(view.materialized ? NodeKind::materialized_view : NodeKind::view, view);
      node_of_[{class_oid::kType, view.row_type}] = node;
      if (view.materialized) {
        node_of_[{class_oid::kRewrite, view.rule}] = node;  // never apart
      } else {
        add_folded(NodeKind::view_query, {class_oid::kRewrite, view.rule}, node, view.name.name);
      }
      for (const Column& column : view.columns) {
        add_default(column, node);
        const int value = find({class_oid::kAttrDef, column.default_oid});
        if (!column.default_expression || value == kNone) continue;
        nodes_[at(node)].needs.pop_back();  // views have no place for it
        make_separate(value, Section::pre_data);
      }
    }
  }

  void make_separate(int node, Section section) {
    Node& separate = nodes_[at(node)];
    separate.folded = false;
    separate.part = Part::separate;
    separate.section = section;
    separate.needs.push_back(separate.host);
  }

  void add_check(const Constraint& constraint, int host, bool is_partition) {
    if (!constraint.local && !(is_partition && constraint.validated)) return;
    const int node = add_folded(constraint.domain != 0 ? NodeKind::domain_check : NodeKind::check,
                                constraint.address, host, constraint.name.name);
    if (!constraint.validated) {
      nodes_[at(host)].needs.pop_back();
      make_separate(node, Section::post_data);
    }
  }

  void add_constraints() {
    std::set<Oid> partitions;
    for (const Table& table : catalog_.tables) {
      if (table.partition_of != 0) partitions.insert(table.address.objid);
    }
    for (const Constraint& constraint : catalog_.constraints) {
      if (constraint.type == 'c') {
        const int host = constraint.domain != 0 ? find({class_oid::kType, constraint.domain})
                                                : find_relation(constraint.table);
        if (host != kNone) add_check(constraint, host, partitions.count(constraint.table) != 0);
        continue;
      }
      const bool key = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
      if (!key && (constraint.type != 'f' || constraint.parent != 0)) continue;
      const int node = add_object(key ? NodeKind::key : NodeKind::foreign_key, constraint,
                                  relation_name(constraint.table));
      need(node, find_relation(constraint.table));
      if (constraint.referenced_table != 0) need(node, find_relation(constraint.referenced_table));
      if (key) node_of_[{class_oid::kClass, constraint.index}] = node;
    }
  }

  void add_indexes() {
    for (const Index& index : catalog_.indexes) {
      if (index.constraint != 0) continue;  // its constraint makes it
      if (!index.ready || (!index.valid && !index.on_partitioned)) continue;
      const int node = add_object(NodeKind::index, index, relation_name(index.table));
      need(node, find_relation(index.table));
    }
  }

  void add_triggers() {
    std::map<Oid, const Trigger*> by_oid;
    for (const Trigger& trigger : catalog_.triggers) by_oid[trigger.address.objid] = &trigger;
    for (const Trigger& trigger : catalog_.triggers) {
      if (trigger.parent != 0) {
        const auto parent = by_oid.find(trigger.parent);
        const bool changed = parent == by_oid.end() || parent->second->enabled != trigger.enabled;
        if (!changed && !trigger.has_comment) continue;
      }
      const int node = add_object(NodeKind::trigger, trigger, relation_name(trigger.table));
      need(node, find_relation(trigger.table));
    }
    for (const Trigger& trigger : catalog_.triggers) {
      // A clone is made with its nearest ancestor that is a step, and then changed.
      Oid parent = trigger.parent;
      while (parent != 0 && find({class_oid::kTrigger, parent}) == kNone) {
        const auto found = by_oid.find(parent);
        parent = found == by_oid.end() ? 0 : found->second->parent;
      }
      if (parent != 0) need(find(trigger.address), find({class_oid::kTrigger, parent}));
    }
  }

  // Addresses that dependencies name and that are no object of the model: array and row types, and
  // whatever belongs to an extension.
  void add_aliases() {
    for (const auto& [address, extension] : catalog_.extension_members) {
      const auto found = extensions_.find(extension);
      if (found != extensions_.end()) node_of_.insert({address, found->second});
    }
    std::map<Address, Address> internal;
    for (const Dependency& dependency : catalog_.dependencies) {
      if (dependency.type == 'i' && find(dependency.dependent) == kNone) {
        internal.insert({dependency.dependent, dependency.referenced});
      }
    }
    for (const auto& [address, first] : internal) {
      Address target = first;
      // The array of a row type of a table: two steps. Bounded, as the catalog is hostile.
      for (int step = 0; step < 8 && find(target) == kNone; ++step) {
        const auto next = internal.find(target);
        if (next == internal.end()) break;
        target = next->second;
      }
      if (const int node = find(target); node != kNone) node_of_[address] = node;
    }
  }

  void add_dependencies() {
    std::map<Oid, Oid> parent_of;  // partition -> parent; owned sequence -> table
    for (const Table& table : catalog_.tables) {
      if (table.partition_of != 0) parent_of[table.address.objid] = table.partition_of;
    }
    for (const Sequence& sequence : catalog_.sequences) {
      // The identity sequence is made by ALTER TABLE; a serial's stands alone until OWNED BY.
      if (sequence.owner_table == 0) continue;
      if (sequence.is_identity) {
        need(find(sequence.address), find_relation(sequence.owner_table));
      } else {
        parent_of[sequence.address.objid] = sequence.owner_table;
      }
    }
    for (const Dependency& dependency : catalog_.dependencies) {
      if (dependency.type == 'p' || dependency.type == 'e') continue;
      const int node = find(dependency.dependent);
      const int needed = find(dependency.referenced);
      if (node == kNone || needed == kNone || node == needed) continue;
      const Node& dependent = nodes_[at(node)];
      // Members are made with their extension.
      if (dependent.kind == NodeKind::extension &&
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
      need(node, needed);
    }
    add_schema_needs();
  }

  // Recorded by pg_depend too, except for schemas made by initdb, such as public.
  void add_schema_needs() {
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      const auto schema = schemas_.find(nodes_[n].schema);
      if (schema != schemas_.end()) need(static_cast<int>(n), schema->second);
    }
    for (const Extension& extension : catalog_.extensions) {
      const auto schema = schemas_.find(extension.schema);
      if (schema != schemas_.end() &&
          !catalog_.extension_members.contains(nodes_[at(schema->second)].address)) {
        need(find(extension.address), schema->second);
      }
    }
  }

  void add_parts_of_tables() {
    for (const Sequence& sequence : catalog_.sequences) {
      if (sequence.owner_table == 0 || sequence.is_identity) continue;
      const int whole = find(sequence.address);
      need(add_part(NodeKind::ownership, Part::own, whole), find_relation(sequence.owner_table));
    }
    for (const Table& table : catalog_.tables) {
      if (table.partition_of == 0) continue;
      const int whole = find(table.address);
      need(add_part(NodeKind::table_attachment, Part::attach, whole),
           find_relation(table.partition_of));
    }
  }

  void add_index_attachments() {
    std::map<int, std::vector<int>> attachments;  // node of the parent -> attachments below it
    for (const Index& index : catalog_.indexes) {
      if (index.parent_index == 0) continue;
      const int whole = find({class_oid::kClass, index.address.objid});
      const int parent = find_relation(index.parent_index);
      if (whole == kNone || parent == kNone) continue;
      const int node = add_part(NodeKind::index_attachment, Part::attach, whole);
      nodes_[at(node)].address = index.address;  // of the index even where a constraint makes it
      need(node, parent);
      attachments[parent].push_back(node);
    }
    if (attachments.empty()) return;
    // A partitioned index is valid, and so usable by a foreign key, when all below it are attached.
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      if (nodes_[n].kind == NodeKind::index_attachment) continue;
      std::vector<int> reached = nodes_[n].needs;
      std::set<int> seen(reached.begin(), reached.end());
      while (!reached.empty()) {
        const auto found = attachments.find(reached.back());
        reached.pop_back();
        if (found == attachments.end()) continue;
        for (const int attachment : found->second) {
          need(static_cast<int>(n), attachment);
          const int child = nodes_[at(attachment)].needs.front();
          if (seen.insert(child).second) reached.push_back(child);
        }
      }
    }
  }

  // Materialized views whose rows go into this one, nearest first, through views and functions.
  std::vector<int> sources(int materialized) const {
    std::vector<int> result, stack{materialized};
    std::set<int> seen{materialized};
    while (!stack.empty()) {
      const int node = stack.back();
      stack.pop_back();
      for (const int needed : nodes_[at(node)].needs) {
        if (!seen.insert(needed).second) continue;
        const NodeKind kind = nodes_[at(needed)].kind;
        if (kind == NodeKind::materialized_view) result.push_back(needed);
        if (kind == NodeKind::view || kind == NodeKind::view_query || kind == NodeKind::function ||
            kind == NodeKind::materialized_view) {
          stack.push_back(needed);
        }
      }
    }
    return result;
  }

  void add_refreshes() {
    std::set<int> unpopulated;
    for (const View& view : catalog_.views) {
      if (view.materialized && !view.populated) unpopulated.insert(find(view.address));
    }
    std::map<int, int> refresh_of;
    std::map<int, std::vector<int>> sources_of;
    for (const View& view : catalog_.views) {
      if (!view.materialized || !view.populated) continue;
      const int whole = find(view.address);
      std::vector<int> from = sources(whole);
      // Its query cannot run as long as one of its sources has no rows to show.
      if (std::any_of(from.begin(), from.end(),
                      [&](int source) { return unpopulated.count(source) != 0; })) {
        continue;
      }
      refresh_of[whole] = kNone;
      sources_of[whole] = std::move(from);
    }
    for (auto& [whole, refresh] : refresh_of) {
      refresh = add_part(NodeKind::refresh, Part::refresh, whole);
    }
    for (const auto& [whole, from] : sources_of) {
      for (const int source : from) need(refresh_of[whole], refresh_of[source]);
    }
  }

  const Catalog& catalog_;
  std::vector<Node> nodes_;
  std::map<Address, int> node_of_;  // also of aliases
  std::map<std::string, int> schemas_, extensions_;
};

}  // namespace

std::vector<Node> build_nodes(const Catalog& catalog) { return Builder(catalog).build(); }

std::string describe(const Node& node) {
  constexpr std::array<std::string_view, 24> kNames = {"schema",
                                                       "extension",
                                                       "enum",
                                                       "domain",
                                                       "composite type",
                                                       "function",
                                                       "check",
                                                       "sequence",
                                                       "table",
                                                       "identity sequence",
                                                       "attachment of table",
                                                       "ownership of sequence",
                                                       "view",
                                                       "query of view",
                                                       "materialized view",
                                                       "default",
                                                       "large object",
                                                       "constraint",
                                                       "index",
                                                       "attachment of index",
                                                       "check",
                                                       "trigger",
                                                       "foreign key",
                                                       "refresh of"};
  std::string text(kNames[static_cast<std::size_t>(node.kind)]);
  switch (node.kind) {
    case NodeKind::function:
      return text + ' ' + quote_name_pretty({node.schema, node.name}) + '(' + node.detail + ')';
    case NodeKind::default_value:
    case NodeKind::key:
    case NodeKind::check:
    case NodeKind::domain_check:
    case NodeKind::trigger:
    case NodeKind::foreign_key:
      return text + ' ' + quote_identifier_pretty(node.name) + " on " +
             quote_name_pretty({node.schema, node.detail});
    default:
      return text + ' ' + quote_name_pretty({node.schema, node.name});
  }
}

}  // namespace belay::catalog
