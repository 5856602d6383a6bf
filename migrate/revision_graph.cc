#include "migrate/revision_graph.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

using Ids = std::vector<std::string>;

Error meaningless(const std::string& argument, std::string_view why) {
  return Error(ErrorKind::preflight, "the revision asked for means nothing here")
      .object(argument)
      .cause(why)
      .next("belay alembic heads lists what there is");
}

Ids sorted(const std::set<std::string>& ids) { return Ids(ids.begin(), ids.end()); }

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

}  // namespace

RevisionGraph::RevisionGraph(std::vector<Revision> revisions) : revisions_(std::move(revisions)) {
  std::sort(revisions_.begin(), revisions_.end(),
            [](const Revision& a, const Revision& b) { return a.id < b.id; });
  for (std::size_t i = 1; i < revisions_.size(); ++i) {
    if (revisions_[i].id == revisions_[i - 1].id) {
      throw Error(ErrorKind::preflight, "two revision files have the same id")
          .object(revisions_[i].id)
          .cause(revisions_[i - 1].file.native() + ", " + revisions_[i].file.native());
    }
  }
  // A label may be depended on; from here on there are only ids.
  for (Revision& revision : revisions_) {
    for (std::string& wanted : revision.depends_on) wanted = resolve(wanted);
    for (const std::string& parent : parents_of(revision)) {
      if (find(parent) != nullptr) continue;
      throw Error(ErrorKind::preflight, "a revision follows one that does not exist")
          .object(revision.file.native())
          .cause(parent);
    }
  }
  check_cycles();
}

std::string RevisionGraph::resolve(const std::string& id_or_label) const {
  if (find(id_or_label) != nullptr) return id_or_label;
  for (const Revision& revision : revisions_) {
    if (std::find(revision.labels.begin(), revision.labels.end(), id_or_label) !=
        revision.labels.end()) {
      return revision.id;
    }
  }
  return id_or_label;
}

std::vector<std::string> RevisionGraph::parents_of(const Revision& revision) {
  Ids parents = revision.down;
  parents.insert(parents.end(), revision.depends_on.begin(), revision.depends_on.end());
  return parents;
}

void RevisionGraph::check_cycles() const {
  std::map<std::string, std::size_t> waiting;
  std::map<std::string, Ids> children;
  Ids ready;
  for (const Revision& revision : revisions_) {
    const Ids parents = parents_of(revision);
    waiting[revision.id] = parents.size();
    if (parents.empty()) ready.push_back(revision.id);
    for (const std::string& parent : parents) children[parent].push_back(revision.id);
  }
  std::size_t seen = 0;
  while (!ready.empty()) {
    const std::string id = ready.back();
    ready.pop_back();
    ++seen;
    for (const std::string& child : children[id]) {
      if (--waiting[child] == 0) ready.push_back(child);
    }
  }
  if (seen == revisions_.size()) return;
  throw Error(ErrorKind::preflight, "the revisions follow each other in a circle");
}

const Revision* RevisionGraph::find(std::string_view id) const {
  const auto found = std::lower_bound(
      revisions_.begin(), revisions_.end(), id,
      [](const Revision& revision, std::string_view key) { return revision.id < key; });
  return found != revisions_.end() && found->id == id ? &*found : nullptr;
}

std::vector<std::string> RevisionGraph::heads() const {
  std::set<std::string> ids;
  for (const Revision& revision : revisions_) ids.insert(revision.id);
  for (const Revision& revision : revisions_) {
    for (const std::string& parent : revision.down) ids.erase(parent);
  }
  return sorted(ids);
}

std::vector<std::string> RevisionGraph::closure(const std::vector<std::string>& from) const {
  std::set<std::string> seen;
  for (Ids open = from; !open.empty();) {
    const std::string id = open.back();
    open.pop_back();
    const Revision* revision = find(id);
    if (revision == nullptr || !seen.insert(id).second) continue;
    for (const std::string& parent : parents_of(*revision)) open.push_back(parent);
  }
  return sorted(seen);
}

std::vector<std::string> RevisionGraph::effective(const std::vector<std::string>& from) const {
  std::set<std::string> ids(from.begin(), from.end());
  for (const std::string& id : from) {
    const Revision* revision = find(id);
    if (revision == nullptr) continue;
    for (const std::string& below : closure(parents_of(*revision))) ids.erase(below);
  }
  return sorted(ids);
}

const Revision& RevisionGraph::named(const std::string& text) const {
  const std::string id = resolve(text);
  if (const Revision* revision = find(id)) return *revision;
  const Revision* match = nullptr;
  // Alembic takes any beginning that only one id has.
  for (const Revision& revision : revisions_) {
    if (text.empty() || !revision.id.starts_with(text)) continue;
    if (match != nullptr) throw meaningless(text, "several revisions begin so");
    match = &revision;
  }
  if (match == nullptr) throw meaningless(text, "there is no such revision");
  return *match;
}

std::vector<std::string> RevisionGraph::heads_of(const std::string& branch) const {
  const Ids all = heads();
  if (branch.empty()) return all;
  const std::string root = named(branch).id;
  Ids ids;
  for (const std::string& head : all) {
    const Ids below = closure({head});
    if (std::binary_search(below.begin(), below.end(), root)) ids.push_back(head);
  }
  return ids;
}

void RevisionGraph::require_known(const std::vector<std::string>& current) const {
  for (const std::string& id : current) {
    if (find(id) != nullptr) continue;
    throw Error(ErrorKind::ahead, "the database is at a revision that these migrations do not have")
        .object(id)
        .cause("it was migrated by a newer image, or the revision file was removed")
        .next(
            "deploy the image that knows this revision, or take the database back: belay rollback");
  }
}

