// What hangs on tables and domains: constraints, indexes, triggers.
#include <set>

#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"

namespace belay::catalog {

namespace {

template <typename Kind>
ByOid<Kind*> by_oid(std::vector<Kind>& objects) {
  ByOid<Kind*> index;
  for (Kind& object : objects) index.try_emplace(object.address.objid, &object);
  return index;
}

// Not-null rows (domains from server 17, tables from 18) are part of their column or domain.
class NotNullRows {
 public:
  explicit NotNullRows(Reading& reading)
      : reading_(reading),
        tables_(by_oid(reading.catalog.tables)),
        domains_(by_oid(reading.catalog.domains)) {}

  void fold(const Constraint& constraint, bool no_inherit, int column_number) {
    reading_.claim(constraint.address, constraint.validated ? Bucket::folded : Bucket::emitted);
    if (constraint.domain != 0) {
      const auto domain = domains_.find(constraint.domain);
      if (domain == domains_.end()) throw ConcurrentChange{"a domain is gone"};
      domain->second->not_null_name = constraint.name.name;
      return;
    }
    const auto table = tables_.find(constraint.table);
    if (table == tables_.end()) {  // a foreign table: named by the ledger
      return;
    }
    for (Column& column : table->second->columns) {
      if (column.number != column_number) continue;
      if (!constraint.validated) {  // a statement of its own, when the rows are in
        column.not_null = false;
        reading_.catalog.constraints.push_back(constraint);
        return;
      }
      column.not_null_local = constraint.local;
      column.not_null_name = constraint.name.name;
      column.not_null_no_inherit = no_inherit;
      return;
    }
    throw ConcurrentChange{"a column is gone"};
  }

  // What is valid in a partition and not yet in its parent is the partition's own: its copy is made
  // with it, and the parent's comes after the data.
  void finish() {
    for (Table& table : reading_.catalog.tables) {
      const auto parent = tables_.find(table.partition_of);
      if (parent == tables_.end()) continue;
      for (Column& column : table.columns) {
        if (!column.not_null || column.not_null_local) continue;
        for (const Column& above : parent->second->columns) {
          if (above.name == column.name && !above.not_null) column.not_null_local = true;
        }
      }
    }
  }

 private:
  Reading& reading_;
  ByOid<Table*> tables_;
  ByOid<DomainType*> domains_;
};

Constraint read_constraint(const pg::Result& rows, int row) {
  Constraint constraint;
  constraint.address = {class_oid::kConstraint, rows.oid(row, rows.column("oid"))};
  constraint.name = {rows.string(row, rows.column("schema")),
                     rows.string(row, rows.column("name"))};
  constraint.type = letter(rows, row, rows.column("type"));
  constraint.table = rows.oid(row, rows.column("table_oid"));
  constraint.domain = rows.oid(row, rows.column("domain_oid"));
  constraint.index = rows.oid(row, rows.column("index_oid"));
  constraint.referenced_table = rows.oid(row, rows.column("referenced_table"));
  constraint.parent = rows.oid(row, rows.column("parent"));
  constraint.definition = spelt_as_restored(required(
      rows, row, rows.column("definition"), "constraint " + quote_name_pretty(constraint.name)));
  constraint.validated = rows.boolean(row, rows.column("validated"));
  constraint.local = rows.boolean(row, rows.column("local"));
  return constraint;
}

void read_constraint_rows(Reading& reading) {
  const pg::Result& rows = reading.result("constraints");
  NotNullRows not_null(reading);
  const ByOid<Table*> tables = by_oid(reading.catalog.tables);
  for (int row = 0; row < rows.rows(); ++row) {
    Constraint constraint = read_constraint(rows, row);
    const auto table = tables.find(constraint.table);
    constraint.inherited =
        !constraint.local && table != tables.end() && !table->second->parents.empty();
    if (reading.claims.contains(constraint.address)) continue;  // an extension's
    switch (constraint.type) {
      case 'n':
        not_null.fold(constraint, rows.boolean(row, rows.column("no_inherit")),
                      static_cast<int>(rows.integer(row, rows.column("column_number"))));
        continue;
      case 'c':
      case 'p':
      case 'u':
      case 'x':
        reading.claim(constraint.address, Bucket::emitted);
        break;
      case 'f':
        if (constraint.parent != 0) {  // the server makes it for each partition
          reading.claim_implied(constraint.address, {class_oid::kConstraint, constraint.parent});
        } else {
          reading.claim(constraint.address, Bucket::emitted);
        }
        break;
      default:  // left unclaimed, so the ledger names it
        continue;
    }
    if (constraint.type != 'p' && constraint.type != 'u' && constraint.type != 'x') {
      constraint.index = 0;  // a foreign key's index is the referenced table's
    }
    reading.catalog.constraints.push_back(std::move(constraint));
  }
  not_null.finish();
}

void read_indexes(Reading& reading) {
  const pg::Result& rows = reading.result("indexes");
  for (int row = 0; row < rows.rows(); ++row) {
    Index index;
    index.address = {class_oid::kClass, rows.oid(row, rows.column("oid"))};
    index.name = {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))};
    index.owner = rows.string(row, rows.column("owner"));
    index.table = rows.oid(row, rows.column("table_oid"));
    index.constraint = rows.oid(row, rows.column("constraint_oid"));
    index.definition = spelt_as_restored(
        required(rows, row, rows.column("definition"), "index " + quote_name_pretty(index.name)));
    index.valid = rows.boolean(row, rows.column("valid"));
    index.ready = rows.boolean(row, rows.column("ready"));
    index.on_partitioned = letter(rows, row, rows.column("kind")) == 'I';
    index.parent_index = rows.oid(row, rows.column("parent_index"));
    index.storage.tablespace = rows.string(row, rows.column("tablespace"));
    index.storage.options = array_elements(rows.text(row, rows.column("options")));
    index.clustered = rows.boolean(row, rows.column("clustered"));
    index.replica_identity = rows.boolean(row, rows.column("replica_identity"));
    for (const std::string& pair : array_elements(rows.text(row, rows.column("statistics")))) {
      const std::size_t equals = pair.find('=');
      index.statistics.emplace_back(std::stoi(pair.substr(0, equals)),
                                    std::stoi(pair.substr(equals + 1)));
    }
    if (index.constraint != 0 &&
        reading.is_of_extension({class_oid::kConstraint, index.constraint})) {
      reading.claim(index.address, Bucket::member);
    }
    if (reading.claims.contains(index.address)) continue;  // an extension's
    const char kind = letter(rows, row, rows.column("kind"));
    if (kind != 'i' && kind != 'I') continue;  // left unclaimed, so the ledger names it
    // An index on a partitioned table is invalid until every partition has one; that is a state
    // to carry. Any other invalid index is what a failed CREATE INDEX CONCURRENTLY left behind.
    if (!index.on_partitioned && index.constraint == 0 && (!index.valid || !index.ready)) {
      reading.claim(index.address, Bucket::excluded);
      reading.catalog.warnings.push_back("index " + quote_name_pretty(index.name) +
                                         " is invalid and is left out");
      continue;
    }
    reading.claim(index.address, index.constraint != 0 ? Bucket::folded : Bucket::emitted);
    reading.catalog.indexes.push_back(std::move(index));
  }
}

