#include "libcore/catalog/order.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include "libcore/base/error.h"
#include "libcore/catalog/order_graph.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::catalog;

// A catalog in which objects are made one after the other, with growing OIDs.
struct Builder {
  Catalog catalog;
  Oid next = kFirstUserOid;

  Address add(Oid classid) { return {classid, next++}; }
  void depend(Address dependent, Address referenced, char type = 'n') {
    catalog.dependencies.push_back({dependent, referenced, type});
  }
  Table& table(const std::string& name) {
    Table table;
    table.address = add(class_oid::kClass);
    table.name = {"s", name};
    table.row_type = next++;
    depend({class_oid::kType, table.row_type}, table.address, 'i');
    catalog.tables.push_back(table);
    return catalog.tables.back();
  }
  Address function(const std::string& name, const std::string& arguments = "") {
    Function function;
    function.address = add(class_oid::kProc);
    function.name = {"s", name};
    function.identity_arguments = arguments;
    catalog.functions.push_back(function);
    return function.address;
  }
  Address view(const std::string& name, bool materialized = false, bool populated = true) {
    View view;
    view.address = add(class_oid::kClass);
    view.name = {"s", name};
    view.row_type = next++;
    view.rule = next++;
    view.materialized = materialized;
    view.populated = populated;
    depend({class_oid::kRewrite, view.rule}, view.address, 'i');
    catalog.views.push_back(view);
    return view.address;
  }
  Address rule(Address view) {
    for (const View& candidate : catalog.views) {
      if (candidate.address == view) return {class_oid::kRewrite, candidate.rule};
    }
    return {};
  }
  Address constraint(const std::string& name, char type, Address table, bool validated = true) {
    Constraint constraint;
    constraint.address = add(class_oid::kConstraint);
    constraint.name = {"s", name};
    constraint.type = type;
    constraint.table = table.objid;
    constraint.validated = validated;
    if (type == 'p') constraint.index = next++;
    depend(constraint.address, table, 'a');
    catalog.constraints.push_back(constraint);
    return constraint.address;
  }
  Address column_default(Table& table, const std::string& name, char generated = 0) {
    Column column;
    column.number = static_cast<int>(table.columns.size()) + 1;
    column.name = name;
    column.default_expression = "x";
    column.default_oid = next++;
    column.generated = generated;
    table.columns.push_back(column);
    const Address address{class_oid::kAttrDef, column.default_oid};
    depend(address, table.address, 'a');
    return address;
  }
};

std::string name_of(const Catalog& catalog, const Address& address) {
  const auto among = [&](const auto& objects) -> std::string {
    for (const auto& object : objects) {
      if (object.address == address) return object.name.name;
    }
    return "";
  };
  std::string name = among(catalog.tables) + among(catalog.functions) + among(catalog.views) +
                     among(catalog.sequences) + among(catalog.constraints) +
                     among(catalog.domains) + among(catalog.indexes) + among(catalog.schemas) +
                     among(catalog.casts);
  for (const Table& table : catalog.tables) {
    for (const Column& column : table.columns) {
      if (address == Address{class_oid::kAttrDef, column.default_oid}) {
        name = table.name.name + "." + column.name;
      }
    }
  }
  return name;
}

// "pre:name", "post:name!body" ... in the order of creation.
std::string text(const Catalog& catalog, const Order& order) {
  std::string result;
  for (const Step& step : order.steps) {
    if (!result.empty()) result += ' ';
    result += step.section == Section::post_data ? "post:" : "pre:";
    result += name_of(catalog, step.address);
    switch (step.part) {
      case Part::whole:
        break;
      case Part::placeholder:
        result += "!placeholder";
        break;
      case Part::body:
        result += "!body";
        break;
      case Part::attach:
        result += "!attach";
        break;
      case Part::own:
        result += "!own";
        break;
      case Part::separate:
        result += "!separate";
        break;
      case Part::row_security:
        result += "!row_security";
        break;
      case Part::refresh:
        result += "!refresh";
        break;
    }
  }
  return result;
}

std::string text(const Catalog& catalog) { return text(catalog, order_objects(catalog)); }

}  // namespace

