// Sorting by dependencies that moves as little as possible. Nodes are numbers; needs[n] are the
// nodes that must come before n.
#pragma once

#include <vector>

namespace belay::catalog {

using Needs = std::vector<std::vector<int>>;

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
