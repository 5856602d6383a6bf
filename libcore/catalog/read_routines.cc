// What is made of functions.
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

// The rows of its members belong to the object that holds them.
void fold_members(Reading& reading, const Row& row, Object& holder) {
  for (const Oid oid : row.oids("operator_rows")) reading.fold(holder, {class_oid::kAmOp, oid});
  for (const Oid oid : row.oids("function_rows")) reading.fold(holder, {class_oid::kAmProc, oid});
}

}  // namespace

void read(Reading& reading, const Row& row, AccessMethod& method) {
  method.type = reading.code(row, "type", "it", "pg_am.amtype", method);
  method.handler = row.text("handler");
}

void read(Reading& reading, const Row& row, Aggregate& aggregate) {
  const std::string what = "aggregate " + quote_name_pretty(aggregate.name);
  aggregate.identity_arguments = row.required("identity_arguments", what);
  aggregate.arguments = row.required("arguments", what);
  aggregate.argument_types = row.text("argument_types");
  aggregate.kind = reading.code(row, "kind", "noh", "pg_aggregate.aggkind", aggregate);
  aggregate.parallel = reading.code(row, "parallel", "sru", "pg_proc.proparallel", aggregate);
  reading.code(row, "final_modify", "rsw", "pg_aggregate.aggfinalmodify", aggregate);
  reading.code(row, "moving_final_modify", "rsw", "pg_aggregate.aggmfinalmodify", aggregate);
  aggregate.clauses = row.list("clauses");
}

void read(Reading& reading, const Row& row, Cast& cast) {
  cast.source = row.type("source");
  cast.target = row.type("target");
  cast.method = reading.code(row, "method", "fbi", "pg_cast.castmethod", cast);
  cast.context = reading.code(row, "context", "eai", "pg_cast.castcontext", cast);
  cast.function = row.text("function");
}

void read(Reading&, const Row& row, Conversion& conversion) {
  conversion.from = row.text("from_encoding");
  conversion.to = row.text("to_encoding");
  conversion.function = row.text("function");
  conversion.is_default = row.boolean("is_default");
}

void read(Reading&, const Row& row, Language& language) {
  language.trusted = row.boolean("trusted");
  language.handler = row.text("handler");
  language.inliner = row.text("inline");
  language.validator = row.text("validator");
}

void read(Reading&, const Row& row, Operator& op) {
  op.left = row.text("left_type");
  op.right = row.text("right_type");
  op.identity_arguments =
      (op.left.empty() ? "NONE" : op.left) + ", " + (op.right.empty() ? "NONE" : op.right);
  op.function = row.text("function");
  op.restrict_function = row.text("restrict");
  op.join_function = row.text("join");
  op.commutator = row.text("commutator");
  op.negator = row.text("negator");
  op.commutator_oid = row.oid("commutator_oid");
  op.negator_oid = row.oid("negator_oid");
  op.merges = row.boolean("merges");
  op.hashes = row.boolean("hashes");
}

void read(Reading& reading, const Row& row, OperatorClass& operator_class) {
  operator_class.access_method = row.text("access_method");
  operator_class.family = row.text("family");
  operator_class.type = row.type("type");
  operator_class.storage = row.text("storage");
  operator_class.is_default = row.boolean("is_default");
  operator_class.members = row.list("members");
  fold_members(reading, row, operator_class);
}

void read(Reading& reading, const Row& row, OperatorFamily& family) {
  family.access_method = row.text("access_method");
  family.members = row.list("members");
  fold_members(reading, row, family);
}

void read(Reading& reading, const Row& row, FamilyAdditions& additions) {
  read(reading, row, static_cast<OperatorFamily&>(additions));
  additions.extension = row.text("extension");
}

void read(Reading&, const Row& row, Transform& transform) {
  transform.from_sql = row.text("from_sql");
  transform.to_sql = row.text("to_sql");
}

}  // namespace belay::catalog
