#include "libcore/catalog/reading.h"

#include "tests/support/catch.h"

using namespace belay::catalog;
using Texts = std::vector<std::string>;

TEST_CASE("array text is read as the server writes it") {
  CHECK(array_elements("") == Texts{});
  CHECK(array_elements("{}") == Texts{});
  CHECK(array_elements("{a,b}") == Texts{"a", "b"});
  CHECK(array_elements(R"({"search_path=a, \"B\"","x\\y"})") ==
        Texts{R"(search_path=a, "B")", R"(x\y)"});
  CHECK(array_elements(R"({"",NULL,"NULL"})") == Texts{"", "NULL"});
  CHECK(array_elements("{\"unterminated") == Texts{});
}

TEST_CASE("the first claim stays, so an extension's member is nobody else's") {
  Reading reading;
  const Address address{class_oid::kClass, 20000};
  reading.claim(address, Bucket::member);
  reading.claim(address, Bucket::emitted);
  reading.claim_implied(address, {class_oid::kClass, 1});
  CHECK(reading.claims[address].bucket == Bucket::member);
}

TEST_CASE("every role that an object names is collected once") {
  Catalog catalog;
  Table table;
  table.owner = "ada";
  table.acl = {false, {{"", "ada", "r", ""}, {"bob", "carl", "r", ""}}, {}};
  Column column;
  column.acl = {false, {{"dora", "ada", "r", ""}}, {}};
  table.columns.push_back(column);
  catalog.tables.push_back(table);
  catalog.database.owner = "ada";
  collect_roles(catalog);
  CHECK(catalog.roles == Texts{"ada", "bob", "carl", "dora"});
}
