// Collations and types.
#include "libcore/catalog/reading.h"
#include "libcore/catalog/restored_spelling.h"

namespace belay::catalog {

namespace {

void read_enums(Reading& reading) {
  const pg::Result& rows = reading.result("enums");
  const int oid = rows.column("oid"), schema = rows.column("schema"), name = rows.column("name");
  const int owner = rows.column("owner"), label_oid = rows.column("label_oid");
  const int label = rows.column("label");
  auto& enums = reading.catalog.enums;
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address{class_oid::kType, rows.oid(row, oid)};
    if (enums.empty() || enums.back().address != address) {
      EnumType type;
      type.address = address;
      type.name = {rows.string(row, schema), rows.string(row, name)};
      type.owner = rows.string(row, owner);
      reading.claim(address, Bucket::emitted);
      enums.push_back(std::move(type));
    }
    if (rows.is_null(row, label_oid)) continue;
    enums.back().labels.push_back(rows.string(row, label));
    reading.claim({class_oid::kEnum, rows.oid(row, label_oid)}, Bucket::folded);
  }
}

void read_domains(Reading& reading) {
  const pg::Result& rows = reading.result("domains");
  const int oid = rows.column("oid"), schema = rows.column("schema"), name = rows.column("name");
  const int owner = rows.column("owner"), base = rows.column("base_type");
  const int collation = rows.column("collation"), not_null = rows.column("not_null");
  const int has_default = rows.column("has_default");
  const int expression = rows.column("default_expression");
  for (int row = 0; row < rows.rows(); ++row) {
    DomainType type;
    type.address = {class_oid::kType, rows.oid(row, oid)};
    type.name = {rows.string(row, schema), rows.string(row, name)};
    type.owner = rows.string(row, owner);
    type.base_type = required_type(rows, row, base);
    type.collation = rows.string(row, collation);
    type.not_null = rows.boolean(row, not_null);
    if (rows.boolean(row, has_default)) {
      type.default_expression =
          spelt_as_restored(required(rows, row, expression, "the default of a domain"));
    }
    reading.claim(type.address, Bucket::emitted);
    reading.catalog.domains.push_back(std::move(type));
  }
}

void read_composites(Reading& reading) {
  const pg::Result& rows = reading.result("composites");
  const int oid = rows.column("oid"), relation = rows.column("relation");
  const int schema = rows.column("schema"), name = rows.column("name");
  const int owner = rows.column("owner"), number = rows.column("number");
  const int column_name = rows.column("column_name"), type_text = rows.column("type");
  const int collation = rows.column("collation");
  auto& composites = reading.catalog.composites;
  for (int row = 0; row < rows.rows(); ++row) {
    const Address address{class_oid::kType, rows.oid(row, oid)};
    if (composites.empty() || composites.back().address != address) {
      CompositeType type;
      type.address = address;
      type.name = {rows.string(row, schema), rows.string(row, name)};
      type.owner = rows.string(row, owner);
      reading.claim(address, Bucket::emitted);
      reading.fold(type, {class_oid::kClass, rows.oid(row, relation)});
      composites.push_back(std::move(type));
    }
    if (rows.is_null(row, number)) continue;
    CompositeColumn column;
    column.number = static_cast<int>(rows.integer(row, number));
    column.name = rows.string(row, column_name);
    column.type = required_type(rows, row, type_text);
    column.collation = rows.string(row, collation);
    composites.back().columns.push_back(std::move(column));
  }
}

}  // namespace

void read_types(Reading& reading) {
  read_enums(reading);
  read_domains(reading);
  read_composites(reading);
}

void read(Reading& reading, const Row& row, BaseType& type) {
  type.functions = row.list("functions");
  type.length = static_cast<int>(row.integer("length"));
  type.by_value = row.boolean("by_value");
  type.preferred = row.boolean("preferred");
  type.collatable = row.boolean("collatable");
  type.alignment = reading.code(row, "alignment", "csid", "pg_type.typalign", type);
  type.storage = reading.code(row, "storage", "pexm", "pg_type.typstorage", type);
  type.category = row.text("category");
  type.delimiter = row.text("delimiter");
  type.element = row.text("element");
  if (!row.is_null("default_value")) type.default_value = row.text("default_value");
}

void read(Reading&, const Row& row, RangeType& type) {
  type.subtype = row.type("subtype");
  type.operator_class = row.text("operator_class");
  type.collation = row.text("collation");
  type.canonical = row.text("canonical");
  type.subtype_diff = row.text("subtype_diff");
  type.multirange = row.text("multirange");
  const std::vector<std::string> made = row.list("made_names"), arguments = row.list("arguments"),
                                 schemas = row.list("schemas"), names = row.list("names");
  for (std::size_t i = 0; i < names.size(); ++i) {
    // All are made in the schema of the range.
    type.constructors.push_back(
        {{type.name.schema, made.at(i)}, arguments.at(i), {schemas.at(i), names[i]}});
  }
}

void read(Reading&, const Row&, ShellType&) {}

void read(Reading& reading, const Row& row, Collation& collation) {
  collation.provider = reading.code(row, "provider", "cib", "pg_collation.collprovider", collation);
  collation.deterministic = row.boolean("deterministic");
  collation.lc_collate = row.text("lc_collate");
  collation.lc_ctype = row.text("lc_ctype");
  collation.locale = row.text("locale");
  collation.icu_rules = row.text("icu_rules");
  if (row.boolean("unusable")) {
    reading.refuse("collation", quote_name_pretty(collation.name),
                   "made for the encoding " + row.text("encoding"));
  }
}

}  // namespace belay::catalog