// `steps` upwards from `from`, where each has one child; the last of them.
std::string RevisionGraph::climb(std::string from, int steps, const std::string& branch,
                                 const std::string& argument) const {
  const Ids allowed = branch.empty() ? Ids{} : closure(heads_of(branch));
  for (; steps > 0; --steps) {
    Ids children;
    for (const Revision& revision : revisions_) {
      const bool follows = from.empty() ? revision.down.empty()
                                        : std::find(revision.down.begin(), revision.down.end(),
                                                    from) != revision.down.end();
      const bool here =
          branch.empty() || std::binary_search(allowed.begin(), allowed.end(), revision.id);
      if (follows && here) children.push_back(revision.id);
    }
    if (children.empty()) throw meaningless(argument, "there are not that many revisions ahead");
    if (children.size() > 1)
      throw meaningless(argument, "the branches part there; name a revision");
    from = children.front();
  }
  return from;
}

std::string RevisionGraph::descend(std::string from, int steps, const std::string& argument) const {
  for (; steps > 0; --steps) {
    if (from.empty()) throw meaningless(argument, "there are not that many revisions behind");
    const Revision& revision = named(from);
    if (revision.down.size() > 1)
      throw meaningless(argument, "a merge lies there; name a revision");
    from = revision.down.empty() ? std::string() : revision.down.front();
  }
  return from;
}

// What a symbol without steps means; empty: base.
Ids RevisionGraph::absolute(const std::string& branch, const std::string& symbol) const {
  if (symbol == "base") return {};
  if (symbol == "heads") return heads_of(branch);
  if (symbol == "head") {
    const Ids ids = heads_of(branch);
    if (ids.size() < 2) return ids;
    throw Error(ErrorKind::several_heads, "the migrations have several heads")
        .cause(fmt::format("{}", fmt::join(ids, ", ")))
        .next("merge them: alembic merge heads, or upgrade to heads");
  }
  return {named(symbol).id};
}

// The revisions that an argument of upgrade or downgrade means; empty: base.
std::vector<std::string> RevisionGraph::meant(const std::vector<std::string>& current,
                                              const std::string& text) const {
  const Argument argument = parse_argument(text);
  if (!argument.relative) return absolute(argument.branch, argument.symbol);
  std::string from;
  if (!argument.symbol.empty()) {
    from = argument.symbol == "head" ? meant(current, text.substr(0, text.find_last_of("+-"))).at(0)
                                     : named(argument.symbol).id;
  } else {
    Ids candidates = current;
    if (!argument.branch.empty()) {
      const Ids branch = closure(heads_of(argument.branch));
      std::erase_if(candidates, [&](const std::string& id) {
        return !std::binary_search(branch.begin(), branch.end(), id);
      });
    }
    if (candidates.size() > 1) throw meaningless(text, "the database is at several revisions");
    if (!candidates.empty()) from = candidates.front();
  }
  const std::string id = argument.steps >= 0 ? climb(from, argument.steps, argument.branch, text)
                                             : descend(from, -argument.steps, text);
  return id.empty() ? Ids{} : Ids{id};
}

std::vector<std::string> RevisionGraph::after_upgrade(const std::vector<std::string>& current,
                                                      const std::string& argument) const {
  require_known(current);
  Ids ids = meant(current, argument);
  ids.insert(ids.end(), current.begin(), current.end());
  return effective(ids);
}

std::vector<std::string> RevisionGraph::after_downgrade(const std::vector<std::string>& current,
                                                        const std::string& argument) const {
  require_known(current);
  const Ids target = meant(current, argument);
  std::set<std::string> left;
  if (target.empty()) {
    const std::string branch = parse_argument(argument).branch;
    if (branch.empty()) return {};
    const Ids gone = closure(heads_of(branch));
    for (const std::string& id : closure(current)) {
      if (!std::binary_search(gone.begin(), gone.end(), id)) left.insert(id);
    }
  } else {
    // What stands on the target goes, everything else stays.
    for (const std::string& id : closure(current)) {
      const Ids below = closure({id});
      const bool above =
          id != target.front() && std::binary_search(below.begin(), below.end(), target.front());
      if (!above) left.insert(id);
    }
  }
  return effective(sorted(left));
}

std::vector<std::string> RevisionGraph::after_stamp(
    const std::vector<std::string>& current, const std::vector<std::string>& arguments) const {
  std::set<std::string> ids;
  for (const std::string& argument : arguments) {
    for (const std::string& id : meant(current, argument)) ids.insert(id);
  }
  return effective(sorted(ids));
}

bool RevisionGraph::means_something(const std::string& text) const {
  return find(resolve(text)) != nullptr ||
         std::any_of(revisions_.begin(), revisions_.end(),
                     [&](const Revision& one) { return one.id.starts_with(text); });
}

std::vector<std::string> RevisionGraph::meant_by_stamp(const std::string& argument) const {
  const std::size_t at = argument.find('@');
  if (at == std::string::npos) return absolute("", argument);
  return absolute(argument.substr(0, at), argument.substr(at + 1));
}

std::string RevisionGraph::digest(const std::vector<std::string>& from) const {
  Sha256Stream hash;
  for (const std::string& id : closure(from)) hash.update(id + '\0' + find(id)->sha256 + '\n');
  return hash.value().hex();
}

}  // namespace belay::migrate
