// What stands on tables: constraints, indexes, rules, policies, triggers.
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

// Of a trigger or a rule.
std::string_view change_of_state(char enabled) {
  switch (enabled) {
    case 'D':
      return "DISABLE ";
    case 'A':
      return "ENABLE ALWAYS ";
    case 'R':
      return "ENABLE REPLICA ";
    default:
      return "ENABLE ";
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
      throw Error(ErrorKind::internal, "unknown command of a policy").object(policy.name.name);
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
    add_storage(entry, table.name, *index->second);
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
  add_storage(entry, lookup.relation(index.table, index).name, index);
  add_comment(entry, "INDEX " + quote_name_pretty(index.name), index);
}

void render(const Lookup& lookup, const Trigger& trigger, Entry& entry) {
  const Lookup::Relation& table = lookup.relation(trigger.table, trigger);
  const std::string on = quote_name_pretty(table.name);
  const std::string name = quote_identifier_pretty(trigger.name.name);
  if (trigger.parent == 0) entry.create.push_back(trigger.definition);
  if (trigger.parent != 0 || trigger.enabled != 'O') {
    entry.create.push_back("ALTER TABLE " + on + ' ' +
                           std::string(change_of_state(trigger.enabled)) + "TRIGGER " + name);
  }
  add_comment(entry, "TRIGGER " + name + " ON " + on, trigger);
}

void render(const Lookup& lookup, const catalog::Rule& rule, Entry& entry) {
  const std::string on = quote_name_pretty(lookup.relation(rule.table, rule).name);
  const std::string name = quote_identifier_pretty(rule.name.name);
  entry.create.push_back(rule.definition);
  if (rule.enabled != 'O') {
    entry.create.push_back("ALTER TABLE " + on + ' ' + std::string(change_of_state(rule.enabled)) +
                           "RULE " + name);
  }
  add_comment(entry, "RULE " + name + " ON " + on, rule);
}

void render(const Lookup& lookup, const catalog::Policy& policy, Entry& entry) {
  const std::string target = "POLICY " + quote_identifier_pretty(policy.name.name) + " ON " +
                             quote_name_pretty(lookup.relation(policy.table, policy).name);
  std::string create = "CREATE " + target;
  if (!policy.permissive) create += " AS RESTRICTIVE";
  create += command_word(policy);
  std::vector<std::string> roles;
  for (const std::string& role : policy.roles) roles.push_back(quote_identifier_pretty(role));
  if (!roles.empty()) create += " TO " + joined(roles, ", ");
  if (!policy.visible.empty()) create += " USING (" + policy.visible + ')';
  if (!policy.checked.empty()) create += " WITH CHECK (" + policy.checked + ')';
  entry.create.push_back(std::move(create));
  add_comment(entry, target, policy);
}

}  // namespace belay::dump
