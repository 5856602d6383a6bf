#include "libcore/catalog/order.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <tuple>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/catalog/order_graph.h"
#include "libcore/catalog/order_nodes.h"

namespace belay::catalog {
namespace {

std::size_t at(int node) { return static_cast<std::size_t>(node); }

void drop_need(Node& node, int needed) {
  node.needs.erase(std::remove(node.needs.begin(), node.needs.end(), needed), node.needs.end());
}

class Orderer {
 public:
  explicit Orderer(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}

  Order order() {
    move_behind_data();
    for (;;) {
      const Needs needs = all_needs();
      Sorted sorted = sort_by_needs(needs, ranks());
      if (sorted.blocked.empty()) return result(sorted.nodes);
      for (const std::vector<int>& group : cycle_groups(needs, sorted.blocked)) {
        break_cycles(needs, group);
      }
    }
  }

 private:
  Needs all_needs() {
    Needs needs;
    for (Node& node : nodes_) {
      std::sort(node.needs.begin(), node.needs.end());
      node.needs.erase(std::unique(node.needs.begin(), node.needs.end()), node.needs.end());
      needs.add(node.needs);
    }
    return needs;
  }

  bool before(int a, int b) const {
    const auto key = [this](int node) {
      const Node& n = nodes_[at(node)];
      return std::tie(n.section, n.rank, n.schema, n.name, n.detail, n.part, n.address);
    };
    return key(a) < key(b);
  }

  // The base order: nothing in it depends on OIDs (the address only parts what cannot be equal).
  std::vector<int> ranks() const {
    std::vector<int> by_rank(nodes_.size());
    std::iota(by_rank.begin(), by_rank.end(), 0);
    std::sort(by_rank.begin(), by_rank.end(), [this](int a, int b) { return before(a, b); });
    std::vector<int> ranks(nodes_.size());
    for (std::size_t rank = 0; rank < by_rank.size(); ++rank) {
      ranks[at(by_rank[rank])] = static_cast<int>(rank);
    }
    return ranks;
  }

  // Out of the host's statement, into one of its own.
  void separate(int number, Section section) {
    Node& node = nodes_[at(number)];
    if (node.folded) {
      drop_need(nodes_[at(node.host)], number);
      node.needs.push_back(node.host);
      node.folded = false;
    }
    node.part = Part::separate;
    node.section = section;
  }

  // The view becomes a placeholder that needs only the types of its columns.
  void split_view(int query) {
    Node& node = nodes_[at(query)];
    Node& view = nodes_[at(node.host)];
    drop_need(view, query);
    node.needs.push_back(node.host);
    node.address = view.address;
    node.folded = false;
    node.part = Part::body;
    node.section = Section::post_data;
    view.part = Part::placeholder;
  }

  // What needs something of the post-data section (a query that groups by a primary key, a SQL
  // function that does) cannot be made before the data.
  void move_behind_data() {
    std::vector<std::vector<int>> dependents(nodes_.size());
    std::vector<int> late;
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      for (const int need : nodes_[n].needs) dependents[at(need)].push_back(static_cast<int>(n));
      if (nodes_[n].section == Section::post_data) late.push_back(static_cast<int>(n));
    }
    while (!late.empty()) {
      const int cause = late.back();
      late.pop_back();
      for (const int dependent : dependents[at(cause)]) {
        const Node& node = nodes_[at(dependent)];
        if (node.section == Section::post_data) continue;
        if (make_late(dependent, cause)) late.push_back(dependent);
      }
    }
  }

  // True if everything that depends on `number` must follow it.
  bool make_late(int number, int cause) {
    Node& node = nodes_[at(number)];
    switch (node.kind) {
      case NodeKind::view_query:
        split_view(number);
        return false;
      case NodeKind::default_value:
      case NodeKind::check:
      case NodeKind::domain_check:
        if (!node.separable) refuse({number, cause});
        separate(number, Section::post_data);
        return false;
      case NodeKind::object:
        if (node.section == Section::data) refuse({number, cause});
        [[fallthrough]];
      case NodeKind::function:
      case NodeKind::materialized_view:
      case NodeKind::ownership:
      case NodeKind::table_attachment:
        node.section = Section::post_data;
        return true;
      default:
        refuse({number, cause});
    }
  }

