// Tables, views, their columns, and sequences.
#include <algorithm>

#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"

namespace belay::catalog {

namespace {

// What tables and materialized views have in common.
template <typename T>
void read_storage(Reading& reading, const Row& row, T& relation) {
  relation.storage.tablespace = row.text("tablespace");
  relation.storage.access_method = row.text("access_method");
  relation.storage.options = row.list("options");
  for (const std::string& option : row.list("toast_options")) {
    relation.storage.options.push_back("toast." + option);
  }
  relation.replica_identity =
      reading.code(row, "replica_identity", "dnfi", "pg_class.relreplident", relation);
  if (relation.replica_identity == 'i' && !row.boolean("has_identity_index")) {
    relation.replica_identity = 'n';
    reading.catalog.warnings.push_back("the index that identifies the rows of " +
                                       quote_name_pretty(relation.name) +
                                       " is gone: its replica identity is carried as NOTHING");
  }
}

Table read_table(Reading& reading, const pg::Result& rows, int row) {
  Table table;
  table.address = {class_oid::kClass, rows.oid(row, rows.column("oid"))};
  table.name = {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))};
  table.owner = rows.string(row, rows.column("owner"));
  table.persistence = letter(rows, row, rows.column("persistence"));
  table.row_type = rows.oid(row, rows.column("row_type"));
  if (rows.boolean(row, rows.column("is_partitioned"))) {
    table.kind = TableKind::partitioned;
    table.partition_key =
        spelt_as_restored(required(rows, row, rows.column("partition_key"), "a partition key"));
    const char strategy = letter(rows, row, rows.column("strategy"));
    if (strategy != 'r' && strategy != 'l' && strategy != 'h') {
      reading.refuse("partition strategy", quote_name_pretty(table.name), std::string(1, strategy));
    }
  }
  if (rows.boolean(row, rows.column("is_partition"))) {
    table.partition_of = rows.oid(row, rows.column("partition_of"));
    table.partition_bound =
        required(rows, row, rows.column("partition_bound"), "a partition bound");
  }
  if (table.persistence != 'p' && table.persistence != 'u') {
    reading.refuse("table persistence", quote_name_pretty(table.name),
                   std::string(1, table.persistence));
  }
  const std::vector<std::string> names = Row(rows, row).list("parent_names");
  for (const Oid parent : Row(rows, row).oids("parents")) {
    if (table.parents.size() >= names.size()) throw ConcurrentChange{"a parent table is gone"};
    table.parents.push_back({parent, names[table.parents.size()]});
  }
  if (letter(rows, row, rows.column("kind")) == 'f') {
    table.kind = TableKind::foreign;
    table.server = required(rows, row, rows.column("server"), "a foreign server");
    table.foreign_options = options_of(rows.text(row, rows.column("foreign_options")));
  }
  table.of_type = rows.string(row, rows.column("of_type"));
  table.row_security = rows.boolean(row, rows.column("row_security"));
  table.force_row_security = rows.boolean(row, rows.column("force_row_security"));
  table.hash_on_unstable_key = rows.boolean(row, rows.column("unstable_hash"));
  table.estimated_rows = rows.number(row, rows.column("estimated_rows"));
  read_storage(reading, Row(rows, row), table);
  return table;
}

void read_sizes(Reading& reading) {
  const auto result = reading.results.find("table_sizes");
  if (result == reading.results.end()) return;
  ByOid<Table*> tables;
  for (Table& table : reading.catalog.tables) tables.try_emplace(table.address.objid, &table);
  for (Table& table : reading.catalog.extension_tables) {
    tables.try_emplace(table.address.objid, &table);
  }
  const pg::Result& rows = result->second;
  const int oid = rows.column("oid"), size = rows.column("bytes");
  const int block_size = rows.column("block_size");
  for (int row = 0; row < rows.rows(); ++row) {
    const auto found = tables.find(rows.oid(row, oid));
    if (found == tables.end()) continue;
    Table& table = *found->second;
    if (rows.is_null(row, size)) {
      throw ConcurrentChange{"table " + quote_name_pretty(table.name) + " is gone"};
    }
    table.bytes = static_cast<std::uint64_t>(rows.integer(row, size));
    table.pages = rows.integer(row, size) / rows.integer(row, block_size);
  }
}

