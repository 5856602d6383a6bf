#include <algorithm>

#include "libcore/base/error.h"
#include "libdump/plan.h"
#include "libdump/view_digest.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::dump;
using belay::catalog::Catalog;
using belay::catalog::Table;

namespace {

constexpr catalog::Oid kInt4 = 23, kRegclass = 2205;

Table& add_table(Catalog& catalog, const std::string& name, std::uint64_t megabytes = 0) {
  Table table;
  table.address = {catalog::class_oid::kClass,
                   20000 + static_cast<catalog::Oid>(catalog.tables.size())};
  table.name = {"public", name};
  table.owner = "app";
  table.bytes = megabytes << 20;
  table.pages = static_cast<std::int64_t>(table.bytes / 8192);
  catalog::Column column;
  column.number = 1;
  column.name = "id";
  column.type = "integer";
  column.type_oid = kInt4;
  table.columns.push_back(column);
  catalog.tables.push_back(table);
  return catalog.tables.back();
}

Catalog empty_catalog(int major = 15) {
  Catalog catalog;
  catalog.identity.server_version = major * 10000;
  catalog.database.encoding = "UTF8";
  catalog.tables.reserve(16);
  catalog::Schema schema;
  schema.address = {catalog::class_oid::kNamespace, 2200};
  schema.name.name = "public";
  schema.is_public = true;
  schema.owner = "pg_database_owner";
  catalog.schemas.push_back(schema);
  return catalog;
}

Plan plan_of(const Catalog& catalog, const Options& options = {}) {
  return make_plan(catalog, {{kInt4}}, options);
}

std::size_t tasks_of(const Plan& plan, int item) {
  return static_cast<std::size_t>(
      std::count_if(plan.tasks.begin(), plan.tasks.end(),
                    [&](const CopyTask& task) { return task.item == item; }));
}

}  // namespace

TEST_CASE("the largest table is copied first, and a large one in ranges that cover it") {
  Catalog catalog = empty_catalog();
  add_table(catalog, "small", 1);
  add_table(catalog, "large", 1000);
  const Plan plan = plan_of(catalog);
  REQUIRE(plan.items.size() == 2);
  CHECK_FALSE(plan.items[0].cut);
  CHECK(plan.items[1].cut);
  CHECK(tasks_of(plan, 2) == 8);
  CHECK(plan.tasks[0].item == 2);
  CHECK(plan.tasks[0].sql.find("ctid >= '(0,0)'") != std::string::npos);
  // The last range is open: rows of the snapshot may lie behind the size that was read.
  CHECK(plan.tasks[7].sql.find("ctid <") == std::string::npos);
  CHECK(plan.tasks[8].sql == "COPY \"public\".\"small\" (\"id\") TO STDOUT (FORMAT binary)");
}

TEST_CASE("before server 14 a range reads the whole table, so there are only as many as workers") {
  Catalog catalog = empty_catalog(13);
  add_table(catalog, "large", 1000);
  Options options;
  options.jobs = 3;
  CHECK(tasks_of(plan_of(catalog, options), 1) == 3);
}

TEST_CASE("binary is chosen where it is safe, and refused by name where it is not") {
  Catalog catalog = empty_catalog();
  add_table(catalog, "safe");
  add_table(catalog, "names").columns[0].type_oid = kRegclass;
  Options options;
  const Plan plan = plan_of(catalog, options);
  CHECK(plan.items[0].format == archive::CopyFormat::binary);
  CHECK(plan.items[1].format == archive::CopyFormat::text);
  options.format = FormatChoice::text;
  CHECK(plan_of(catalog, options).items[0].format == archive::CopyFormat::text);
  options.format = FormatChoice::binary;
  try {
    plan_of(catalog, options);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.object() == "public.names");
  }
}

TEST_CASE("excluded contents are left out and said so; the table itself stays") {
  Catalog catalog = empty_catalog();
  add_table(catalog, "songs");
  add_table(catalog, "audit_2025");
  Options options;
  for (const char* pattern : {"audit_*", "public.audit_????", "*.audit*"}) {
    options.exclude_table_contents = {pattern};
    const Plan plan = plan_of(catalog, options);
    REQUIRE(plan.items.size() == 1);
    CHECK(plan.items[0].name == "songs");
    REQUIRE(plan.left_out.size() == 1);
    CHECK(plan.left_out[0] == "contents of table public.audit_2025: excluded");
    CHECK(std::count_if(plan.entries.begin(), plan.entries.end(), [](const archive::Entry& entry) {
            return entry.kind == "table";
          }) == 2);
  }
  options.exclude_table_contents = {"other.audit*", "audit"};
  CHECK(plan_of(catalog, options).items.size() == 2);
}

TEST_CASE("what cannot be carried refuses the backup by name, unless it is allowed") {
  Catalog catalog = empty_catalog();
  for (int index = 0; index < 25; ++index) {
    catalog.unsupported.push_back({"aggregate", "public.sum" + std::to_string(index), ""});
  }
  try {
    plan_of(catalog);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK(error.cause().find("aggregate public.sum0;") != std::string::npos);
    CHECK(error.cause().find("and 5 more") != std::string::npos);
  }
  Options options;
  options.allow_unknown = true;
  CHECK(plan_of(catalog, options).left_out.size() == 25);
}

TEST_CASE("rows of a partition whose hash may differ elsewhere load through the topmost root") {
  Catalog catalog = empty_catalog();
  Table& root = add_table(catalog, "root");
  root.kind = catalog::TableKind::partitioned;
  root.partition_key = "HASH (id)";
  root.hash_on_unstable_key = true;
  add_table(catalog, "part").partition_of = root.address.objid;
  const Plan plan = plan_of(catalog);
  REQUIRE(plan.items.size() == 1);
  CHECK(plan.items[0].name == "part");
  CHECK(plan.items[0].load_root == QualifiedName{"public", "root"});
}

TEST_CASE("a view whose result may depend on the order of rows is not expected to come back equal") {
  catalog::View view;
  view.definition = "SELECT t.id, sum(t.amount) AS sum FROM public.t GROUP BY t.id";
  CHECK(order_dependence(view).empty());
  for (const char* definition :
       {"SELECT string_agg(t.name, ','::text) FROM t", "SELECT id FROM t LIMIT 5",
        "SELECT DISTINCT ON (a) a, b FROM t", "SELECT row_number() OVER (ORDER BY a) FROM t"}) {
    view.definition = definition;
    CHECK(order_dependence(view) == "depends on the order of rows");
  }
  view.definition = "SELECT 1";
  view.columns.emplace_back();
  view.columns[0].name = "mean";
  view.columns[0].type = "double precision";
  CHECK(order_dependence(view) == "floating-point column mean");
}