TEST_CASE("sorting keeps the needs and otherwise the wished order") {
  const std::vector<int> identity{0, 1, 2, 3};
  CHECK(sort_by_needs({{}, {}, {}, {}}, identity).nodes == identity);
  CHECK(sort_by_needs({{3}, {}, {}, {}}, identity).nodes == std::vector<int>{3, 0, 1, 2});
  const Sorted cyclic = sort_by_needs({{1}, {2}, {1}, {}}, identity);
  CHECK(cyclic.blocked == std::vector<int>{1, 2});
  CHECK(cycle_groups({{1}, {2}, {1}, {}}, cyclic.blocked) == std::vector<std::vector<int>>{{1, 2}});
  CHECK(shortest_cycle({{1, 2}, {2}, {0}}, {0, 1, 2}) == std::vector<int>{0, 2});
}

TEST_CASE("sorting random graphs keeps every need") {
  const unsigned seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    const int count = 1 + static_cast<int>(random() % 60);
    Needs needs;
    std::vector<int> rank(static_cast<std::size_t>(count));
    std::iota(rank.begin(), rank.end(), 0);
    std::shuffle(rank.begin(), rank.end(), random);
    for (int n = 0; n < count; ++n) {
      std::vector<int> earlier;
      for (unsigned i = n == 0 ? 0 : random() % 4; i > 0; --i) {
        earlier.push_back(static_cast<int>(random() % static_cast<unsigned>(n)));
      }
      needs.add(earlier);
    }
    const Sorted sorted = sort_by_needs(needs, rank);
    REQUIRE(sorted.blocked.empty());
    REQUIRE(sorted.nodes.size() == static_cast<std::size_t>(count));
    std::vector<bool> done(static_cast<std::size_t>(count));
    for (const int node : sorted.nodes) {
      for (const int need : needs[static_cast<std::size_t>(node)]) {
        REQUIRE(done[static_cast<std::size_t>(need)]);
      }
      done[static_cast<std::size_t>(node)] = true;
    }
  }
}

TEST_CASE("the order follows kinds and names, not OIDs") {
  Builder first;
  first.view("v");
  first.table("b");
  first.table("a");
  first.function("f", "text");
  first.function("f", "integer");
  Builder second;
  second.function("f", "integer");
  second.function("f", "text");
  second.table("a");
  second.table("b");
  second.view("v");
  CHECK(text(first.catalog) == "pre:f pre:f pre:a pre:b pre:v");
  CHECK(text(second.catalog) == text(first.catalog));
  const Order order = order_objects(first.catalog);
  CHECK(order.steps[0].address == first.catalog.functions[1].address);
}

TEST_CASE("a serial column needs no statement of its own") {
  Builder b;
  b.catalog.tables.reserve(4);
  Table& table = b.table("t");
  const Address value = b.column_default(table, "id");
  Sequence sequence;
  sequence.address = b.add(class_oid::kClass);
  sequence.name = {"s", "t_id_seq"};
  sequence.owner_table = table.address.objid;
  sequence.owner_column = 1;
  b.catalog.sequences.push_back(sequence);
  b.depend(value, sequence.address);
  b.depend(sequence.address, table.address, 'a');
  CHECK(text(b.catalog) == "pre:t_id_seq pre:t pre:t_id_seq!own");
  const Order order = order_objects(b.catalog);
  CHECK(order.steps[1].depends_on == std::vector<int>{0});
  CHECK(order.steps[2].depends_on == std::vector<int>{0, 1});
  CHECK(order.separated.empty());
}

TEST_CASE("a default and a check over the table's own rows become statements") {
  Builder b;
  b.catalog.tables.reserve(4);
  Table& table = b.table("t");
  const Address row_type{class_oid::kType, table.row_type};
  const Address function = b.function("f");
  b.depend(function, row_type);
  SECTION("default") {
    b.depend(b.column_default(table, "c"), function);
    CHECK(text(b.catalog) == "pre:t pre:f pre:t.c!separate");
    CHECK(order_objects(b.catalog).separated.size() == 1);
  }
  SECTION("check") {
    b.depend(b.constraint("k", 'c', table.address), function);
    CHECK(text(b.catalog) == "pre:t pre:f post:k!separate");
  }
  SECTION("a generated column cannot") {
    b.depend(b.column_default(table, "c", 's'), function);
    try {
      order_objects(b.catalog);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::backup_failed);
      CHECK(error.object() ==
            "function s.f(), which needs table s.t, which needs default c on s.t");
    }
  }
}

