// What stands on tables: constraints, indexes, triggers.
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Constraint;
using catalog::Index;
using catalog::Trigger;

namespace {

void render_domain_check(const Lookup& lookup, const Constraint& check, Entry& entry) {
  const auto* domain = lookup.find<catalog::DomainType>({catalog::class_oid::kType, check.domain});
  const QualifiedName& name = domain ? domain->name : check.name;
  if (domain) entry.owner = domain->owner;
  entry.name = name_on(check.name.name, name);
  const std::string constraint = "CONSTRAINT " + quote_identifier_pretty(check.name.name);
  entry.create.push_back("ALTER DOMAIN " + quote_name_pretty(name) + " ADD " + constraint + ' ' +
                         check.definition);
  add_comment(entry, constraint + " ON DOMAIN " + quote_name_pretty(name), check);
}

// The name that a definition of the server says must not be asked of it again: only what follows.
std::string change_of_state(const Trigger& trigger) {
  switch (trigger.enabled) {
    case 'D':
      return "DISABLE TRIGGER ";
    case 'A':
      return "ENABLE ALWAYS TRIGGER ";
    case 'R':
      return "ENABLE REPLICA TRIGGER ";
    default:
      return "ENABLE TRIGGER ";
  }
}

}  // namespace

void render(const Lookup& lookup, const Constraint& constraint, Entry& entry) {
  if (constraint.domain != 0) return render_domain_check(lookup, constraint, entry);
  const Lookup::Relation& table = lookup.relation(constraint.table, constraint);
  const std::string on = quote_name_pretty(table.name);
  const std::string name = "CONSTRAINT " + quote_identifier_pretty(constraint.name.name);
  // A key of a partitioned table must not make those of its partitions, which follow by themselves;
  // a foreign key or a check of one must reach all of them.
  const bool key = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
  const bool only = key || (constraint.type == 'f' && !table.partitioned);
  entry.create.push_back(std::string("ALTER TABLE ") + (only ? "ONLY " : "") + on + "\n    ADD " +
                         name + ' ' + constraint.definition);
  add_comment(entry, name + " ON " + on, constraint);
  const auto index = lookup.index_of_constraint.find(constraint.address);
  if (index != lookup.index_of_constraint.end()) {
    add_comment(entry, "INDEX " + quote_name_pretty(index->second->name), *index->second);
  }
}

void render(const Lookup& lookup, const Index& index, catalog::Part part, Entry& entry) {
  if (part == catalog::Part::attach) {
    entry.kind = "index attachment";
    const auto* parent = lookup.find<Index>({catalog::class_oid::kClass, index.parent_index});
    entry.create.push_back("ALTER INDEX " + quote_name_pretty(parent ? parent->name : index.name) +
                           " ATTACH PARTITION " + quote_name_pretty(index.name));
    return;
  }
  entry.create.push_back(index.definition);
  add_comment(entry, "INDEX " + quote_name_pretty(index.name), index);
}

void render(const Lookup& lookup, const Trigger& trigger, Entry& entry) {
  const Lookup::Relation& table = lookup.relation(trigger.table, trigger);
  const std::string on = quote_name_pretty(table.name);
  const std::string name = quote_identifier_pretty(trigger.name.name);
  if (trigger.parent == 0) entry.create.push_back(trigger.definition);
  if (trigger.parent != 0 || trigger.enabled != 'O') {
    entry.create.push_back("ALTER TABLE " + on + ' ' + change_of_state(trigger) + name);
  }
  add_comment(entry, "TRIGGER " + name + " ON " + on, trigger);
}

}  // namespace belay::dump
