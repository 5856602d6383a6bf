// What a dump decides before the first byte.
#include "libdump/plan.h"

#include <algorithm>

#include "libcore/base/error.h"
#include "libdump/view_digest.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace belay::dump;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::uint64_t kMegabyte = 1u << 20;
const catalog::TableFormats kFormats{{23, 25}};

// A database with one schema; tables are added by size.
class Sample {
 public:
  Sample() {
    catalog.identity.server_version = 150020;
    catalog.identity.database = "app";
    catalog.database.name.name = "app";
    catalog.database.encoding = "LATIN1";
    catalog.schemas.emplace_back();
    catalog.schemas.back().address = {catalog::class_oid::kNamespace, 2200};
    catalog.schemas.back().name = {"", "public"};
    catalog.schemas.back().is_public = true;
  }

  catalog::Table& table(const std::string& name, std::uint64_t bytes, catalog::Oid type = 23) {
    catalog::Table& table = catalog.tables.emplace_back();
    table.address = {catalog::class_oid::kClass, next_++};
    table.name = {"public", name};
    table.owner = "alice";
    table.bytes = bytes;
    table.pages = static_cast<std::int64_t>(bytes / 8192);
    catalog::Column& column = table.columns.emplace_back();
    column.number = 1;
    column.name = "a";
    column.type = "integer";
    column.type_oid = type;
    return table;
  }

  Plan plan() const { return make_plan(catalog, kFormats, options); }

  catalog::Catalog catalog;
  Options options;

 private:
  catalog::Oid next_ = 20000;
};

const archive::DataItem& item_named(const Plan& plan, const std::string& name) {
  const auto found = std::find_if(plan.items.begin(), plan.items.end(),
                                  [&](const auto& item) { return item.name == name; });
  REQUIRE(found != plan.items.end());
  return *found;
}

std::vector<CopyTask> tasks_of(const Plan& plan, int item) {
  std::vector<CopyTask> tasks;
  std::copy_if(plan.tasks.begin(), plan.tasks.end(), std::back_inserter(tasks),
               [&](const CopyTask& task) { return task.item == item; });
  return tasks;
}

}  // namespace

TEST_CASE("a table above 128 MB is cut into ranges that cover it, a smaller one is not") {
  Sample sample;
  sample.table("small", 128 * kMegabyte);
  sample.table("large", 400 * kMegabyte);
  const Plan plan = sample.plan();
  CHECK_FALSE(item_named(plan, "small").cut);
  const archive::DataItem& large = item_named(plan, "large");
  CHECK(large.cut);
  const std::vector<CopyTask> tasks = tasks_of(plan, large.number);
  REQUIRE(tasks.size() == 4);
  CHECK_THAT(tasks[0].sql, ContainsSubstring("ctid >= '(0,0)'"));
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string end = std::to_string((i + 1) * 12800);
    CHECK_THAT(tasks[i].sql, ContainsSubstring("ctid < '(" + end + ",0)'"));
    CHECK_THAT(tasks[i + 1].sql, ContainsSubstring("ctid >= '(" + end + ",0)'"));
  }
  CHECK(tasks[3].sql.find("ctid <") == std::string::npos);
}

TEST_CASE("server 13 reads the whole table for every range: no more ranges than workers") {
  Sample sample;
  sample.catalog.identity.server_version = 130022;
  sample.table("large", 4000 * kMegabyte);
  sample.options.jobs = 3;
  CHECK(sample.plan().tasks.size() == 3);
  sample.options.jobs = 1;
  CHECK(sample.plan().tasks.size() == 1);
  CHECK_FALSE(sample.plan().items.at(0).cut);
}

TEST_CASE("the largest item comes first, and the tasks of an item stay together") {
  Sample sample;
  sample.table("a", 1 * kMegabyte);
  sample.table("b", 300 * kMegabyte);
  sample.table("c", 100 * kMegabyte);
  const Plan plan = sample.plan();
  std::vector<std::string> order;
  for (const CopyTask& task : plan.tasks) {
    order.push_back(plan.items.at(static_cast<std::size_t>(task.item - 1)).name);
  }
  CHECK(order == std::vector<std::string>{"b", "b", "b", "c", "a"});
  // One range of b is rounded down.
  CHECK(plan.estimated_bytes <= 401 * kMegabyte);
  CHECK(plan.estimated_bytes + 3 >= 401 * kMegabyte);
}

TEST_CASE("items are numbered from 1 and name the entry of their table") {
  Sample sample;
  sample.table("a", 0);
  sample.table("b", 0);
  const Plan plan = sample.plan();
  REQUIRE(plan.items.size() == 2);
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const archive::DataItem& item = plan.items[i];
    CHECK(item.number == static_cast<int>(i + 1));
    REQUIRE(item.entry >= 1);
    const archive::Entry& entry = plan.entries.at(static_cast<std::size_t>(item.entry - 1));
    CHECK(entry.number == item.entry);
    CHECK(entry.name == item.name);
    CHECK(entry.kind == "table");
    CHECK(item.owner == "alice");
    CHECK(item.encoding == "LATIN1");
  }
}

