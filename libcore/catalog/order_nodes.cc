#include "libcore/catalog/order_nodes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libcore/catalog/flat_map.h"

namespace belay::catalog {
namespace {

// The base order has room for some sorts of parts behind each kind.
constexpr int kPlaces = 8;

template <typename T>
constexpr Form form(NodeKind kind = NodeKind::object) {
  return {kind, kind_of<T>().word, kind_of<T>().section, kPlaces * position_of<T>()};
}

template <typename T>
constexpr Form behind(int place, NodeKind kind, std::string_view word, Section section) {
  return {kind, word, section, kPlaces * position_of<T>() + place};
}

// The shell that a type's own functions need.
constexpr Form kTypePlaceholder =
    behind<ShellType>(1, NodeKind::object, "placeholder of type", Section::pre_data);
// Before any column uses the domain: later the server may refuse it.
constexpr Form kDomainCheck =
    behind<Function>(1, NodeKind::domain_check, "check", Section::pre_data);
constexpr Form kIdentity =
    behind<Table>(1, NodeKind::object, "identity sequence", Section::pre_data);
constexpr Form kTableAttachment =
    behind<Table>(2, NodeKind::table_attachment, "attachment of table", Section::pre_data);
constexpr Form kOwnership =
    behind<Table>(3, NodeKind::ownership, "ownership of sequence", Section::pre_data);
constexpr Form kViewQuery =
    behind<View>(1, NodeKind::view_query, "query of view", Section::pre_data);
constexpr Form kMaterializedView =
    behind<View>(2, NodeKind::materialized_view, "materialized view", Section::pre_data);
constexpr Form kDefault = behind<View>(3, NodeKind::default_value, "default", Section::pre_data);
constexpr Form kIndexAttachment =
    behind<Index>(1, NodeKind::index_attachment, "attachment of index", Section::post_data);
constexpr Form kCheck = behind<Index>(2, NodeKind::check, "check", Section::post_data);
constexpr Form kForeignKey =
    behind<Trigger>(1, NodeKind::object, "foreign key", Section::post_data);
constexpr Form kRowSecurity =
    behind<Policy>(1, NodeKind::object, "row security of table", Section::post_data);
constexpr Form kRefresh = {NodeKind::object, "refresh of", Section::post_data,
                           kPlaces* static_cast<int>(kKindCount)};

class Builder : NodeList {
 public:
  explicit Builder(const Catalog& catalog) : catalog_(catalog) {}

  std::vector<Node> build() {
    for_each_kind([this](const auto& kind) { add_nodes(catalog_.*kind.objects); });
    add_aliases();
    add_recorded_needs(*this, catalog_);
    add_type_placeholders(catalog_.base_types);
    add_type_placeholders(catalog_.range_types);
    add_silent_needs(*this, catalog_);
    add_parts_of_tables();
    add_index_attachments();
    add_refreshes();
    return std::move(nodes);
  }

 private:
  int add_object(const Form& form, const Object& object, std::string_view detail = {}) {
    const int node = add(form, object.address, object.name.schema, object.name.name, detail);
    node_of[object.address] = node;
    for (const Address& address : object.folded) node_of[address] = node;
    return node;
  }

  // What hangs on a table needs it, and is named after it.
  template <typename T>
  int add_on_table(const Form& form, const T& object) {
    const int node = add_object(form, object, relation_name(object.table));
    nodes[at(node)].shown = Detail::table;
    need(node, find_relation(object.table));
    return node;
  }

  template <typename T>
  void add_with_arguments(const Form& form, const T& object) {
    nodes[at(add_object(form, object, object.identity_arguments))].shown = Detail::arguments;
  }

  // Every kind that is not treated below in a way of its own.
  template <typename T>
  void add_nodes(const std::vector<T>& objects) {
    for (const T& object : objects) {
      if constexpr (requires { object.table; }) {
        add_on_table(form<T>(), object);
      } else if constexpr (requires { object.identity_arguments; }) {
        add_with_arguments(form<T>(), object);
      } else if constexpr (requires { object.access_method; }) {
        add_object(form<T>(), object, object.access_method);
      } else {
        add_object(form<T>(), object);
      }
    }
  }

