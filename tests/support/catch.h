// Catch2, whichever major version the distribution has.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>  // IWYU pragma: export
#else
#include <catch2/catch.hpp>  // IWYU pragma: export
namespace Catch::Matchers {  // version 3's names for what version 2 keeps elsewhere
template <typename Text>
auto ContainsSubstring(const Text& text) {
  return Contains(text);
}
}  // namespace Catch::Matchers
#endif
