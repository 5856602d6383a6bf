#include "librestore/schema_objects.h"

#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "libcore/base/name.h"

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

// Entries of these kinds are parts of other objects, or work, and have no row of their own.
bool is_object(std::string_view kind) {
  static const std::set<std::string, std::less<>> kinds{"schema",
                                                        "extension",
                                                        "enum",
                                                        "domain",
                                                        "composite type",
                                                        "table",
                                                        "sequence",
                                                        "view",
                                                        "materialized view",
                                                        "function",
                                                        "procedure",
                                                        "index",
                                                        "trigger",
                                                        "primary key",
                                                        "unique constraint",
                                                        "exclusion constraint",
                                                        "foreign key",
                                                        "check",
                                                        "large object"};
  return kinds.contains(kind);
}

std::string_view kind_of(const catalog::Constraint& constraint) {
  switch (constraint.type) {
    case 'p':
      return "primary key";
    case 'u':
      return "unique constraint";
    case 'x':
      return "exclusion constraint";
    case 'f':
      return "foreign key";
    default:
      return "check";
  }
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

template <typename T>
void add(Objects& objects, std::string_view kind, const std::vector<T>& all) {
  for (const T& object : all)
    objects[{std::string(kind), object.name.schema, object.name.name}] = {object.owner, false};
}

void add_parts(Objects& objects, const catalog::Catalog& catalog) {
  std::map<catalog::Oid, std::string> hosts;
  for (const catalog::Table& table : catalog.tables) hosts[table.address.objid] = table.name.name;
  for (const catalog::View& view : catalog.views) hosts[view.address.objid] = view.name.name;
  for (const catalog::DomainType& domain : catalog.domains)
    hosts[domain.address.objid] = domain.name.name;
  for (const catalog::Constraint& constraint : catalog.constraints) {
    if (constraint.type == 'n' || constraint.type == 't') continue;
    const catalog::Oid host = constraint.domain != 0 ? constraint.domain : constraint.table;
    // Checks stand inside their table; what a partitioned parent implies has no entry.
    const bool implied = constraint.type == 'c' || constraint.parent != 0;
    objects[{std::string(kind_of(constraint)), constraint.name.schema,
             constraint.name.name + " on " + hosts[host]}] = {{}, implied};
  }
  for (const catalog::Index& index : catalog.indexes)
    objects[{"index", index.name.schema, index.name.name}] = {{}, index.constraint != 0};
  for (const catalog::Trigger& trigger : catalog.triggers) {
    objects[{"trigger", trigger.name.schema, trigger.name.name + " on " + hosts[trigger.table]}] = {
        {}, trigger.parent != 0};
  }
}

Objects objects_of(const catalog::Catalog& catalog) {
  Objects objects;
  for (const catalog::Schema& schema : catalog.schemas)
    objects[{"schema", {}, schema.name.name}] = {schema.owner, schema.is_public};
  for (const catalog::Extension& extension : catalog.extensions)
    objects[{"extension", {}, extension.name.name}] = {{}, false};
  add(objects, "enum", catalog.enums);
  add(objects, "domain", catalog.domains);
  add(objects, "composite type", catalog.composites);
  add(objects, "table", catalog.tables);
  add(objects, "sequence", catalog.sequences);
  for (const catalog::View& view : catalog.views) {
    objects[{view.materialized ? "materialized view" : "view", view.name.schema, view.name.name}] =
        {view.owner, false};
  }
  for (const catalog::Function& function : catalog.functions) {
    objects[{function.kind == 'p' ? "procedure" : "function", function.name.schema,
             function.name.name + "(" + function.identity_arguments + ")"}] = {function.owner,
                                                                               false};
  }
  for (const catalog::LargeObject& object : catalog.large_objects)
    objects[{"large object", {}, object.name.name}] = {object.owner, false};
  add_parts(objects, catalog);
  return objects;
}

std::string title(const Key& key) {
  return key.kind + " " + quote_name_pretty({key.schema, key.name});
}

}  // namespace

std::vector<NamedDifference> named_differences(const archive::Contents& expected,
                                               const catalog::Catalog& found) {
  std::vector<NamedDifference> differences;
  const Objects wanted = objects_of(expected), present = objects_of(found);
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

}  // namespace belay::restore
