// Look-up by OID or by address, where there are very many of them: a node for each entry of a
// standard map would take longer to make than all that is looked up in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "libcore/catalog/object.h"

namespace belay::catalog {

// Iterates in the order of insertion. An insertion moves the entries: iterators, and references to
// values, do not outlive it.
template <typename Key, typename T>
class FlatMap {
  using Entries = std::vector<std::pair<Key, T>>;

 public:
  using iterator = typename Entries::iterator;
  using const_iterator = typename Entries::const_iterator;

  iterator begin() { return entries_.begin(); }
  iterator end() { return entries_.end(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  const_iterator find(const Key& key) const {
    if (entries_.empty()) return end();
    const std::uint32_t place = places_[slot(key)];
    return place == 0 ? end() : begin() + (place - 1);
  }
  iterator find(const Key& key) { return begin() + (std::as_const(*this).find(key) - begin()); }
  bool contains(const Key& key) const { return find(key) != end(); }

  // What is there already stays.
  template <typename... Arguments>
  std::pair<iterator, bool> try_emplace(const Key& key, Arguments&&... arguments) {
    if (2 * (entries_.size() + 1) > places_.size()) grow();
    std::uint32_t& place = places_[slot(key)];
    if (place != 0) return {begin() + (place - 1), false};
    entries_.emplace_back(key, T{std::forward<Arguments>(arguments)...});
    place = static_cast<std::uint32_t>(entries_.size());
    return {end() - 1, true};
  }
  T& operator[](const Key& key) { return try_emplace(key).first->second; }

 private:
  static std::uint64_t number(Oid oid) { return oid; }
  static std::uint64_t number(const Address& address) {
    return (std::uint64_t{address.classid} << 32) | address.objid;
  }

  // Where the key is, or the free slot where it belongs.
  std::size_t slot(const Key& key) const {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
    const std::size_t last = places_.size() - 1;
    std::size_t at = static_cast<std::size_t>((number(key) * kSpread) >> 32) & last;
    while (places_[at] != 0 && entries_[places_[at] - 1].first != key) at = (at + 1) & last;
    return at;
  }

  void grow() {
    places_.assign(places_.empty() ? 16 : 2 * places_.size(), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      places_[slot(entries_[i].first)] = static_cast<std::uint32_t>(i + 1);
    }
  }

  Entries entries_;
  std::vector<std::uint32_t> places_;  // a power of two; of an entry, from 1 up; 0: free
};

template <typename T>
using ByAddress = FlatMap<Address, T>;
template <typename T>
using ByOid = FlatMap<Oid, T>;

}  // namespace belay::catalog
