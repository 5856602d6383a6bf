#include "librestore/schema_objects.h"

#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "libcore/base/name.h"
#include "libcore/catalog/kinds.h"

namespace belay::restore {
namespace {

struct Key {
  std::string kind, schema, name;
  auto operator<=>(const Key&) const = default;
};

struct Known {
  std::string owner;     // empty: not compared
  bool implied = false;  // comes with another object: the archive need not have an entry for it
};

using Objects = std::map<Key, Known>;

// Entries of these kinds are parts of other objects, or work, and have no row of their own; or no
// scratch database has them.
bool is_object(std::string_view kind) {
  static const std::set<std::string, std::less<>> parts{
      "default",      "index attachment", "refresh",          "sequence ownership",
      "subscription", "table attachment", "type placeholder", "view query"};
  return !parts.contains(kind);
}

Objects objects_of(const archive::Contents& contents) {
  Objects objects;
  for (const archive::Entry& entry : contents.entries) {
    if (!is_object(entry.kind)) continue;
    const bool drops = entry.kind == "schema" && entry.create.size() == 1 &&
                       entry.create.front().starts_with("DROP ");
    if (drops) continue;
    const std::string owner = entry.set_owner.empty() ? std::string() : entry.owner;
    objects[{entry.kind, entry.schema, entry.name}] = {owner, false};
  }
  return objects;
}

// The objects of a catalog under the names that their entries have.
class Finder {
 public:
  explicit Finder(const catalog::Catalog& catalog) {
    for (const auto& table : catalog.tables) hosts_[table.address.objid] = table.name.name;
    for (const auto& table : catalog.extension_tables) {
      hosts_[table.address.objid] = table.name.name;
      members_.insert(table.address.objid);
    }
    for (const auto& view : catalog.views) hosts_[view.address.objid] = view.name.name;
    for (const auto& domain : catalog.domains) hosts_[domain.address.objid] = domain.name.name;
    for_each_object(catalog, [this](const auto& object) { add(object); });
  }

  Objects take() { return std::move(objects_); }

 private:
  template <typename T>
  void add(const T& object) {
    if constexpr (requires { object.table; }) {
      add_on(object, object.table, false);
    } else {
      put(object, catalog::name_in_schema(object), {object.owner, false});
    }
  }
  void add(const catalog::Schema& schema) {
    put(schema, schema.name.name, {schema.owner, schema.is_public});
  }
  void add(const catalog::Extension& extension) { put(extension, extension.name.name, {}); }
  void add(const catalog::Constraint& constraint) {
    if (constraint.type == 't') return;
    // Checks stand inside their table; what a partitioned parent implies has no entry.
    add_on(constraint, constraint.domain != 0 ? constraint.domain : constraint.table,
           constraint.type == 'c' || constraint.type == 'n' || constraint.parent != 0);
  }
  // Rows of theirs are contents, nothing else is told of them.
  void add(const catalog::ExtensionTable& table) { put(table, table.name.name, {{}, true}); }
  void add(const catalog::ExtensionSequence& sequence) {
    put(sequence, sequence.name.name, {{}, true});
  }
  void add(const catalog::Index& index) {
    put(index, index.name.name, {{}, index.constraint != 0 || members_.contains(index.table)});
  }
  void add(const catalog::Trigger& trigger) { add_on(trigger, trigger.table, trigger.parent != 0); }

  template <typename T>
  void add_on(const T& object, catalog::Oid host, bool implied) {
    put(object, object.name.name + " on " + hosts_[host], {{}, implied || members_.contains(host)});
  }
  template <typename T>
  void put(const T& object, std::string name, Known known) {
    objects_[{std::string(catalog::word_of(object)), object.name.schema, std::move(name)}] =
        std::move(known);
  }

  Objects objects_;
  std::map<catalog::Oid, std::string> hosts_;
  std::set<catalog::Oid> members_;  // relations of extensions: what hangs there is told elsewhere
};

std::string title(const Key& key) {
  return key.kind + " " + quote_name_pretty({key.schema, key.name});
}

}  // namespace

std::vector<NamedDifference> named_differences(const archive::Contents& expected,
                                               const catalog::Catalog& found) {
  std::vector<NamedDifference> differences;
  const Objects wanted = objects_of(expected), present = Finder(found).take();
  for (const auto& [key, object] : wanted) {
    const auto at = present.find(key);
    if (at == present.end()) {
      differences.push_back({title(key), "missing"});
    } else if (!object.owner.empty() && !at->second.owner.empty() &&
               object.owner != at->second.owner) {
      differences.push_back(
          {title(key), "owner: expected " + object.owner + ", found " + at->second.owner});
    }
  }
  for (const auto& [key, object] : present) {
    if (!object.implied && !wanted.contains(key))
      differences.push_back({title(key), "not in the archive"});
  }
  return differences;
}

archive::Exists objects_in(const catalog::Catalog& catalog) {
  return [objects = Finder(catalog).take()](const archive::Entry& entry) {
    return objects.contains({entry.kind, entry.schema, entry.name});
  };
}

}  // namespace belay::restore
