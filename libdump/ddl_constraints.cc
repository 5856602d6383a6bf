// What stands on tables: constraints, indexes, triggers.
#include <algorithm>
#include <tuple>

#include "libcore/base/error.h"
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

// The server's definition of a key leaves out how its index is stored; when it is checked ends it.
std::string with_options(std::string definition, const Index& index) {
  std::string deferral;
  for (const std::string_view words : {" INITIALLY DEFERRED", " DEFERRABLE"}) {
    if (!definition.ends_with(words)) continue;
    definition.resize(definition.size() - words.size());
    deferral.insert(0, words);
  }
  return definition + with_clause(index.storage.options) + deferral;
}

bool inherits_from(const Lookup& lookup, const catalog::Table& table, catalog::Oid ancestor) {
  const auto* parent =
      lookup.find<catalog::Table>({catalog::class_oid::kClass, table.partition_of});
  if (parent && (parent->address.objid == ancestor || inherits_from(lookup, *parent, ancestor))) {
    return true;
  }
  return std::any_of(table.parents.begin(), table.parents.end(), [&](const catalog::Parent& of) {
    parent = lookup.find<catalog::Table>({catalog::class_oid::kClass, of.oid});
    return of.oid == ancestor || (parent && inherits_from(lookup, *parent, ancestor));
  });
}

// A constraint as a table below has it: under this name, perhaps valid where the one above is not.
struct Below {
  std::string table;  // quoted
  std::string name;
  bool validated;
  const std::string* comment;
};

// In the order of their tables' names: the catalog has them in the order of their creation.
std::vector<Below> below(const Lookup& lookup, const Constraint& constraint) {
  std::vector<Below> found;
  for (const Constraint& other : lookup.catalog.constraints) {
    if (other.local || other.type != constraint.type) continue;
    const auto* table = lookup.find<catalog::Table>({catalog::class_oid::kClass, other.table});
    const bool same = constraint.type == 'f' ? other.parent == constraint.address.objid
                                             : other.name.name == constraint.name.name;
    if (table && same && inherits_from(lookup, *table, constraint.table)) {
      found.push_back(
          {quote_name_pretty(table->name), other.name.name, other.validated, &other.comment});
    }
  }
  for (const catalog::Table& table : lookup.catalog.tables) {
    if (constraint.type != 'n') break;
    for (const catalog::Column& column : table.columns) {
      if (column.not_null && !column.not_null_local &&
          column.not_null_name == constraint.name.name &&
          inherits_from(lookup, table, constraint.table)) {
        found.push_back(
            {quote_name_pretty(table.name), column.not_null_name, true, &column.not_null_comment});
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const Below& a, const Below& b) {
    return std::tie(a.table, a.name) < std::tie(b.table, b.name);
  });
  return found;
}

// The constraint reaches the tables below by itself; what they have of their own, a comment or that
// theirs is valid, is said here.
void add_below(const Lookup& lookup, const Constraint& constraint, Entry& entry) {
  for (const Below& other : below(lookup, constraint)) {
    const std::string target = "CONSTRAINT " + quote_identifier_pretty(other.name);
    if (other.validated && !constraint.validated) {
      // Not ONLY, which the server refuses where there are tables below: they are valid, too.
      entry.create.push_back("ALTER TABLE " + other.table + " VALIDATE " + target);
    }
    add_comment(entry, target + " ON " + other.table, *other.comment);
  }
}

// Of a trigger or a rule. The name that a definition of the server says must not be asked of it
// again: only what follows.
std::string change_of_state(char enabled, const std::string& what) {
  switch (enabled) {
    case 'O':
      return "ENABLE " + what;
    case 'D':
      return "DISABLE " + what;
    case 'A':
      return "ENABLE ALWAYS " + what;
    case 'R':
      return "ENABLE REPLICA " + what;
    default:
      throw Error(ErrorKind::internal, "unknown state of a trigger or a rule").object(what);
  }
}

std::string_view command_word(const catalog::Policy& policy) {
  switch (policy.command) {
    case '*':
      return "";
    case 'r':
      return " FOR SELECT";
    case 'a':
      return " FOR INSERT";
    case 'w':
      return " FOR UPDATE";
    case 'd':
      return " FOR DELETE";
    default:
      throw Error(ErrorKind::internal, "unknown command of a policy")
          .object(quote_name_pretty(policy.name));
  }
}

}  // namespace