void read_tables(Reading& reading) {
  const pg::Result& rows = reading.result("tables");
  for (int row = 0; row < rows.rows(); ++row) {
    reading.catalog.tables.push_back(read_table(reading, rows, row));
    reading.claim(reading.catalog.tables.back().address, Bucket::emitted);
  }
}

void read_views(Reading& reading) {
  const pg::Result& rows = reading.result("views");
  for (int row = 0; row < rows.rows(); ++row) {
    View view;
    view.address = {class_oid::kClass, rows.oid(row, rows.column("oid"))};
    view.name = {rows.string(row, rows.column("schema")), rows.string(row, rows.column("name"))};
    view.owner = rows.string(row, rows.column("owner"));
    view.materialized = rows.boolean(row, rows.column("materialized"));
    view.populated = rows.boolean(row, rows.column("populated"));
    view.volatile_query = rows.boolean(row, rows.column("volatile_query"));
    view.row_type = rows.oid(row, rows.column("row_type"));
    view.rule = rows.oid(row, rows.column("rule"));
    view.definition =
        required(rows, row, rows.column("definition"), "view " + quote_name_pretty(view.name));
    if (view.definition.ends_with(';')) view.definition.pop_back();
    view.definition = spelt_as_restored(view.definition);
    read_storage(reading, Row(rows, row), view);
    std::erase_if(view.storage.options, [&view](const std::string& option) {
      const bool check = option.starts_with("check_option=");
      if (check) view.check_option = option.substr(13) == "cascaded" ? "CASCADED" : "LOCAL";
      return check;
    });
    reading.claim(view.address, Bucket::emitted);
    if (view.rule != 0) reading.claim({class_oid::kRewrite, view.rule}, Bucket::folded);
    reading.catalog.views.push_back(std::move(view));
  }
}

// Positions of columns.sql, looked up once: it has the most rows.
struct ColumnPositions {
  explicit ColumnPositions(const pg::Result& rows)
      : relation(rows.column("relation")),
        number(rows.column("number")),
        name(rows.column("name")),
        type(rows.column("type")),
        type_oid(rows.column("type_oid")),
        collation(rows.column("collation")),
        not_null(rows.column("not_null")),
        identity(rows.column("identity")),
        generated(rows.column("generated")),
        local(rows.column("local")),
        type_storage(rows.column("type_storage")),
        storage(rows.column("storage")),
        compression(rows.column("compression")),
        statistics(rows.column("statistics")),
        options(rows.column("options")),
        foreign_options(rows.column("foreign_options")) {}
  int relation, number, name, type, type_oid, collation, not_null, identity, generated, local,
      type_storage, storage, compression, statistics, options, foreign_options;
};

Column read_column(const pg::Result& rows, int row, const ColumnPositions& at) {
  Column column;
  column.number = static_cast<int>(rows.integer(row, at.number));
  column.name = rows.string(row, at.name);
  column.type = required_type(rows, row, at.type);
  column.type_oid = rows.oid(row, at.type_oid);
  column.collation = rows.string(row, at.collation);
  column.not_null = rows.boolean(row, at.not_null);
  column.identity = letter(rows, row, at.identity);
  column.generated = letter(rows, row, at.generated);
  column.local = rows.boolean(row, at.local);
  column.type_storage = letter(rows, row, at.type_storage);
  column.storage = letter(rows, row, at.storage);
  column.compression = letter(rows, row, at.compression);
  if (!rows.is_null(row, at.statistics)) {
    column.statistics = static_cast<int>(rows.integer(row, at.statistics));
  }
  column.options = array_elements(rows.text(row, at.options));
  column.foreign_options = options_of(rows.text(row, at.foreign_options));
  return column;
}

