#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "libcore/catalog/canonical.h"

namespace belay::catalog {

namespace {

using Json = nlohmann::json;

bool precedes(const CanonicalObject& a, const CanonicalObject& b) {
  return std::tie(a.kind, a.identity) < std::tie(b.kind, b.identity);
}

// The lists come from archives and exported files as well: order is not taken on trust.
std::vector<CanonicalObject> in_order(std::vector<CanonicalObject> objects) {
  std::stable_sort(objects.begin(), objects.end(), precedes);
  return objects;
}

// The properties of `text` that `other` has not, or has otherwise; all of it if either is not JSON.
std::string differing(const std::string& text, const std::string& other) {
  const Json mine = Json::parse(text, nullptr, false);
  const Json theirs = Json::parse(other, nullptr, false);
  if (!mine.is_object() || !theirs.is_object()) return text;
  Json result = Json::object();
  for (const auto& [key, value] : mine.items()) {
    const auto match = theirs.find(key);
    if (match == theirs.end() || *match != value) result[key] = value;
  }
  if (result.empty()) return {};
  return result.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::vector<Difference> diff(const std::vector<CanonicalObject>& before,
                             const std::vector<CanonicalObject>& after) {
  const std::vector<CanonicalObject> old_objects = in_order(before);
  const std::vector<CanonicalObject> new_objects = in_order(after);
  std::vector<Difference> differences;
  auto a = old_objects.begin();
  auto b = new_objects.begin();
  while (a != old_objects.end() || b != new_objects.end()) {
    if (b == new_objects.end() || (a != old_objects.end() && precedes(*a, *b))) {
      differences.push_back({Change::removed, a->kind, a->identity, a->properties, ""});
      ++a;
    } else if (a == old_objects.end() || precedes(*b, *a)) {
      differences.push_back({Change::added, b->kind, b->identity, "", b->properties});
      ++b;
    } else {
      if (a->properties != b->properties) {
        differences.push_back({Change::changed, a->kind, a->identity,
                               differing(a->properties, b->properties),
                               differing(b->properties, a->properties)});
      }
      ++a;
      ++b;
    }
  }
  return differences;
}

}  // namespace belay::catalog