  // One rule at a time, the least intrusive first; the next round sees what is left.
  void break_cycles(const Needs& needs, const std::vector<int>& group) {
    if (separate_all(group, NodeKind::default_value, Section::pre_data)) return;
    if (separate_all(group, NodeKind::domain_check, Section::pre_data)) return;
    if (separate_all(group, NodeKind::check, Section::post_data)) return;
    int first = -1;
    for (const int number : group) {
      if (nodes_[at(number)].kind != NodeKind::view_query || !nodes_[at(number)].folded) continue;
      if (first < 0 || before(number, first)) first = number;
    }
    if (first < 0) refuse(shortest_cycle(needs, group));
    split_view(first);
  }

  bool separate_all(const std::vector<int>& group, NodeKind kind, Section section) {
    bool any = false;
    for (const int number : group) {
      const Node& node = nodes_[at(number)];
      if (node.kind != kind || !node.folded || !node.separable) continue;
      separate(number, section);
      if (kind == NodeKind::domain_check) precede_users(number);
      any = true;
    }
    return any;
  }

  // The server checks stored values when a domain gets a check, and cannot look into arrays and
  // rows of it: whatever uses the domain follows, unless the check itself needs it.
  void precede_users(int check) {
    std::vector<bool> needed(nodes_.size(), false);
    std::vector<int> stack{check};
    while (!stack.empty()) {
      const int number = stack.back();
      stack.pop_back();
      if (needed[at(number)]) continue;
      needed[at(number)] = true;
      const std::vector<int>& needs = nodes_[at(number)].needs;
      stack.insert(stack.end(), needs.begin(), needs.end());
    }
    const int domain = nodes_[at(check)].host;
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      Node& user = nodes_[n];
      if (needed[n] || user.section != Section::pre_data) continue;
      if (std::find(user.needs.begin(), user.needs.end(), domain) == user.needs.end()) continue;
      user.needs.push_back(check);
    }
  }

  [[noreturn]] void refuse(std::vector<int> members) const {
    const auto first = std::min_element(members.begin(), members.end(),
                                        [this](int a, int b) { return before(a, b); });
    std::rotate(members.begin(), first, members.end());
    std::string text;
    for (const int member : members) {
      if (!text.empty()) text += ", which needs ";
      text += describe(nodes_[at(member)]);
    }
    throw Error(ErrorKind::backup_failed, "objects that need each other cannot be put in an order")
        .object(text)
        .next(
            "change one of them, for example by taking its own table's row type out of an "
            "expression");
  }

  // Steps that must precede `number`: those of folded nodes are their host's.
  void collect(int number, const std::vector<int>& step_of, std::vector<int>& steps) const {
    std::vector<int> stack{number};
    while (!stack.empty()) {
      const Node& node = nodes_[at(stack.back())];
      stack.pop_back();
      for (const int need : node.needs) {
        if (nodes_[at(need)].folded) {
          stack.push_back(need);
        } else if (step_of[at(need)] != step_of[at(number)]) {
          steps.push_back(step_of[at(need)]);
        }
      }
    }
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  }

  Order result(const std::vector<int>& sorted) const {
    Order order;
    std::vector<int> step_of(nodes_.size(), -1);
    for (const int number : sorted) {
      const Node& node = nodes_[at(number)];
      if (node.folded) continue;
      step_of[at(number)] = static_cast<int>(order.steps.size());
      Step step{node.address, node.part, node.section, {}};
      collect(number, step_of, step.depends_on);
      order.steps.push_back(std::move(step));
      if (node.part == Part::separate) order.separated.push_back(node.address);
    }
    std::sort(order.separated.begin(), order.separated.end());
    return order;
  }

  std::vector<Node> nodes_;
};

}  // namespace

Order order_objects(const Catalog& catalog) { return Orderer(build_nodes(catalog)).order(); }

}  // namespace belay::catalog