void refuse_unknown_letters(Reading& reading, const Object& relation, const Column& column) {
  const auto refuse_unknown = [&](char letter, std::string_view known, std::string_view place) {
    if (letter == 0 || known.find(letter) != std::string_view::npos) return;
    reading.refuse("unknown code",
                   quote_name_pretty(relation.name) + "." + quote_identifier_pretty(column.name),
                   "\"" + std::string(1, letter) + "\" in " + std::string(place));
  };
  refuse_unknown(column.identity, "ad", "pg_attribute.attidentity");
  refuse_unknown(column.generated, "sv", "pg_attribute.attgenerated");
  refuse_unknown(column.storage, "pemx", "pg_attribute.attstorage");
  refuse_unknown(column.compression, "pl", "pg_attribute.attcompression");
}

struct Relation {
  std::vector<Column>* columns;
  const Object* object;
};

ByOid<Relation> tables_and_views(Catalog& catalog) {
  ByOid<Relation> relations;
  for (Table& table : catalog.tables) {
    relations.try_emplace(table.address.objid, &table.columns, &table);
  }
  for (ExtensionTable& table : catalog.extension_tables) {
    relations.try_emplace(table.address.objid, &table.columns, &table);
  }
  for (View& view : catalog.views) {
    relations.try_emplace(view.address.objid, &view.columns, &view);
  }
  return relations;
}

void read_columns(Reading& reading, const ByOid<Relation>& relations) {
  const pg::Result& rows = reading.result("columns");
  const ColumnPositions at(rows);
  for (int row = 0; row < rows.rows(); ++row) {
    const auto found = relations.find(rows.oid(row, at.relation));
    if (found == relations.end()) throw ConcurrentChange{"a table appeared"};
    Column column = read_column(rows, row, at);
    refuse_unknown_letters(reading, *found->second.object, column);
    found->second.columns->push_back(std::move(column));
  }
}

void read_defaults(Reading& reading, const ByOid<Relation>& relations) {
  const pg::Result& rows = reading.result("defaults");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Oid oid = row.oid("oid");
    const auto found = relations.find(row.oid("relation"));
    if (found == relations.end()) continue;  // a temporary table's
    std::vector<Column>& columns = *found->second.columns;
    const auto column = std::find_if(
        columns.begin(), columns.end(),
        [position = row.integer("number")](const Column& one) { return one.number == position; });
    if (column == columns.end()) throw ConcurrentChange{"a column is gone"};
    const Address address{class_oid::kAttrDef, oid};
    // The script makes it again, also where users altered the column otherwise.
    if (reading.is_of_extension(address) && column->generated == 0) continue;
    column->default_oid = oid;
    column->default_expression =
        spelt_as_restored(row.required("expression", "the default of a column"));
    reading.claim(address, Bucket::folded);
  }
}

// The columns that CREATE TABLE ... INHERITS would make: those of the parents first.
std::vector<std::string> columns_if_created(const Table& table, const ByOid<const Table*>& tables) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Parent& parent : table.parents) {
    const auto found = tables.find(parent.oid);
    if (found == tables.end()) continue;
    for (const Column& column : found->second->columns) add(column.name);
  }
  for (const Column& column : table.columns) add(column.name);
  return names;
}

void find_own_orders(std::vector<Table>& all) {
  ByOid<const Table*> tables;
  for (const Table& table : all) tables.try_emplace(table.address.objid, &table);
  for (Table& table : all) {
    if (table.parents.empty()) continue;
    const std::vector<std::string> created = columns_if_created(table, tables);
    const bool same = std::equal(
        table.columns.begin(), table.columns.end(), created.begin(), created.end(),
        [](const Column& column, const std::string& name) { return column.name == name; });
    table.own_order = !same;
  }
}

