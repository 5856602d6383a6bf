// What the arguments of upgrade, downgrade and stamp mean, as Alembic reads them: where the words
// of its documentation end, what it does is meant. tests/server/migrate_revision_proof_test.cc asks
// it.
#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/revision_graph.h"

namespace belay::migrate {
namespace {

using Ids = std::vector<std::string>;

constexpr std::size_t kShortestAbbreviated = 4;  // an id this short, or longer, may be abbreviated

Error meaningless(const std::string& argument, std::string_view why) {
  return Error(ErrorKind::preflight, "the revision asked for means nothing here")
      .object(argument)
      .cause(why)
      .next("belay alembic heads lists what there is");
}

// "ae10+2", "+1", "branch@head", "branch@-1": branch, symbol and the steps from it.
struct Argument {
  std::string branch, symbol;
  int steps = 0;
  bool relative = false;
};

Argument parse_argument(const std::string& text) {
  Argument argument;
  std::string rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string::npos) {
    argument.branch = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  const std::size_t sign = rest.find_last_of("+-");
  if (sign != std::string::npos && sign + 1 < rest.size() && rest.size() - sign < 6 &&
      rest.find_first_not_of("0123456789", sign + 1) == std::string::npos) {
    argument.relative = true;
    argument.steps = std::stoi(rest.substr(sign + 1)) * (rest[sign] == '-' ? -1 : 1);
    rest = rest.substr(0, sign);
  }
  argument.symbol = rest;
  return argument;
}

void erase_row(std::set<std::string>& rows, const std::string& id) {
  if (rows.erase(id) == 0) throw meaningless(id, "two of the revisions asked for replace it");
}

}  // namespace

std::vector<std::string> RevisionGraph::related(const Ids& ids, const Ids& relatives,
                                                bool dependencies) const {
  if (relatives.empty()) return ids;
  std::set<std::string> family = below(relatives, dependencies);
  family.merge(above(relatives, dependencies));
  Ids found;
  for (const std::string& id : ids) {
    if (family.contains(id)) found.push_back(id);
  }
  return found;
}

std::vector<std::string> RevisionGraph::on_branch(const Ids& ids, const std::string& branch,
                                                  bool dependencies) const {
  if (branch.empty()) return ids;
  const std::size_t at = branch.find('@');
  Ids relatives;
  if (at != std::string::npos) relatives.push_back(id_of(branch.substr(0, at)));
  const Named named{at == std::string::npos ? "" : branch.substr(0, at),
                    at == std::string::npos ? branch : branch.substr(at + 1)};
  for (const std::string& id : absolute(named)) relatives.push_back(id);
  return related(ids, relatives, dependencies);
}

// Labels may be abbreviated, too.
std::vector<std::string> RevisionGraph::names_beginning(const std::string& text) const {
  Ids names;
  for (const Revision& revision : revisions_) {
    if (revision.id.starts_with(text)) names.push_back(revision.id);
  }
  for (const auto& [label, id] : labels_) {
    if (label.starts_with(text)) names.push_back(label);
  }
  std::erase_if(names, [](const std::string& name) { return name.size() < kShortestAbbreviated; });
  return names;
}

bool RevisionGraph::means_something(const std::string& text) const {
  return find(resolve(text)) != nullptr || !names_beginning(text).empty();
}

std::string RevisionGraph::id_of(const std::string& text, const std::string& branch) const {
  std::string id = resolve(text);
  if (find(id) == nullptr) {
    Ids names = text.empty() ? Ids{} : names_beginning(text);
    if (!branch.empty()) {
      std::erase_if(names, [&](const std::string& name) {
        return on_branch({resolve(name)}, branch).empty();
      });
    }
    if (names.empty()) throw meaningless(text, "there is no such revision");
    if (names.size() > 1) throw meaningless(text, "several revisions begin so");
    id = resolve(names.front());
  }
  if (!branch.empty() && related({id}, {id_of(branch)}, false).empty()) {
    throw meaningless(text, fmt::format("it is not on the branch {}", branch));
  }
  return id;
}

// What a symbol without steps means; empty: base.
std::vector<std::string> RevisionGraph::absolute(const Named& named) const {
  if (named.symbol == "base") return {};
  if (named.symbol == "heads" && named.branch.empty()) return effective(heads());
  if (named.symbol != "head" && named.symbol != "heads") return {id_of(named.symbol, named.branch)};
  Ids ids = on_branch(heads(), named.branch);
  if (named.symbol == "heads" || ids.size() < 2) return ids;
  throw Error(ErrorKind::several_heads, "the migrations have several heads")
      .cause(fmt::format("{}", fmt::join(ids, ", ")))
      .next("merge them: alembic merge heads, or upgrade to heads");
}

std::string RevisionGraph::one(const Named& named) const {
  const Ids ids = absolute(named);
  if (ids.size() > 1) throw meaningless(named.symbol, "these are several revisions");
  return ids.empty() ? "" : ids.front();
}

// `steps` upwards from `from`, where each has one child on the branch; the last of them.
std::string RevisionGraph::climb(std::string from, int steps, const std::string& branch,
                                 const std::string& argument) const {
  for (; steps > 0; --steps) {
    Ids children;
    if (from.empty()) {
      for (const Revision& revision : revisions_) {
        if (revision.down.empty()) children.push_back(revision.id);
      }
    } else if (const auto found = children_.find(from); found != children_.end()) {
      children = found->second;
    }
    children = on_branch(children, branch);
    if (children.empty()) throw meaningless(argument, "there are not that many revisions ahead");
    if (children.size() > 1)
      throw meaningless(argument, "the branches part there; name a revision");
    from = children.front();
  }
  return from;
}

// Down to "", the base, and no further.
std::string RevisionGraph::descend(std::string from, int steps, const std::string& argument) const {
  for (; steps > 0; --steps) {
    if (from.empty()) throw meaningless(argument, "there are not that many revisions behind");
    const Revision& revision = *find(from);
    if (revision.down.size() > 1)
      throw meaningless(argument, "a merge lies there; name a revision");
    from = revision.down.empty() ? std::string() : revision.down.front();
  }
  return from;
}

std::string RevisionGraph::start_of_climb(const Ids& current, const std::string& branch,
                                          const std::string& argument) const {
  Ids starts = on_branch(current, branch);
  if (starts.empty() && !branch.empty()) {
    // The branch has no row of its own: what of it is there, as a dependency or below a fork.
    const Ids there = on_branch(closure(current), branch);
    std::set<std::string> tips(there.begin(), there.end());
    for (const std::string& id : there) {
      for (const std::string& parent : parents_of(*find(id))) tips.erase(parent);
    }
    starts.assign(tips.begin(), tips.end());
  }
  if (starts.size() > 1) throw meaningless(argument, "the database is at several revisions");
  return starts.empty() ? "" : starts.front();
}

std::string RevisionGraph::start_of_descent(const Ids& current, const std::string& branch,
                                            const std::string& argument) const {
  Ids starts = on_branch(current, branch);
  if (starts.empty() && !branch.empty()) {
    const Ids all = closure(current);
    std::set<std::string> tips(all.begin(), all.end());
    for (const std::string& id : all) {
      for (const std::string& parent : find(id)->down) tips.erase(parent);
    }
    starts = on_branch(Ids(tips.begin(), tips.end()), branch);
  }
  if (starts.empty()) throw meaningless(argument, "there are not that many revisions behind");
  if (starts.size() > 1) throw meaningless(argument, "the database is at several revisions");
  return starts.front();
}

// Alembic refuses a set of which one is an ancestor of another.
void RevisionGraph::require_no_overlap(const Ids& ids, const std::string& argument) const {
  if (effective(ids).size() == ids.size()) return;
  throw meaningless(argument, fmt::format("of {} one leads to another", fmt::join(ids, ", ")));
}

std::vector<std::string> RevisionGraph::after_upgrade(const std::vector<std::string>& current,
                                                      const std::string& text) const {
  require_known(current);
  require_no_overlap(current, text);
  const Argument argument = parse_argument(text);
  Ids targets;
  if (!argument.relative) {
    targets = absolute({argument.branch, argument.symbol});
  } else if (argument.steps > 0) {
    const std::string start = argument.symbol.empty()
                                  ? start_of_climb(current, argument.branch, text)
                                  : one({"", argument.symbol});
    targets = {climb(start, argument.steps, argument.branch, text)};
  } else {
    if (argument.symbol.empty()) throw meaningless(text, "an upgrade does not go back");
    targets = {descend(one({argument.branch, argument.symbol}), -argument.steps, text)};
    if (targets.front().empty()) throw meaningless(text, "an upgrade does not go to base");
  }
  require_no_overlap(targets, text);
  targets.insert(targets.end(), current.begin(), current.end());
  return effective(targets);
}

std::vector<std::string> RevisionGraph::after_downgrade(const std::vector<std::string>& current,
                                                        const std::string& text) const {
  require_known(current);
  Argument argument = parse_argument(text);
  std::string target;
  if (!argument.relative) {
    target = one({"", argument.symbol});
  } else if (argument.steps >= 0) {
    if (argument.symbol.empty()) throw meaningless(text, "a downgrade does not go forward");
    target = climb(one({"", argument.symbol}), argument.steps, argument.branch, text);
  } else {
    const bool from_current = argument.symbol.empty();
    const std::string start = from_current ? start_of_descent(current, argument.branch, text)
                                           : one({argument.branch, argument.symbol});
    target = descend(start, -argument.steps, text);
    if (from_current && argument.branch.empty()) argument.branch = start;
  }
  Ids roots;
  for (const Revision& revision : revisions_) {
    const Ids& down = revision.down;
    const bool next =
        target.empty() ? down.empty() : std::find(down.begin(), down.end(), target) != down.end();
    if (next) roots.push_back(revision.id);
  }
  if (!argument.branch.empty() && roots.size() > 1) {
    const std::set<std::string> branch = below({id_of(argument.branch)}, false);
    std::erase_if(roots, [&](const std::string& id) { return !branch.contains(id); });
    if (roots.empty()) throw meaningless(text, "nothing of that branch stands on it");
  }
  const std::set<std::string> gone = above(roots, true);
  std::set<std::string> left = below(current, true);
  const std::size_t active = left.size();
  std::erase_if(left, [&](const std::string& id) { return gone.contains(id); });
  const bool nothing = left.size() == active;
  if (nothing && !target.empty() &&
      std::find(current.begin(), current.end(), target) == current.end()) {
    throw meaningless(text, "the database is not above it");
  }
  return effective(Ids(left.begin(), left.end()));
}

std::vector<std::string> RevisionGraph::meant_by_stamp(const std::string& argument) const {
  const std::size_t at = argument.find('@');
  if (at == std::string::npos) return absolute({"", argument});
  return absolute({argument.substr(0, at), argument.substr(at + 1)});
}

std::vector<std::string> RevisionGraph::after_stamp(
    const std::vector<std::string>& current, const std::vector<std::string>& arguments) const {
  require_known(current);
  // Rows of other branches stay.
  std::set<std::string> concerned, rows(current.begin(), current.end());
  Ids targets;
  for (const std::string& argument : arguments) {
    for (const std::string& id : meant_by_stamp(argument)) targets.push_back(id);
    const std::size_t at = argument.find('@');
    const bool all = argument == "base";
    Ids relatives = all ? Ids{} : meant_by_stamp(argument);
    if (at != std::string::npos) relatives.push_back(id_of(argument.substr(0, at)));
    for (const std::string& id : related(current, relatives, true)) concerned.insert(id);
  }
  if (targets.empty()) {
    for (const std::string& id : concerned) rows.erase(id);
  }
  const auto concerns = [&](const std::set<std::string>& family) {
    return std::any_of(concerned.begin(), concerned.end(),
                       [&](const std::string& id) { return family.contains(id); });
  };
  // Ways back first: the other order breaks Alembic.
  std::stable_partition(targets.begin(), targets.end(),
                        [&](const std::string& target) { return concerns(above({target}, true)); });
  for (const std::string& target : targets) {
    if (concerned.contains(target)) continue;
    const bool back = concerns(above({target}, true)), forward = concerns(below({target}, true));
    if (back && forward) throw meaningless(target, "the database is both above and below it");
    // The first of several targets took these rows; the next ones are added to it.
    const bool taken = std::any_of(concerned.begin(), concerned.end(),
                                   [&](const std::string& id) { return !rows.contains(id); });
    if (back || (forward && !taken)) {
      for (const std::string& id : concerned) erase_row(rows, id);
    }
    if (!rows.insert(target).second) throw meaningless(target, "it is asked for twice");
  }
  return {rows.begin(), rows.end()};
}

}  // namespace belay::migrate
