#include "libcore/catalog/canonical.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

namespace {

// A list of privileges without its history: each pair of grantee and grantor once, sorted.
Json acl_json(std::vector<AclItem> items) {
  std::map<std::pair<std::string, std::string>, AclItem> merged;
  auto merge = [](std::string& into, const std::string& letters) {
    into += letters;
    std::sort(into.begin(), into.end());
    into.erase(std::unique(into.begin(), into.end()), into.end());
  };
  for (AclItem& item : items) {
    AclItem& into = merged[{item.grantee, item.grantor}];
    merge(into.privileges, item.privileges);
    merge(into.grantable, item.grantable);
  }
  Json list = Json::array();
  for (const auto& [who, item] : merged) {
    Json entry = {{"grantor", who.second}, {"privileges", item.privileges}};
    entry["grantee"] = who.first.empty() ? "PUBLIC" : quote_identifier_pretty(who.first);
    if (!item.grantable.empty()) entry["grantable"] = item.grantable;
    list.push_back(std::move(entry));
  }
  return list;
}

Json common(const Object& object) {
  Json properties = Json::object();
  add_text(properties, "owner", object.owner);
  if (object.has_comment) properties["comment"] = object.comment;
  add_labels(properties, object.labels);
  if (!object.depends_on_extensions.empty()) {
    properties["depends_on_extensions"] = object.depends_on_extensions;
  }
  add_acl(properties, object.acl);
  for (const ColumnAcl& column : object.column_acls) {
    Json of_column = Json::object();
    add_acl(of_column, column.acl);
    if (!of_column.empty()) properties["column_acls"][column.column] = std::move(of_column["acl"]);
  }
  return properties;
}

template <typename T>
Description begin(const Names& names, const T& object) {
  Description description;
  description.kind = word_of(object);
  description.properties = common(object);
  if constexpr (requires { object.table; }) {
    description.table = object.table;
    description.identity =
        quote_identifier_pretty(object.name.name) + " on " + names.relation(object.table);
  } else {
    description.identity = quote_name_pretty(object.name) + distinction(object);
  }
  return description;
}

template <typename T>
Address host_of(const T& object, Oid table) {
  if constexpr (requires { object.domain; }) {
    if (object.domain != 0) return {class_oid::kType, object.domain};
  }
  return table == 0 ? Address{} : Address{class_oid::kClass, table};
}

}  // namespace

Names::Names(const Catalog& catalog) {
  for (const Table& table : catalog.tables) {
    relations_.try_emplace(table.address.objid, quote_name_pretty(table.name));
    columns_.try_emplace(table.address.objid, &table.columns);
  }
  for (const ExtensionTable& table : catalog.extension_tables) {
    relations_.try_emplace(table.address.objid, quote_name_pretty(table.name));
    columns_.try_emplace(table.address.objid, &table.columns);
  }
  for (const View& view : catalog.views) {
    relations_.try_emplace(view.address.objid, quote_name_pretty(view.name));
  }
  for (const Index& index : catalog.indexes) {
    relations_.try_emplace(index.address.objid, quote_name_pretty(index.name));
  }
  for (const DomainType& domain : catalog.domains) {
    domains_.try_emplace(domain.address.objid, quote_name_pretty(domain.name));
  }
}

std::string Names::relation(Oid oid) const {
  const auto name = relations_.find(oid);
  return name == relations_.end() ? std::string() : name->second;
}

std::string Names::column(Oid table, int number) const {
  const auto columns = columns_.find(table);
  if (columns == columns_.end()) return {};
  for (const Column& candidate : *columns->second) {
    if (candidate.number == number) return quote_identifier_pretty(candidate.name);
  }
  return {};
}

std::string Names::domain(Oid oid) const {
  const auto name = domains_.find(oid);
  return name == domains_.end() ? std::string() : name->second;
}

void add_acl(Json& properties, const Acl& acl) {
  if (acl.is_null) return;
  Json current = acl_json(acl.current);
  if (current != acl_json(acl.base)) properties["acl"] = std::move(current);
}

void add_labels(Json& properties, const std::vector<SecurityLabel>& labels) {
  for (const SecurityLabel& label : labels) properties["labels"][label.provider] = label.label;
}

void add_text(Json& properties, const char* key, const std::string& text) {
  if (!text.empty()) properties[key] = text;
}

void add_flag(Json& properties, const char* key, bool flag) {
  if (flag) properties[key] = true;
}

void add_letter(Json& properties, const char* key, char letter) {
  if (letter != 0) properties[key] = std::string(1, letter);
}

bool is_version_table(const Table& table) {
  const bool has_version =
      std::any_of(table.columns.begin(), table.columns.end(),
                  [](const Column& column) { return column.name == "version_num"; });
  return has_version && (table.name.name == "alembic_version" || table.columns.size() == 1);
}

// What the server derives from another object is not an object of its own: its name is not the
// user's.
std::vector<CanonicalObject> canonical_objects(const Catalog& catalog) {
  const Names names(catalog);
  std::vector<CanonicalObject> all;
  for_each_object(catalog, [&](const auto& object) {
    Description description = begin(names, object);
    describe(names, object, description);
    if (description.implied) return;
    // Text that is not UTF-8 is refused by the reader; here it must only not throw.
    std::string properties =
        description.properties.dump(-1, ' ', false, Json::error_handler_t::replace);
    all.push_back({std::move(description.kind), std::move(description.identity),
                   std::move(properties), object.address, host_of(object, description.table)});
  });
  std::sort(all.begin(), all.end(), [](const CanonicalObject& a, const CanonicalObject& b) {
    return std::tie(a.kind, a.identity) < std::tie(b.kind, b.identity);
  });
  return all;
}

std::string canonical_database(const Catalog& catalog) {
  const Database& database = catalog.database;
  Json properties = common(database);
  properties["connection_limit"] = database.connection_limit;
  properties["allow_connections"] = database.allow_connections;
  add_flag(properties, "template", database.is_template);
  for (const Database::Setting& setting : database.settings) {
    properties["settings"][setting.role][setting.name] = setting.value;
  }
  return properties.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Sha256 fingerprint(const Catalog& catalog) {
  return fingerprint(catalog, canonical_objects(catalog));
}

Sha256 fingerprint(const Catalog& catalog, const std::vector<CanonicalObject>& objects) {
  std::set<Address> left_out;
  for (const Table& table : catalog.tables) {
    if (is_version_table(table)) left_out.insert(table.address);
  }
  // Nothing tells for certain what of these a script of the extension made.
  for (const ExtensionTable& table : catalog.extension_tables) left_out.insert(table.address);
  Sha256Stream hash;
  auto add = [&hash](const std::string& text) {
    hash.update(std::to_string(text.size()));  // lengths first: no two lists read the same
    hash.update(":");
    hash.update(text);
  };
  for (const CanonicalObject& object : objects) {
    if (left_out.contains(object.host)) continue;
    if (object.address.classid == class_oid::kSubscription)
      continue;  // never in a scratch database
    add(object.kind);
    add(object.identity);
    add(object.properties);
  }
  return hash.value();
}

}  // namespace belay::catalog