  // Written inside the host's statement.
  int add_folded(const Form& form, const Address& address, int host, std::string_view name) {
    const int node = add(form, address, nodes[at(host)].schema, name, nodes[at(host)].name);
    if (form.kind != NodeKind::view_query) nodes[at(node)].shown = Detail::table;
    nodes[at(node)].folded = true;
    nodes[at(node)].section = Section::pre_data;
    nodes[at(node)].host = host;
    nodes[at(host)].needs.push_back(node);
    node_of[address] = node;
    return node;
  }

  // Made from the same object as `whole`, later; not what dependencies mean by its address.
  int add_part(const Form& form, Part part, int whole) {
    const Node& node = nodes[at(whole)];
    const int result = add(form, node.address, node.schema, node.name, node.detail);
    nodes[at(result)].part = part;
    nodes[at(result)].needs.push_back(whole);
    return result;
  }

  std::string_view relation_name(Oid relation) const {
    const int node = find_relation(relation);
    return node == kNone ? std::string_view() : nodes[at(node)].name;
  }

  void add_nodes(const std::vector<Schema>& schemas) {
    for (const Schema& schema : schemas) {
      schema_nodes[schema.name.name] = add_object(form<Schema>(), schema);
    }
  }

  void add_nodes(const std::vector<Extension>& extensions) {
    for (const Extension& extension : extensions) {
      extension_nodes[extension.name.name] = add_object(form<Extension>(), extension);
    }
  }

  void add_nodes(const std::vector<Function>& functions) {
    for (const Function& function : functions) {
      add_with_arguments(form<Function>(NodeKind::function), function);
    }
  }

  void add_nodes(const std::vector<Sequence>& sequences) {
    for (const Sequence& sequence : sequences) {
      add_object(sequence.is_identity ? kIdentity : form<Sequence>(), sequence);
    }
  }

  void add_nodes(const std::vector<LargeObject>& objects) {
    for (const LargeObject& object : objects) {
      const int node = add_object(form<LargeObject>(), object);
      // Decimal numbers in the order of their values; no other kind is in their section.
      nodes[at(node)].rank += static_cast<int>(object.name.name.size());
    }
  }

  void add_default(const Column& column, int host) {
    if (!column.default_expression || column.default_oid == 0) return;
    const int node =
        add_folded(kDefault, {class_oid::kAttrDef, column.default_oid}, host, column.name);
    nodes[at(node)].separable = column.generated == 0;
  }

  void add_nodes(const std::vector<Table>& tables) {
    for (const Table& table : tables) {
      const int node = add_object(form<Table>(NodeKind::table), table);
      node_of[{class_oid::kType, table.row_type}] = node;
      for (const Column& column : table.columns) add_default(column, node);
    }
  }

  template <typename T>
  void add_members(const std::vector<T>& members) {
    for (const T& member : members) {
      const int node = add_object(form<T>(), member);
      const auto extension = extension_nodes.find(member.extension);
      if (extension != extension_nodes.end()) need(node, extension->second);
    }
  }
  void add_nodes(const std::vector<ExtensionTable>& tables) {
    add_members(tables);
    for (const ExtensionTable& table : tables) {
      members_.insert(table.address.objid);
      for (const Column& column : table.columns) {
        if (column.default_oid == 0) continue;
        node_of[{class_oid::kAttrDef, column.default_oid}] = find(table.address);
      }
    }
  }
  void add_nodes(const std::vector<ExtensionSequence>& sequences) { add_members(sequences); }
  void add_nodes(const std::vector<FamilyAdditions>& additions) { add_members(additions); }

  void add_nodes(const std::vector<View>& views) {
    for (const View& view : views) {
      const int node =
          add_object(view.materialized ? kMaterializedView : form<View>(NodeKind::view), view);
      node_of[{class_oid::kType, view.row_type}] = node;
      if (view.materialized) {
        node_of[{class_oid::kRewrite, view.rule}] = node;  // never apart
      } else {
        add_folded(kViewQuery, {class_oid::kRewrite, view.rule}, node, view.name.name);
      }
      for (const Column& column : view.columns) {
        add_default(column, node);
        const int value = find({class_oid::kAttrDef, column.default_oid});
        if (!column.default_expression || value == kNone) continue;
        nodes[at(node)].needs.pop_back();  // views have no place for it
        make_separate(value, Section::pre_data);
      }
    }
  }

