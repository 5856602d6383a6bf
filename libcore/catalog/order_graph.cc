#include "libcore/catalog/order_graph.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <utility>

namespace belay::catalog {
namespace {

std::size_t at(int node) { return static_cast<std::size_t>(node); }

// Tarjan's algorithm with a stack of its own: chains of views can be deeper than ours.
class Components {
 public:
  Components(const Needs& needs, const std::vector<int>& among)
      : needs_(needs), state_(needs.size()) {
    for (const int node : among) state_[at(node)].wanted = true;
    for (const int node : among) {
      if (state_[at(node)].index == kUnseen) visit(node);
    }
  }

  std::vector<std::vector<int>> groups;

 private:
  static constexpr int kUnseen = -1;
  struct State {
    bool wanted = false, open = false;
    int index = kUnseen, low = 0;
    std::size_t next = 0;  // the need to follow next
  };

  void enter(int node) {
    State& state = state_[at(node)];
    state.index = state.low = count_++;
    state.open = true;
    path_.push_back(node);
    open_.push_back(node);
  }

  void visit(int root) {
    enter(root);
    while (!path_.empty()) {
      const int node = path_.back();
      State& state = state_[at(node)];
      if (state.next < needs_[at(node)].size()) {
        const int need = needs_[at(node)][state.next++];
        State& other = state_[at(need)];
        if (!other.wanted) continue;
        if (other.index == kUnseen) {
          enter(need);
        } else if (other.open) {
          state.low = std::min(state.low, other.index);
        }
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) {
        State& before = state_[at(path_.back())];
        before.low = std::min(before.low, state.low);
      }
      if (state.low == state.index) close(node);
    }
  }

  void close(int root) {
    std::vector<int> group;
    int node;
    do {
      node = open_.back();
      open_.pop_back();
      state_[at(node)].open = false;
      group.push_back(node);
    } while (node != root);
    if (group.size() < 2) return;
    std::sort(group.begin(), group.end());
    groups.push_back(std::move(group));
  }

  const Needs& needs_;
  std::vector<State> state_;
  std::vector<int> path_, open_;
  int count_ = 0;
};

}  // namespace

Sorted sort_by_needs(const Needs& needs, const std::vector<int>& rank) {
  std::vector<int> dependents(needs.size(), 0), node_of_rank(needs.size());
  for (std::size_t n = 0; n < needs.size(); ++n) {
    node_of_rank[at(rank[n])] = static_cast<int>(n);
    for (const int need : needs[n]) ++dependents[at(need)];
  }
  std::priority_queue<int> free;  // ranks of nodes that nobody needs any more
  for (std::size_t n = 0; n < needs.size(); ++n) {
    if (dependents[n] == 0) free.push(rank[n]);
  }
  Sorted sorted;
  while (!free.empty()) {
    const int node = node_of_rank[at(free.top())];
    free.pop();
    sorted.nodes.push_back(node);
    for (const int need : needs[at(node)]) {
      if (--dependents[at(need)] == 0) free.push(rank[at(need)]);
    }
  }
  std::reverse(sorted.nodes.begin(), sorted.nodes.end());
  for (std::size_t n = 0; n < needs.size(); ++n) {
    if (dependents[n] > 0) sorted.blocked.push_back(static_cast<int>(n));
  }
  return sorted;
}

std::vector<std::vector<int>> cycle_groups(const Needs& needs, const std::vector<int>& among) {
  return Components(needs, among).groups;
}

std::vector<int> shortest_cycle(const Needs& needs, const std::vector<int>& group) {
  constexpr int kUnseen = -1;
  const int start = group.front();
  std::vector<int> came_from(needs.size(), kUnseen);
  std::deque<int> queue{start};
  while (!queue.empty()) {
    const int node = queue.front();
    queue.pop_front();
    for (const int need : needs[at(node)]) {
      if (need == start) {
        std::vector<int> cycle;
        for (int step = node; step != start; step = came_from[at(step)]) cycle.push_back(step);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (came_from[at(need)] != kUnseen) continue;
      if (!std::binary_search(group.begin(), group.end(), need)) continue;
      came_from[at(need)] = node;
      queue.push_back(need);
    }
  }
  return group;
}

}  // namespace belay::catalog