void read_triggers(Reading& reading) {
  const pg::Result& rows = reading.result("triggers");
  for (int row = 0; row < rows.rows(); ++row) {
    Trigger trigger;
    trigger.address = {class_oid::kTrigger, rows.oid(row, rows.column("oid"))};
    trigger.name = {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))};
    trigger.table = rows.oid(row, rows.column("table_oid"));
    trigger.definition =
        spelt_as_restored(required(rows, row, rows.column("definition"),
                                   "trigger " + quote_identifier_pretty(trigger.name.name)));
    trigger.enabled = letter(rows, row, rows.column("enabled"));
    trigger.parent = rows.oid(row, rows.column("parent"));
    trigger.differs_from_parent = rows.boolean(row, rows.column("differs_from_parent"));
    if (reading.claims.contains(trigger.address)) continue;  // an extension's
    static constexpr std::string_view kStates = "ODRA";
    if (kStates.find(trigger.enabled) == std::string_view::npos) {
      reading.refuse("trigger state", quote_name_pretty(trigger.name),
                     std::string(1, trigger.enabled));
    }
    if (trigger.parent != 0) {
      reading.claim_implied(trigger.address, {class_oid::kTrigger, trigger.parent});
    } else {
      reading.claim(trigger.address, Bucket::emitted);
    }
    reading.catalog.triggers.push_back(std::move(trigger));
  }
}

// Members on which nobody added anything are their extension's alone. What hangs on the others
// belongs to the owner of the table, whoever that is where the extension is made again.
void keep_altered_members(Catalog& catalog) {
  if (catalog.extension_tables.empty()) return;
  std::set<Oid> hosts;
  for_each_object(catalog, [&hosts](const auto& object) {
    if constexpr (requires { object.table; }) hosts.insert(object.table);
  });
  for (const Sequence& sequence : catalog.sequences) hosts.insert(sequence.owner_table);
  std::erase_if(catalog.extension_tables, [&hosts](const ExtensionTable& table) {
    return !table.configuration && !table.row_security && !table.force_row_security &&
           table.altered.empty() && !hosts.contains(table.address.objid);
  });
  std::set<Oid> members;
  for (const ExtensionTable& table : catalog.extension_tables) members.insert(table.address.objid);
  for (Index& index : catalog.indexes) {
    if (members.contains(index.table)) index.owner.clear();
  }
}

}  // namespace

void read_constraints(Reading& reading) {
  read_constraint_rows(reading);
  read_indexes(reading);
  read_triggers(reading);
  keep_altered_members(reading.catalog);
}

}  // namespace belay::catalog
