#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

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

// By what the elements of a list are told apart; empty: it is a plain value.
std::string key_of(const Json& element) {
  const auto text = [&](const char* key) {
    const auto found = element.find(key);
    return found != element.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!element.is_object()) return {};
  if (element.contains("grantee")) return text("grantee") + " by " + text("grantor");
  return text("name");
}

using Keyed = std::map<std::string, const Json*>;

// Nothing unless every element has a key of its own.
std::optional<Keyed> keyed(const Json& list) {
  Keyed elements;
  for (const Json& element : list) {
    const std::string key = key_of(element);
    if (key.empty() || !elements.emplace(key, &element).second) return std::nullopt;
  }
  return elements;
}

class Changes {
 public:
  void compare(const std::string& path, const Json* before, const Json* after) {
    if (before != nullptr && after != nullptr) {
      if (*before == *after) return;
      if (before->is_object() && after->is_object()) return compare_members(path, *before, *after);
      if (before->is_array() && after->is_array() && compare_lists(path, *before, *after)) return;
    }
    changes_.push_back(
        {path, text_of(before), text_of(after), before == nullptr, after == nullptr});
  }

  std::vector<PropertyChange> take() { return std::move(changes_); }

 private:
  static std::string text_of(const Json* value) {
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    return value->dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  static std::string joined(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + '.' + key;
  }

  void compare_keyed(const std::string& path, const Keyed& before, const Keyed& after) {
    for (const auto& [key, value] : before) {
      const auto match = after.find(key);
      compare(joined(path, key), value, match == after.end() ? nullptr : match->second);
    }
    for (const auto& [key, value] : after) {
      if (!before.contains(key)) compare(joined(path, key), nullptr, value);
    }
  }

  void compare_members(const std::string& path, const Json& before, const Json& after) {
    Keyed left, right;
    for (const auto& [key, value] : before.items()) left.emplace(key, &value);
    for (const auto& [key, value] : after.items()) right.emplace(key, &value);
    compare_keyed(path, left, right);
  }

  bool compare_lists(const std::string& path, const Json& before, const Json& after) {
    const std::optional<Keyed> left = keyed(before), right = keyed(after);
    if (!left || !right) return false;
    compare_keyed(path, *left, *right);
    const std::string old_order = order_of(before, *right), new_order = order_of(after, *left);
    if (old_order != new_order) {
      changes_.push_back({path + " (order)", old_order, new_order, false, false});
    }
    return true;
  }

  // The keys that `other` has too, in their order.
  static std::string order_of(const Json& list, const Keyed& other) {
    std::string names;
    for (const Json& element : list) {
      const std::string key = key_of(element);
      if (!other.contains(key)) continue;
      if (!names.empty()) names += ", ";
      names += key;
    }
    return names;
  }

  std::vector<PropertyChange> changes_;
};

}  // namespace

std::vector<PropertyChange> property_changes(const Difference& difference) {
  if (difference.change != Change::changed) return {};
  const auto parsed = [](const std::string& text) {
    return text.empty() ? Json::object() : Json::parse(text, nullptr, false);
  };
  const Json before = parsed(difference.before), after = parsed(difference.after);
  Changes changes;
  changes.compare("", &before, &after);
  return changes.take();
}

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
