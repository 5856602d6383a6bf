// From steps to entries: look-up by address, and what all kinds have in common.
#include <algorithm>
#include <utility>

#include "libcore/base/error.h"
#include "libdump/ddl.h"
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Address;
using catalog::Part;

namespace {

template <typename T>
void fill(std::map<Address, const T*>& by_address, const std::vector<T>& objects) {
  for (const T& object : objects) by_address[object.address] = &object;
}

template <typename T>
const T* find(const std::map<Address, const T*>& by_address, const Address& address) {
  const auto found = by_address.find(address);
  return found == by_address.end() ? nullptr : found->second;
}

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

// True if the address is one of a relation, a sequence or an index.
bool render_class(const Lookup& lookup, const catalog::Step& step, Entry& entry) {
  if (const auto* table = find(lookup.tables, step.address)) {
    step.part == Part::attach ? render_table_attachment(lookup, *table, entry)
                              : render_table(lookup, *table, entry);
  } else if (const auto* view = find(lookup.views, step.address)) {
    render_view(lookup, *view, step.part, entry);
  } else if (const auto* sequence = find(lookup.sequences, step.address)) {
    step.part == Part::own ? render_ownership(lookup, *sequence, entry)
                           : render_sequence(lookup, *sequence, entry);
  } else if (const auto* index = find(lookup.indexes, step.address)) {
    step.part == Part::attach ? render_index_attachment(lookup, *index, entry)
                              : render_index(lookup, *index, entry);
  } else {
    return false;
  }
  return true;
}

bool render_step(const Lookup& lookup, const catalog::Step& step, Entry& entry) {
  if (render_class(lookup, step, entry)) return true;
  if (const auto* schema = find(lookup.schemas, step.address)) {
    render_schema(lookup, *schema, entry);
  } else if (const auto* extension = find(lookup.extensions, step.address)) {
    render_extension(lookup, *extension, entry);
  } else if (const auto* enumeration = find(lookup.enums, step.address)) {
    render_enum(lookup, *enumeration, entry);
  } else if (const auto* domain = find(lookup.domains, step.address)) {
    render_domain(lookup, *domain, entry);
  } else if (const auto* composite = find(lookup.composites, step.address)) {
    render_composite(lookup, *composite, entry);
  } else if (const auto* function = find(lookup.functions, step.address)) {
    render_function(lookup, *function, entry);
  } else if (const auto* constraint = find(lookup.constraints, step.address)) {
    render_constraint(lookup, *constraint, entry);
  } else if (const auto* trigger = find(lookup.triggers, step.address)) {
    render_trigger(lookup, *trigger, entry);
  } else if (const auto* object = find(lookup.large_objects, step.address)) {
    render_large_object(lookup, *object, entry);
  } else if (const auto value = lookup.defaults.find(step.address);
             value != lookup.defaults.end()) {
    render_default(lookup, value->second, entry);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Lookup::Lookup(const catalog::Catalog& all, const catalog::Order& order)
    : catalog(all), separated(order.separated) {
  fill(schemas, all.schemas);
  fill(extensions, all.extensions);
  fill(enums, all.enums);
  fill(domains, all.domains);
  fill(composites, all.composites);
  fill(sequences, all.sequences);
  fill(tables, all.tables);
  fill(views, all.views);
  fill(constraints, all.constraints);
  fill(indexes, all.indexes);
  fill(functions, all.functions);
  fill(triggers, all.triggers);
  fill(large_objects, all.large_objects);
  for (const catalog::Table& table : all.tables) {
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
          &relations[object.address.objid], &object, &column};
    }
  };
  for (const catalog::Table& table : all.tables) add_defaults(table);
  for (const catalog::View& view : all.views) add_defaults(view);
  for (const catalog::Constraint& constraint : all.constraints) {
    if (constraint.type != 'c' || !constraint.validated || is_separate(constraint.address)) {
      continue;
    }
    const auto table = find(tables, {catalog::class_oid::kClass, constraint.table});
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

void identify(Entry& entry, std::string_view kind, const catalog::Object& object) {
  entry.kind = kind;
  entry.schema = object.name.schema;
  entry.name = object.name.name;
  entry.owner = object.owner;
}

void add_comment(Entry& entry, std::string_view target, const std::string& comment) {
  if (comment.empty()) return;
  entry.comment.push_back("COMMENT ON " + std::string(target) + " IS " + quote_literal(comment));
}

void add_comment(Entry& entry, std::string_view target, const catalog::Object& object) {
  if (object.has_comment) add_comment(entry, target, object.comment);
}

void add_column_comments(Entry& entry, const QualifiedName& relation,
                         const std::vector<catalog::Column>& columns) {
  for (const catalog::Column& column : columns) {
    add_comment(
        entry, "COLUMN " + quote_name_pretty(relation) + '.' + quote_identifier_pretty(column.name),
        column.comment);
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