TEST_CASE("binary where it is safe, and never where it is not") {
  Sample sample;
  sample.table("safe", 0);
  sample.table("unsafe", 0, 2205);
  CHECK(item_named(sample.plan(), "safe").format == archive::CopyFormat::binary);
  CHECK(item_named(sample.plan(), "unsafe").format == archive::CopyFormat::text);
  sample.options.format = FormatChoice::text;
  CHECK(item_named(sample.plan(), "safe").format == archive::CopyFormat::text);
  sample.options.format = FormatChoice::binary;
  try {
    sample.plan();
    FAIL("an unsafe table was planned in binary");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(error.object() == "public.unsafe");
  }
}

TEST_CASE("generated columns are named apart and counted in the task") {
  Sample sample;
  catalog::Table& table = sample.table("t", 0);
  table.columns.push_back(table.columns.front());
  table.columns.back().number = 2;
  table.columns.back().name = "g";
  table.columns.back().generated = 's';
  table.columns.back().default_expression = "a * 2";
  const Plan plan = sample.plan();
  CHECK(plan.items.at(0).columns == std::vector<std::string>{"a"});
  CHECK(plan.items.at(0).generated == std::vector<std::string>{"g"});
  CHECK(plan.tasks.at(0).generated == 1);
}

TEST_CASE("below an unstable hash everything loads through the topmost root") {
  Sample sample;
  auto partitioned = [&](const std::string& name, catalog::Oid parent, bool unstable) {
    catalog::Table& table = sample.table(name, 0);
    table.kind = catalog::TableKind::partitioned;
    table.partition_key = unstable ? "HASH (a)" : "RANGE (a)";
    table.hash_on_unstable_key = unstable;
    table.partition_of = parent;
    if (parent != 0) table.partition_bound = "DEFAULT";
    return table.address.objid;
  };
  auto leaf = [&](const std::string& name, catalog::Oid parent) {
    catalog::Table& table = sample.table(name, 0);
    table.partition_of = parent;
    table.partition_bound = "DEFAULT";
  };
  const catalog::Oid top = partitioned("top", 0, false);
  leaf("left", top);
  leaf("right", partitioned("middle", top, true));
  const Plan plan = sample.plan();
  CHECK(plan.items.size() == 2);
  CHECK(item_named(plan, "left").load_root == QualifiedName{});
  CHECK(item_named(plan, "right").load_root == QualifiedName{"public", "top"});
}

TEST_CASE("contents are left out by pattern, and said so") {
  Sample sample;
  for (const char* name : {"log_2025", "log_2026", "login", "Logs.x"}) sample.table(name, 0);
  auto kept = [&](const std::vector<std::string>& patterns) {
    sample.options.exclude_table_contents.clear();
    for (const std::string& pattern : patterns) {
      sample.options.exclude_table_contents.push_back(NamePattern::of_relation(pattern));
    }
    const Plan plan = sample.plan();
    CHECK(plan.items.size() + plan.left_out.size() == 4);
    CHECK(plan.entries.size() == 5);  // the schema and its four tables
    std::string names;
    for (const archive::DataItem& item : plan.items) names += item.name + " ";
    return names;
  };
  CHECK(kept({"log_*"}) == "login Logs.x ");
  CHECK(kept({"public.log_202?"}) == "login Logs.x ");
  CHECK(kept({"pub*.*g*5"}) == "log_2026 login Logs.x ");
  CHECK(kept({"other.*", "log"}) == "log_2025 log_2026 login Logs.x ");
  CHECK(kept({"public.\"Logs.x\""}) == "log_2025 log_2026 login ");
  CHECK(kept({"*"}) == "");
  sample.options.exclude_table_contents = {NamePattern::of_relation("login")};
  CHECK(sample.plan().left_out ==
        std::vector<std::string>{"contents of table public.login: excluded"});
}

TEST_CASE("what a standby cannot read is left out and said so") {
  Sample sample;
  sample.table("kept", 0);
  sample.table("fleeting", 0).persistence = 'u';
  CHECK(sample.plan().items.size() == 2);
  sample.catalog.identity.in_recovery = true;
  const Plan plan = sample.plan();
  REQUIRE(plan.items.size() == 1);
  CHECK(plan.items[0].name == "kept");
  REQUIRE(plan.left_out.size() == 1);
  CHECK_THAT(plan.left_out[0], ContainsSubstring("public.fleeting"));
}