void read_sequences(Reading& reading) {
  const pg::Result& rows = reading.result("sequences");
  for (int row = 0; row < rows.rows(); ++row) {
    Sequence sequence;
    sequence.address = {class_oid::kClass, rows.oid(row, rows.column("oid"))};
    sequence.name = {rows.string(row, rows.column("schema")),
                     rows.string(row, rows.column("name"))};
    sequence.owner = rows.string(row, rows.column("owner"));
    sequence.type = required_type(rows, row, rows.column("type"));
    sequence.start = rows.integer(row, rows.column("start"));
    sequence.increment = rows.integer(row, rows.column("increment"));
    sequence.minimum = rows.integer(row, rows.column("minimum"));
    sequence.maximum = rows.integer(row, rows.column("maximum"));
    sequence.cache = rows.integer(row, rows.column("cache"));
    sequence.cycle = rows.boolean(row, rows.column("cycle"));
    sequence.persistence = letter(rows, row, rows.column("persistence"));
    sequence.owner_table = rows.oid(row, rows.column("owner_table"));
    sequence.owner_column = static_cast<int>(rows.integer(row, rows.column("owner_column")));
    sequence.is_identity = rows.boolean(row, rows.column("is_identity"));
    reading.claim(sequence.address, Bucket::emitted);
    reading.catalog.sequences.push_back(std::move(sequence));
  }
}

}  // namespace

std::vector<Column> altered_columns(const ExtensionTable& table) {
  std::vector<Column> columns;
  for (const Column& column : table.columns) {
    if (std::find(table.altered.begin(), table.altered.end(), column.number) != table.altered.end())
      columns.push_back(column);
  }
  return columns;
}

void read(Reading&, const Row& row, ExtensionTable& table) {
  table.extension = row.text("extension");
  if (row.boolean("is_partitioned")) table.kind = TableKind::partitioned;
  table.configuration = row.boolean("configuration");
  table.condition = row.text("condition");
  table.row_security = row.boolean("row_security");
  table.force_row_security = row.boolean("force_row_security");
  for (const std::string& number : row.list("altered")) {
    table.altered.push_back(std::stoi(number));
  }
}

void read(Reading&, const Row& row, ExtensionSequence& sequence) {
  sequence.extension = row.text("extension");
  sequence.persistence = row.letter("persistence");
}

void read(Reading& reading, const Row& row, Rule& rule) {
  rule.table = row.oid("table_oid");
  rule.definition = row.required("definition", "rule " + quote_name_pretty(rule.name));
  if (rule.definition.ends_with(';')) rule.definition.pop_back();
  rule.definition = spelt_as_restored(rule.definition);
  rule.enabled = reading.code(row, "enabled", "ODRA", "pg_rewrite.ev_enabled", rule);
}

void read(Reading& reading, const Row& row, Policy& policy) {
  policy.table = row.oid("table_oid");
  policy.permissive = row.boolean("permissive");
  policy.command = reading.code(row, "command", "rawd*", "pg_policy.polcmd", policy);
  policy.roles = row.list("roles");
  if (!row.is_null("filter")) policy.filter = spelt_as_restored(row.text("filter"));
  if (!row.is_null("check_expression"))
    policy.check = spelt_as_restored(row.text("check_expression"));
}

void read_relations(Reading& reading) {
  read_tables(reading);
  read_sizes(reading);
  read_views(reading);
  const ByOid<Relation> relations = tables_and_views(reading.catalog);
  read_columns(reading, relations);
  read_defaults(reading, relations);
  find_own_orders(reading.catalog.tables);
  read_sequences(reading);
  const Catalog& catalog = reading.catalog;
  const auto filled =
      std::count_if(catalog.extension_tables.begin(), catalog.extension_tables.end(),
                    [](const ExtensionTable& table) { return table.configuration; });
  reading.catalog.user_relations = catalog.tables.size() + catalog.views.size() +
                                   catalog.sequences.size() + static_cast<std::uint64_t>(filled) +
                                   catalog.extension_sequences.size();
}

}  // namespace belay::catalog