  void make_separate(int node, Section section) {
    Node& separate = nodes[at(node)];
    separate.folded = false;
    separate.part = Part::separate;
    separate.section = section;
    separate.needs.push_back(separate.host);
  }

  void add_check(const Constraint& constraint, int host, bool is_partition) {
    if (!constraint.local && !(is_partition && constraint.validated)) return;
    const int node = add_folded(constraint.domain != 0 ? kDomainCheck : kCheck, constraint.address,
                                host, constraint.name.name);
    if (!constraint.validated || members_.contains(constraint.table)) {
      nodes[at(host)].needs.pop_back();
      make_separate(node, Section::post_data);
    }
  }

  void add_nodes(const std::vector<Constraint>& constraints) {
    std::set<Oid> partitions;
    for (const Table& table : catalog_.tables) {
      if (table.partition_of != 0) partitions.insert(table.address.objid);
    }
    for (const Constraint& constraint : constraints) {
      if (constraint.type == 'c' || constraint.type == 'n') {
        const int host = constraint.domain != 0 ? find({class_oid::kType, constraint.domain})
                                                : find_relation(constraint.table);
        if (host != kNone) add_check(constraint, host, partitions.count(constraint.table) != 0);
        continue;
      }
      const bool key = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
      if (!key && (constraint.type != 'f' || constraint.parent != 0)) continue;
      const int node = add_on_table(key ? form<Constraint>() : kForeignKey, constraint);
      if (constraint.referenced_table != 0) need(node, find_relation(constraint.referenced_table));
      if (key) node_of[{class_oid::kClass, constraint.index}] = node;
    }
  }

  void add_nodes(const std::vector<Index>& indexes) {
    for (const Index& index : indexes) {
      if (index.constraint != 0) continue;  // its constraint makes it
      if (!index.ready || (!index.valid && !index.on_partitioned)) continue;
      const int node = add_on_table(form<Index>(), index);
      nodes[at(node)].shown = Detail::nothing;  // its name is the schema's, not the table's
    }
  }

  void add_nodes(const std::vector<SystemAcl>& changed) {
    for (const SystemAcl& object : changed) {
      const int node = add_object(form<SystemAcl>(), object);
      const auto extension = extension_nodes.find(object.extension);
      if (extension != extension_nodes.end()) need(node, extension->second);
    }
  }