bool comes_with_ancestor(const Lookup& lookup, const catalog::Table& table, char type,
                         const std::string& name) {
  return std::any_of(lookup.catalog.constraints.begin(), lookup.catalog.constraints.end(),
                     [&](const Constraint& other) {
                       return other.type == type && other.name.name == name &&
                              (!other.validated || lookup.is_separate(other.address)) &&
                              inherits_from(lookup, table, other.table);
                     });
}

void render(const Lookup& lookup, const Constraint& constraint, Entry& entry) {
  if (constraint.domain != 0) return render_domain_check(lookup, constraint, entry);
  const Lookup::Relation& table = lookup.relation(constraint.table, constraint);
  const std::string on = quote_name_pretty(table.name);
  const std::string name = "CONSTRAINT " + quote_identifier_pretty(constraint.name.name);
  // A key of a partitioned table must not make those of its partitions, which follow by themselves;
  // a foreign key or a check of one must reach all of them.
  const bool key = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
  const bool only = key || (constraint.type == 'f' && !table.partitioned);
  std::string create =
      std::string("ALTER TABLE ") + (only ? "ONLY " : "") + on + "\n    ADD " + name + ' ';
  const auto found = lookup.index_of_constraint.find(constraint.address);
  const Index* index = found == lookup.index_of_constraint.end() ? nullptr : found->second;
  create += index ? with_options(constraint.definition, *index) : constraint.definition;
  entry.create.push_back(std::move(create));
  if (!constraint.validated || lookup.is_separate(constraint.address)) {
    add_below(lookup, constraint, entry);
  }
  add_comment(entry, name + " ON " + on, constraint);
  if (!index) return;
  entry.tablespace = index->storage.tablespace;
  add_index_attributes(entry, table.name, *index);
  add_comment(entry, "INDEX " + quote_name_pretty(index->name), *index);
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
  entry.tablespace = index.storage.tablespace;
  add_index_attributes(entry, lookup.relation(index.table, index).name, index);
  add_comment(entry, "INDEX " + quote_name_pretty(index.name), index);
}

void render(const Lookup& lookup, const Trigger& trigger, Entry& entry) {
  const Lookup::Relation& table = lookup.relation(trigger.table, trigger);
  const std::string on = quote_name_pretty(table.name);
  const std::string name = quote_identifier_pretty(trigger.name.name);
  if (trigger.parent == 0) entry.create.push_back(trigger.definition);
  if (trigger.parent != 0 || trigger.enabled != 'O') {
    entry.create.push_back("ALTER TABLE " + on + ' ' +
                           change_of_state(trigger.enabled, "TRIGGER " + name));
  }
  add_comment(entry, "TRIGGER " + name + " ON " + on, trigger);
}

void render(const Lookup& lookup, const catalog::Rule& rule, Entry& entry) {
  const std::string on = quote_name_pretty(lookup.relation(rule.table, rule).name);
  const std::string name = "RULE " + quote_identifier_pretty(rule.name.name);
  entry.create.push_back(rule.definition);
  if (rule.enabled != 'O') {
    entry.create.push_back("ALTER TABLE " + on + ' ' + change_of_state(rule.enabled, name));
  }
  add_comment(entry, name + " ON " + on, rule);
}

void render(const Lookup& lookup, const catalog::Policy& policy, Entry& entry) {
  const std::string on = quote_name_pretty(lookup.relation(policy.table, policy).name);
  const std::string name = "POLICY " + quote_identifier_pretty(policy.name.name) + " ON " + on;
  std::vector<std::string> roles;
  for (const std::string& role : policy.roles) {
    roles.push_back(role.empty() ? "PUBLIC" : quote_identifier_pretty(role));
  }
  std::string create = "CREATE " + name;
  if (!policy.permissive) create += " AS RESTRICTIVE";
  create += command_word(policy);
  create += " TO " + joined(roles, ", ");
  if (policy.filter) create += "\n    USING (" + *policy.filter + ')';
  if (policy.check) create += "\n    WITH CHECK (" + *policy.check + ')';
  entry.create.push_back(std::move(create));
  add_comment(entry, name, policy);
}

}  // namespace belay::dump
