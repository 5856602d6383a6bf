#include "libcore/catalog/flat_map.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace belay::catalog;

TEST_CASE("a flat map finds what a map finds, in the order of insertion") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::map<Address, int> expected;
  std::vector<Address> order;
  ByAddress<int> found;
  for (int i = 0; i < 5000; ++i) {
    // Close together, so that slots are shared; a quarter comes again.
    const Address address{static_cast<Oid>(random() % 3),
                          static_cast<Oid>(16384 + random() % 5000)};
    const bool is_new = expected.try_emplace(address, i).second;
    if (is_new) order.push_back(address);
    const auto [entry, inserted] = found.try_emplace(address, i);
    REQUIRE(inserted == is_new);
    REQUIRE(entry->second == expected[address]);
  }
  REQUIRE(found.size() == expected.size());
  std::size_t number = 0;
  for (const auto& [address, value] : found) {
    REQUIRE(address == order[number++]);
    REQUIRE(value == expected[address]);
  }
  for (Oid oid = 16384; oid < 16384 + 5000; ++oid) {
    REQUIRE(found.contains({1, oid}) == expected.contains({1, oid}));
  }
}

TEST_CASE("an empty flat map holds nothing, and asking by [] makes an entry") {
  ByOid<std::string> map;
  CHECK(map.empty());
  CHECK_FALSE(map.contains(1));
  map[1] += "a";
  map[1] += "b";
  CHECK(map.size() == 1);
  CHECK(map.find(1)->second == "ab");
}
