// Sorting by dependencies that moves as little as possible. Nodes are numbers; needs[n] are the
// nodes that must come before n.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

namespace belay::catalog {

// One list after the other, as there are very many short ones.
class Needs {
 public:
  Needs() = default;
  Needs(std::initializer_list<std::vector<int>> lists) {
    for (const std::vector<int>& needs : lists) add(needs);
  }
  // Those of the next node.
  void add(std::span<const int> needs) {
    all_.insert(all_.end(), needs.begin(), needs.end());
    ends_.push_back(all_.size());
  }
  std::size_t size() const { return ends_.size() - 1; }
  std::span<const int> operator[](std::size_t node) const {
    return std::span(all_).subspan(ends_[node], ends_[node + 1] - ends_[node]);
  }

 private:
  std::vector<int> all_;
  std::vector<std::size_t> ends_{0};
};

struct Sorted {
  std::vector<int> nodes;    // an order that keeps every need; complete if `blocked` is empty
  std::vector<int> blocked;  // nodes on cycles, and nodes that these need; ascending
};
// `rank` is the wished order: a permutation, rank[n] is the wished position of n. Kahn's algorithm
// from the end: the last place goes to the highest rank that nobody needs any more.
Sorted sort_by_needs(const Needs& needs, const std::vector<int>& rank);

// Groups of two or more nodes of `among` that need each other, each ascending.
std::vector<std::vector<int>> cycle_groups(const Needs& needs, const std::vector<int>& among);

// A shortest cycle inside a group, beginning with its first node.
std::vector<int> shortest_cycle(const Needs& needs, const std::vector<int>& group);

}  // namespace belay::catalog