  void add_nodes(const std::vector<Trigger>& triggers) {
    ByOid<const Trigger*> by_oid;
    for (const Trigger& trigger : triggers) by_oid[trigger.address.objid] = &trigger;
    for (const Trigger& trigger : triggers) {
      if (trigger.parent != 0) {
        const auto parent = by_oid.find(trigger.parent);
        const bool changed = parent == by_oid.end() || parent->second->enabled != trigger.enabled;
        if (!changed && !trigger.has_comment) continue;
      }
      add_on_table(form<Trigger>(), trigger);
    }
    for (const Trigger& trigger : triggers) {
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
      const auto found = extension_nodes.find(extension);
      if (found != extension_nodes.end()) node_of.try_emplace(address, found->second);
    }
    ByAddress<Address> internal;
    for (const Dependency& dependency : catalog_.dependencies) {
      if (dependency.type == 'i' && find(dependency.dependent) == kNone) {
        internal.try_emplace(dependency.dependent, dependency.referenced);
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
      if (const int node = find(target); node != kNone) node_of[address] = node;
    }
  }

  // The functions that a type is made of take it as an argument: they are made over its shell.
  template <typename T>
  void add_type_placeholders(const std::vector<T>& types) {
    for (const T& type : types) {
      const int whole = find(type.address);
      std::vector<int> over_shell;
      for (const int function : nodes[at(whole)].needs) {
        if (nodes[at(function)].kind != NodeKind::function) continue;
        const std::vector<int>& needs = nodes[at(function)].needs;
        if (std::count(needs.begin(), needs.end(), whole) != 0) over_shell.push_back(function);
      }
      if (over_shell.empty()) continue;
      Node shell;
      static_cast<Form&>(shell) = kTypePlaceholder;
      shell.address = type.address;
      shell.part = Part::placeholder;
      shell.schema = type.name.schema;
      shell.name = type.name.name;
      const int placeholder = static_cast<int>(nodes.size());
      nodes.push_back(std::move(shell));
      if (const auto schema = schema_nodes.find(type.name.schema); schema != schema_nodes.end()) {
        need(placeholder, schema->second);
      }
      for (const int function : over_shell) {
        std::vector<int>& needs = nodes[at(function)].needs;
        std::replace(needs.begin(), needs.end(), whole, placeholder);
      }
      need(whole, placeholder);
    }
  }

  void add_row_security(const Table& table) {
    if (!table.row_security && !table.force_row_security) return;
    add_part(kRowSecurity, Part::row_security, find(table.address));
  }

  void add_parts_of_tables() {
    for (const Sequence& sequence : catalog_.sequences) {
      if (sequence.owner_table == 0 || sequence.is_identity) continue;
      const int whole = find(sequence.address);
      need(add_part(kOwnership, Part::own, whole), find_relation(sequence.owner_table));
    }
    for (const ExtensionTable& table : catalog_.extension_tables) add_row_security(table);
    for (const Table& table : catalog_.tables) {
      const int whole = find(table.address);
      add_row_security(table);
      if (table.partition_of == 0) continue;
      need(add_part(kTableAttachment, Part::attach, whole), find_relation(table.partition_of));
    }
  }

  void add_index_attachments() {
    std::map<int, std::vector<int>> attachments;  // node of the parent -> attachments below it
    for (const Index& index : catalog_.indexes) {
      if (index.parent_index == 0) continue;
      const int whole = find({class_oid::kClass, index.address.objid});
      const int parent = find_relation(index.parent_index);
      if (whole == kNone || parent == kNone) continue;
      const int node = add_part(kIndexAttachment, Part::attach, whole);
      nodes[at(node)].address = index.address;  // of the index even where a constraint makes it
      need(node, parent);
      attachments[parent].push_back(node);
    }
    if (attachments.empty()) return;
    // A partitioned index is valid, and so usable by a foreign key, when all below it are attached.
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (nodes[n].kind == NodeKind::index_attachment) continue;
      std::vector<int> reached = nodes[n].needs;
      std::set<int> seen(reached.begin(), reached.end());
      while (!reached.empty()) {
        const auto found = attachments.find(reached.back());
        reached.pop_back();
        if (found == attachments.end()) continue;
        for (const int attachment : found->second) {
          need(static_cast<int>(n), attachment);
          const int child = nodes[at(attachment)].needs.front();
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
      for (const int needed : nodes[at(node)].needs) {
        if (!seen.insert(needed).second) continue;
        const NodeKind kind = nodes[at(needed)].kind;
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
      refresh = add_part(kRefresh, Part::refresh, whole);
    }
    for (const auto& [whole, from] : sources_of) {
      for (const int source : from) need(refresh_of[whole], refresh_of[source]);
    }
  }

  const Catalog& catalog_;
  std::set<Oid> members_;  // relations of extensions
};

}  // namespace

std::vector<Node> build_nodes(const Catalog& catalog) { return Builder(catalog).build(); }

std::string describe(const Node& node) {
  const std::string text = std::string(node.word) + ' ';
  const std::string schema(node.schema);
  const std::string name = quote_name_pretty({schema, std::string(node.name)});
  switch (node.shown) {
    case Detail::nothing:
      return text + name;
    case Detail::arguments:
      return text + name + '(' + std::string(node.detail) + ')';
    case Detail::table:
      return text + quote_identifier_pretty(node.name) + " on " +
             quote_name_pretty({schema, std::string(node.detail)});
  }
  return text + name;
}

}  // namespace belay::catalog
