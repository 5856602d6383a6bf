#include "libcore/catalog/canonical.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace belay::catalog {

namespace {

using Json = nlohmann::json;  // objects keep their keys sorted

// An object, and the table it is or hangs on: version tables leave the fingerprint as a whole.
struct Described {
  CanonicalObject object;
  Oid table = 0;
};

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

void add_acl(Json& properties, const Acl& acl) {
  if (acl.is_null) return;
  Json current = acl_json(acl.current);
  if (current != acl_json(acl.base)) properties["acl"] = std::move(current);
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

Json common(const Object& object) {
  Json properties = Json::object();
  add_text(properties, "owner", object.owner);
  if (object.has_comment) properties["comment"] = object.comment;
  add_acl(properties, object.acl);
  return properties;
}

Json columns_json(const std::vector<Column>& columns) {
  Json list = Json::array();
  for (const Column& column : columns) {
    Json entry = {{"name", column.name}, {"type", column.type}};
    add_text(entry, "collation", column.collation);
    add_flag(entry, "not_null", column.not_null);
    add_text(entry, "not_null_name", column.not_null_name);
    add_text(entry, "not_null_comment", column.not_null_comment);
    add_flag(entry, "not_null_no_inherit", column.not_null_no_inherit);
    add_letter(entry, "identity", column.identity);
    add_letter(entry, "generated", column.generated);
    if (column.default_expression) entry["default"] = *column.default_expression;
    add_text(entry, "comment", column.comment);
    add_acl(entry, column.acl);
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

class Describer {
 public:
  explicit Describer(const Catalog& catalog) : catalog_(catalog) {
    for (const Table& table : catalog.tables) {
      names_.emplace(table.address.objid, quote_name_pretty(table.name));
      columns_.emplace(table.address.objid, &table.columns);
    }
    for (const View& view : catalog.views) {
      names_.emplace(view.address.objid, quote_name_pretty(view.name));
    }
    for (const Index& index : catalog.indexes) {
      names_.emplace(index.address.objid, quote_name_pretty(index.name));
    }
    for (const DomainType& domain : catalog.domains) {
      domains_.emplace(domain.address.objid, quote_name_pretty(domain.name));
    }
  }

  std::vector<Described> run() && {
    describe_globals();
    describe_types();
    describe_relations();
    describe_parts();
    describe_functions();
    std::sort(described_.begin(), described_.end(), [](const Described& a, const Described& b) {
      return std::tie(a.object.kind, a.object.identity) <
             std::tie(b.object.kind, b.object.identity);
    });
    return std::move(described_);
  }

 private:
  void add(std::string kind, std::string identity, const Json& properties, Oid table = 0) {
    // Text that is not UTF-8 is refused by the reader; here it must only not throw.
    described_.push_back({{std::move(kind), std::move(identity),
                           properties.dump(-1, ' ', false, Json::error_handler_t::replace)},
                          table});
  }

  std::string relation(Oid oid) const {
    const auto name = names_.find(oid);
    return name == names_.end() ? std::string() : name->second;
  }

  std::string column(Oid table, int number) const {
    const auto columns = columns_.find(table);
    if (columns == columns_.end()) return {};
    for (const Column& candidate : *columns->second) {
      if (candidate.number == number) return quote_identifier_pretty(candidate.name);
    }
    return {};
  }

  void describe_globals() {
    for (const Schema& schema : catalog_.schemas) {
      add("schema", quote_name_pretty(schema.name), common(schema));
    }
    for (const Extension& extension : catalog_.extensions) {
      Json properties = {{"version", extension.version}, {"schema", extension.schema}};
      if (extension.has_comment) properties["comment"] = extension.comment;
      add("extension", quote_name_pretty(extension.name), properties);
    }
  }

  void describe_types() {
    for (const EnumType& type : catalog_.enums) {
      Json properties = common(type);
      properties["labels"] = type.labels;
      add("enum", quote_name_pretty(type.name), properties);
    }
    for (const DomainType& type : catalog_.domains) {
      Json properties = common(type);
      properties["type"] = type.base_type;
      add_text(properties, "collation", type.collation);
      add_flag(properties, "not_null", type.not_null);
      add_text(properties, "not_null_name", type.not_null_name);
      add_text(properties, "not_null_comment", type.not_null_comment);
      if (type.default_expression) properties["default"] = *type.default_expression;
      add("domain", quote_name_pretty(type.name), properties);
    }
    for (const CompositeType& type : catalog_.composites) {
      Json properties = common(type);
      Json columns = Json::array();
      for (const CompositeColumn& member : type.columns) {
        Json entry = {{"name", member.name}, {"type", member.type}};
        add_text(entry, "collation", member.collation);
        add_text(entry, "comment", member.comment);
        columns.push_back(std::move(entry));
      }
      properties["columns"] = std::move(columns);
      add("composite type", quote_name_pretty(type.name), properties);
    }
  }

  void describe_relations() {
    for (const Table& table : catalog_.tables) {
      Json properties = common(table);
      properties["columns"] = columns_json(table.columns);
      add_flag(properties, "unlogged", table.persistence == 'u');
      add_text(properties, "partition_key", table.partition_key);
      add_text(properties, "partition_of", relation(table.partition_of));
      add_text(properties, "partition_bound", table.partition_bound);
      add("table", quote_name_pretty(table.name), properties, table.address.objid);
    }
    for (const View& view : catalog_.views) {
      Json properties = common(view);
      properties["definition"] = view.definition;
      properties["columns"] = columns_json(view.columns);
      if (!view.options.empty()) properties["options"] = sorted(view.options);
      add_text(properties, "check_option", view.check_option);
      if (view.materialized) properties["populated"] = view.populated;
      add(view.materialized ? "materialized view" : "view", quote_name_pretty(view.name),
          properties);
    }
    for (const Sequence& sequence : catalog_.sequences) {
      Json properties = common(sequence);
      properties["type"] = sequence.type;
      properties["start"] = sequence.start;
      properties["increment"] = sequence.increment;
      properties["minimum"] = sequence.minimum;
      properties["maximum"] = sequence.maximum;
      properties["cache"] = sequence.cache;
      add_flag(properties, "cycle", sequence.cycle);
      add_flag(properties, "unlogged", sequence.persistence == 'u');
      add_flag(properties, "identity", sequence.is_identity);
      if (sequence.owner_table != 0) {
        properties["owned_by"] = relation(sequence.owner_table) + "." +
                                 column(sequence.owner_table, sequence.owner_column);
      }
      add("sequence", quote_name_pretty(sequence.name), properties);
    }
  }

  // What the server derives from a partitioned parent's object is not an object of its own: its
  // name is not the user's.
  void describe_parts() {
    for (const Constraint& constraint : catalog_.constraints) {
      if (constraint.type == 'f' && constraint.parent != 0) continue;
      Json properties = common(constraint);
      properties["definition"] = constraint.definition;
      add_letter(properties, "type", constraint.type);
      add_flag(properties, "not_valid", !constraint.validated);
      const auto domain = domains_.find(constraint.domain);
      const std::string place =
          domain != domains_.end() ? "domain " + domain->second : relation(constraint.table);
      add("constraint", quote_identifier_pretty(constraint.name.name) + " on " + place, properties,
          constraint.table);
    }
    for (const Index& index : catalog_.indexes) {
      Json properties = common(index);
      properties.erase("owner");  // the table's
      properties["definition"] = index.definition;
      add_flag(properties, "of_constraint", index.constraint != 0);
      add_flag(properties, "invalid", !index.valid);
      add_text(properties, "attached_to", relation(index.parent_index));
      add("index", quote_name_pretty(index.name), properties, index.table);
    }
    for (const Trigger& trigger : catalog_.triggers) {
      if (trigger.parent != 0) continue;
      Json properties = common(trigger);
      properties["definition"] = trigger.definition;
      if (trigger.enabled != 'O') add_letter(properties, "enabled", trigger.enabled);
      add("trigger", quote_identifier_pretty(trigger.name.name) + " on " + relation(trigger.table),
          properties, trigger.table);
    }
  }

  void describe_functions() {
    for (const Function& function : catalog_.functions) {
      Json properties = common(function);
      properties["arguments"] = function.arguments;
      add_text(properties, "result", function.result);
      properties["language"] = function.language;
      add_letter(properties, "volatility", function.volatility);
      add_letter(properties, "parallel", function.parallel);
      add_flag(properties, "strict", function.strict);
      add_flag(properties, "security_definer", function.security_definer);
      add_flag(properties, "leakproof", function.leakproof);
      add_flag(properties, "window", function.kind == 'w');
      add_text(properties, "cost", function.cost);
      add_text(properties, "rows", function.rows);
      add_text(properties, "support", function.support);
      if (!function.settings.empty()) properties["settings"] = function.settings;
      if (!function.transform_types.empty()) {
        properties["transform_types"] = function.transform_types;
      }
      if (function.sql_body) {
        properties["sql_body"] = *function.sql_body;
      } else {
        properties["body"] = function.body;
      }
      add_text(properties, "library", function.library);
      add(function.kind == 'p' ? "procedure" : "function",
          quote_name_pretty(function.name) + "(" + function.identity_arguments + ")", properties);
    }
  }

  const Catalog& catalog_;
  std::unordered_map<Oid, std::string> names_, domains_;
  std::unordered_map<Oid, const std::vector<Column>*> columns_;
  std::vector<Described> described_;
};

}  // namespace

bool is_version_table(const Table& table) {
  const bool has_version =
      std::any_of(table.columns.begin(), table.columns.end(),
                  [](const Column& column) { return column.name == "version_num"; });
  return has_version && (table.name.name == "alembic_version" || table.columns.size() == 1);
}

std::vector<CanonicalObject> canonical_objects(const Catalog& catalog) {
  std::vector<CanonicalObject> objects;
  for (Described& described : Describer(catalog).run()) {
    objects.push_back(std::move(described.object));
  }
  return objects;
}

Sha256 fingerprint(const Catalog& catalog) {
  std::unordered_set<Oid> version_tables;
  for (const Table& table : catalog.tables) {
    if (is_version_table(table)) version_tables.insert(table.address.objid);
  }
  Sha256Stream hash;
  auto add = [&hash](const std::string& text) {
    hash.update(std::to_string(text.size()));  // lengths first: no two lists read the same
    hash.update(":");
    hash.update(text);
  };
  for (const Described& described : Describer(catalog).run()) {
    if (version_tables.contains(described.table)) continue;
    add(described.object.kind);
    add(described.object.identity);
    add(described.object.properties);
  }
  return hash.value();
}

}  // namespace belay::catalog
