// From steps to entries: look-up by address, and what all kinds have in common.
#include <algorithm>
#include <utility>

#include "libcore/archive/entry_kind.h"
#include "libcore/base/error.h"
#include "libdump/ddl.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Address;
using catalog::Part;

// The archive knows nothing of catalogs.
static_assert(catalog::kind_of<catalog::ExtensionTable>().word == archive::kTableOfExtension);
static_assert(catalog::kind_of<catalog::ExtensionSequence>().word == archive::kSequenceOfExtension);
static_assert(catalog::kind_of<catalog::FamilyAdditions>().word == archive::kFamilyAdditions);

namespace {

archive::Section section_of(catalog::Section section) {
  switch (section) {
    case catalog::Section::pre_data:
      return archive::Section::pre_data;
    case catalog::Section::data:
      return archive::Section::data;
    case catalog::Section::post_data:
      return archive::Section::post_data;
  }
  return archive::Section::pre_data;
}

template <typename T>
void render_object(const Lookup& lookup, const T& object, Part part, Entry& entry) {
  entry.kind = catalog::word_of(object);
  entry.schema = object.name.schema;
  entry.name = catalog::name_in_schema(object);
  entry.owner = object.owner;
  if constexpr (requires { object.table; } && !std::is_same_v<T, catalog::Index>) {
    if (object.table != 0) {  // 0: a constraint of a domain
      entry.name = name_on(entry.name, lookup.relation(object.table, object).name);
    }
  }
  if constexpr (requires { render(lookup, object, part, entry); }) {
    render(lookup, object, part, entry);
  } else {
    render(lookup, object, entry);
  }
}

bool render_step(const Lookup& lookup, const catalog::Step& step, Entry& entry) {
  if (const auto found = lookup.objects.find(step.address); found != lookup.objects.end()) {
    std::visit([&](const auto* object) { render_object(lookup, *object, step.part, entry); },
               found->second);
    return true;
  }
  const auto value = lookup.defaults.find(step.address);
  if (value == lookup.defaults.end()) return false;
  render(lookup, value->second, entry);
  return true;
}

}  // namespace

Lookup::Lookup(const catalog::Catalog& all, const catalog::Order& order)
    : catalog(all), separated(order.separated) {
  for_each_object(all, [this](const auto& object) { objects[object.address] = &object; });
  for (const catalog::Table& table : all.tables) {
    relations[table.address.objid] = {table.name, table.kind == catalog::TableKind::partitioned,
                                      &table.columns};
  }
  for (const catalog::ExtensionTable& table : all.extension_tables) {
    relations[table.address.objid] = {table.name, table.kind == catalog::TableKind::partitioned,
                                      &table.columns};
  }
  for (const catalog::View& view : all.views) {
    relations[view.address.objid] = {view.name, false, &view.columns};
  }
  const auto add_defaults = [this](const auto& object) {
    for (const catalog::Column& column : object.columns) {
      if (!column.default_expression) continue;
      defaults[{catalog::class_oid::kAttrDef, column.default_oid}] = {
          &relations.find(object.address.objid)->second, &object, &column};
    }
  };
  for (const catalog::Table& table : all.tables) add_defaults(table);
  for (const catalog::View& view : all.views) add_defaults(view);
  for (const catalog::Constraint& constraint : all.constraints) {
    if (constraint.type != 'c' || !constraint.validated || is_separate(constraint.address)) {
      continue;
    }
    const auto table = find<catalog::Table>({catalog::class_oid::kClass, constraint.table});
    if (constraint.domain == 0 && !constraint.local && (!table || table->partition_of == 0)) {
      continue;
    }
    inline_checks[constraint.domain != 0 ? Address{catalog::class_oid::kType, constraint.domain}
                                         : Address{catalog::class_oid::kClass, constraint.table}]
        .push_back(&constraint);
  }
  for (auto& [host, checks] : inline_checks) {
    std::sort(checks.begin(), checks.end(),
              [](const auto* a, const auto* b) { return a->name.name < b->name.name; });
  }
  for (const catalog::Index& index : all.indexes) {
    if (index.constraint == 0) continue;
    index_of_constraint[{catalog::class_oid::kConstraint, index.constraint}] = &index;
  }
}

const Lookup::Relation& Lookup::relation(catalog::Oid oid, const catalog::Object& user) const {
  const auto found = relations.find(oid);
  if (found == relations.end()) {
    throw Error(ErrorKind::backup_failed, "it stands on a table that belay does not carry")
        .object(quote_name_pretty(user.name));
  }
  return found->second;
}

bool Lookup::is_separate(const Address& address) const {
  return std::binary_search(separated.begin(), separated.end(), address);
}

std::string name_on(const std::string& name, const QualifiedName& table) {
  return name + " on " + table.name;
}

void add_comment(Entry& entry, std::string_view target, const std::string& comment) {
  if (comment.empty()) return;
  entry.comment.push_back("COMMENT ON " + std::string(target) + " IS " + quote_literal(comment));
}

namespace {

void add_labels(Entry& entry, const std::string& target,
                const std::vector<catalog::SecurityLabel>& labels) {
  for (const catalog::SecurityLabel& label : labels) {
    entry.label.push_back("SECURITY LABEL FOR " + quote_identifier_pretty(label.provider) + " ON " +
                          target + " IS " + quote_literal(label.label));
  }
}

}  // namespace

void add_comment(Entry& entry, std::string_view target, const catalog::Object& object) {
  if (object.has_comment) add_comment(entry, target, object.comment);
  add_labels(entry, std::string(target), object.labels);
  for (const std::string& extension : object.depends_on_extensions) {
    entry.create.push_back("ALTER " + std::string(target) + " DEPENDS ON EXTENSION " +
                           quote_identifier_pretty(extension));
  }
}

void add_column_comments(Entry& entry, const QualifiedName& relation,
                         const std::vector<catalog::Column>& columns) {
  for (const catalog::Column& column : columns) {
    const std::string target =
        "COLUMN " + quote_name_pretty(relation) + '.' + quote_identifier_pretty(column.name);
    add_comment(entry, target, column.comment);
    add_labels(entry, target, column.labels);
  }
}

void add_owner(Entry& entry, std::string_view target, const catalog::Object& object) {
  if (object.owner.empty()) return;
  entry.set_owner.push_back("ALTER " + std::string(target) + " OWNER TO " +
                            quote_identifier_pretty(object.owner));
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

std::vector<Entry> render_entries(const catalog::Catalog& catalog, const catalog::Order& order) {
  const Lookup lookup(catalog, order);
  std::vector<Entry> entries;
  entries.reserve(order.steps.size() + 1);
  const bool has_public =
      std::any_of(catalog.schemas.begin(), catalog.schemas.end(),
                  [](const catalog::Schema& schema) { return schema.name.name == "public"; });
  if (!has_public) {  // every new database has it
    Entry entry;
    entry.number = 1;
    entry.kind = "schema";
    entry.name = "public";
    entry.create.push_back("DROP SCHEMA IF EXISTS public");
    entries.push_back(std::move(entry));
  }
  const int first = has_public ? 1 : 2;
  for (const catalog::Step& step : order.steps) {
    Entry entry;
    entry.number = static_cast<int>(entries.size()) + 1;
    entry.section = section_of(step.section);
    for (const int needed : step.depends_on) entry.depends_on.push_back(needed + first);
    if (!render_step(lookup, step, entry)) {
      throw Error(ErrorKind::internal, "an object of the order is not in the catalog")
          .object(std::to_string(step.address.classid) + ' ' + std::to_string(step.address.objid));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace belay::dump