TEST_CASE("planner statistics are read of what the archive holds, from server 18 on") {
  Sample sample;
  sample.table("parent", 1);                                         // 20000
  sample.table("child", 1).parents = {{20000, "parent"}};            // 20001
  sample.table("root", 0).kind = catalog::TableKind::partitioned;    // 20002
  sample.table("branch", 0).kind = catalog::TableKind::partitioned;  // 20003
  sample.catalog.tables.back().partition_of = 20002;
  sample.table("leaf", 1).partition_of = 20003;               // 20004
  sample.table("far", 0).kind = catalog::TableKind::foreign;  // 20005
  catalog::View& view = sample.catalog.views.emplace_back();
  view.address = {catalog::class_oid::kClass, 30000};
  view.name = {"public", "seen"};
  view.materialized = true;
  const auto statement = [&] {
    const Plan plan = sample.plan();
    const auto item = std::find_if(plan.items.begin(), plan.items.end(), [](const auto& one) {
      return one.kind == archive::DataKind::planner_statistics;
    });
    return item == plan.items.end() ? std::string() : tasks_of(plan, item->number).at(0).sql;
  };
  CHECK(statement().empty());
  sample.catalog.identity.server_version = 180000;
  CHECK_THAT(statement(), ContainsSubstring("'{20000,20001,20004,30000}'"));
  CHECK_THAT(statement(), ContainsSubstring("'{20000,20001,20002,20003,20004}'"));

  // Samples of what is left out would stand in those of all above it, and of any view.
  sample.options.exclude_table_contents = {NamePattern::of_relation("leaf")};
  CHECK_THAT(statement(), ContainsSubstring("'{20000,20001}'::oid[]) AS alone"));
  CHECK_THAT(statement(), ContainsSubstring("'{20000,20001}'::oid[]) AS with_heirs"));
  sample.options.exclude_table_contents = {NamePattern::of_relation("child")};
  CHECK_THAT(statement(), ContainsSubstring("'{20000,20004}'::oid[]) AS alone"));
  CHECK_THAT(statement(), ContainsSubstring("'{20002,20003,20004}'::oid[]) AS with_heirs"));
  sample.options.schema_only = true;
  CHECK(statement().empty());
}

TEST_CASE("schema only has no items, and its entries are numbered without a gap") {
  Sample sample;
  sample.table("t", 0);
  catalog::LargeObject& object = sample.catalog.large_objects.emplace_back();
  object.address = {catalog::class_oid::kLargeObject, 70001};
  object.name.name = "70001";
  object.owner = "alice";
  catalog::Index& index = sample.catalog.indexes.emplace_back();
  index.address = {catalog::class_oid::kClass, 30000};
  index.name = {"public", "i"};
  index.table = sample.catalog.tables[0].address.objid;
  index.definition = "CREATE INDEX i ON public.t USING btree (a)";
  sample.catalog.dependencies.push_back({index.address, sample.catalog.tables[0].address, 'n'});
  const Plan whole = sample.plan();
  sample.options.schema_only = true;
  const Plan plan = sample.plan();
  CHECK(plan.items.empty());
  CHECK(plan.tasks.empty());
  CHECK(plan.entries.size() + 1 == whole.entries.size());
  REQUIRE(plan.left_out.size() == 1);
  for (std::size_t i = 0; i < plan.entries.size(); ++i) {
    const archive::Entry& entry = plan.entries[i];
    CHECK(entry.number == static_cast<int>(i + 1));
    CHECK(entry.section != archive::Section::data);
    for (const int needed : entry.depends_on) CHECK(needed < entry.number);
    if (entry.name != "i") continue;
    REQUIRE_FALSE(entry.depends_on.empty());
    const int table = entry.depends_on.back();
    CHECK(plan.entries.at(static_cast<std::size_t>(table - 1)).kind == "table");
  }
}

TEST_CASE("what cannot be carried refuses the backup by name, at most twenty of them") {
  Sample sample;
  for (int i = 0; i < 30; ++i) {
    sample.catalog.unsupported.push_back({"policy", "p" + std::to_string(i) + " on t", ""});
  }
  sample.catalog.unsupported.push_back({"table option", "public.t", "fillfactor=70"});
  CHECK(unsupported_lines(sample.catalog).size() == 31);
  CHECK(unsupported_lines(sample.catalog).back() == "table option public.t: fillfactor=70");
  try {
    sample.plan();
    FAIL("an unsupported object was accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK_THAT(error.cause(), ContainsSubstring("policy p0 on t; policy p1 on t"));
    CHECK_THAT(error.cause(), ContainsSubstring("p19 on t; and 11 more"));
    CHECK_THAT(error.next(), ContainsSubstring("belay doctor"));
  }
  sample.options.allow_unknown = true;
  CHECK(sample.plan().left_out.size() == 31);
}

TEST_CASE("the description of a plan names items, ranges and what is left out") {
  Sample sample;
  sample.table("large", 300 * kMegabyte);
  sample.table("gone\nwith a newline", 0);
  sample.options.exclude_table_contents = {NamePattern::of_relation("gone*")};
  const std::string text = describe(sample.plan());
  CHECK_THAT(text, ContainsSubstring("binary  3 ranges"));
  CHECK_THAT(text, ContainsSubstring("public.large"));
  CHECK_THAT(text, ContainsSubstring("left out: contents of table public.\"gone\\nwith"));
}

TEST_CASE(
    "a view whose result may depend on the order of rows is not expected to come back equal") {
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