TEST_CASE("a check that is not valid comes after the data, an inherited one not at all") {
  Builder b;
  b.catalog.tables.reserve(4);
  const Address parent = b.table("p").address;
  Table& child = b.table("c");
  child.partition_of = parent.objid;
  b.depend(child.address, parent, 'a');
  b.constraint("later", 'c', parent, false);
  b.constraint("later_too", 'c', child.address, false);
  b.catalog.constraints.back().local = false;
  CHECK(text(b.catalog) == "pre:c pre:p pre:c!attach post:later!separate");
}

TEST_CASE("views that read each other begin as a placeholder") {
  Builder b;
  const Address one = b.view("one");
  const Address two = b.view("two");
  b.depend(b.rule(one), two);
  b.depend(b.rule(two), one);
  CHECK(text(b.catalog) == "pre:one!placeholder pre:two post:one!body");
}

TEST_CASE("what needs a primary key is finished after the data") {
  Builder b;
  b.catalog.tables.reserve(4);
  const Address table = b.table("t").address;
  const Address key = b.constraint("k", 'p', table);
  const Address view = b.view("v");
  b.depend(b.rule(view), key);
  const Address materialized = b.view("m", true);
  b.depend(b.rule(materialized), key);
  const Address over = b.view("over");
  b.depend(b.rule(over), materialized);
  const Address function = b.function("f");
  b.depend(function, key);
  CHECK(text(b.catalog) ==
        "pre:t pre:over!placeholder pre:v!placeholder post:k post:f post:m post:over!body "
        "post:v!body post:m!refresh");
}

TEST_CASE("refreshes follow their sources, and stop at one without rows") {
  Builder b;
  const Address z = b.view("z", true);
  const Address between = b.view("between");
  b.depend(b.rule(between), z);
  const Address a = b.view("a", true);
  b.depend(b.rule(a), between);
  const Address never = b.view("never", true, false);
  const Address stale = b.view("stale", true);
  b.depend(b.rule(stale), never);
  const std::string order = text(b.catalog);
  CHECK(order.find("post:z!refresh post:a!refresh") != std::string::npos);
  CHECK(order.find("stale!refresh") == std::string::npos);
  CHECK(order.find("never!refresh") == std::string::npos);
}

TEST_CASE("what may use a cast needs it, and what the cast needs does not") {
  Builder builder;
  const auto add_cast = [&builder](const std::string& name) {
    Cast cast;
    cast.address = builder.add(class_oid::kCast);
    cast.name = {"", name};
    builder.catalog.casts.push_back(cast);
    return cast.address;
  };
  // The view's only recorded dependency is the cast's function.
  const Address view = builder.view("by_function");
  const Address function = builder.function("f");
  builder.depend(builder.rule(view), function);
  builder.view("other");
  builder.depend(add_cast("(a AS b)"), function);
  const auto steps_needed = [&](const std::string& name) {
    const Order order = order_objects(builder.catalog);
    std::string needed;
    for (const Step& step : order.steps) {
      if (name_of(builder.catalog, step.address) != name) continue;
      for (const int before : step.depends_on) {
        const Step& other = order.steps[static_cast<std::size_t>(before)];
        needed += name_of(builder.catalog, other.address) + ' ';
      }
    }
    return needed;
  };
  CHECK(steps_needed("by_function") == "f (a AS b) ");
  CHECK(steps_needed("f") == "");
  CHECK(steps_needed("other") == "");
  // Nobody records that he uses a cast without a function.
  add_cast("(c AS d)");
  CHECK(steps_needed("other") == "(c AS d) ");
  CHECK(steps_needed("f") == "(c AS d) ");
  CHECK(steps_needed("(a AS b)") == "f ");
}

TEST_CASE("a cycle that no rule breaks is named") {
  Builder b;
  const Address f = b.function("f");
  const Address g = b.function("g", "integer");
  b.depend(f, g);
  b.depend(g, f);
  try {
    order_objects(b.catalog);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::backup_failed);
    CHECK(error.object() == "function s.f(), which needs function s.g(integer)");
  }
}
