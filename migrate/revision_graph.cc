#include "migrate/revision_graph.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

using Ids = std::vector<std::string>;

Ids sorted(const std::set<std::string>& ids) { return Ids(ids.begin(), ids.end()); }

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
  connect();
  check_cycles();
}

// A label may be depended on; from here on there are only ids.
void RevisionGraph::connect() {
  for (const Revision& revision : revisions_) {
    for (const std::string& label : revision.labels) {
      if (find(label) == nullptr && labels_.emplace(label, revision.id).second) continue;
      throw Error(ErrorKind::preflight, "two revisions have the same name")
          .object(revision.file.native())
          .cause(label);
    }
  }
  for (Revision& revision : revisions_) {
    for (std::string& wanted : revision.depends_on) wanted = resolve(wanted);
    for (const std::string& parent : parents_of(revision)) {
      dependents_[parent].push_back(revision.id);
      if (find(parent) != nullptr) continue;
      throw Error(ErrorKind::preflight, "a revision follows one that does not exist")
          .object(revision.file.native())
          .cause(parent);
    }
    for (const std::string& parent : revision.down) children_[parent].push_back(revision.id);
  }
}

std::string RevisionGraph::resolve(const std::string& id_or_label) const {
  const auto label = labels_.find(id_or_label);
  return find(id_or_label) == nullptr && label != labels_.end() ? label->second : id_or_label;
}

std::vector<std::string> RevisionGraph::parents_of(const Revision& revision) {
  Ids parents = revision.down;
  parents.insert(parents.end(), revision.depends_on.begin(), revision.depends_on.end());
  return parents;
}

void RevisionGraph::check_cycles() const {
  std::map<std::string, std::size_t> waiting;
  Ids ready;
  for (const Revision& revision : revisions_) {
    waiting[revision.id] = parents_of(revision).size();
    if (waiting[revision.id] == 0) ready.push_back(revision.id);
  }
  std::size_t seen = 0;
  while (!ready.empty()) {
    const std::string id = ready.back();
    ready.pop_back();
    ++seen;
    const auto children = dependents_.find(id);
    if (children == dependents_.end()) continue;
    for (const std::string& child : children->second) {
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

std::set<std::string> RevisionGraph::below(const Ids& from, bool dependencies) const {
  std::set<std::string> seen;
  for (Ids open = from; !open.empty();) {
    const std::string id = open.back();
    open.pop_back();
    const Revision* revision = find(id);
    if (revision == nullptr || !seen.insert(id).second) continue;
    const Ids parents = dependencies ? parents_of(*revision) : revision->down;
    open.insert(open.end(), parents.begin(), parents.end());
  }
  return seen;
}

std::set<std::string> RevisionGraph::above(const Ids& from, bool dependencies) const {
  const std::map<std::string, Ids>& next = dependencies ? dependents_ : children_;
  std::set<std::string> seen;
  for (Ids open = from; !open.empty();) {
    const std::string id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    const auto children = next.find(id);
    if (children == next.end()) continue;
    open.insert(open.end(), children->second.begin(), children->second.end());
  }
  return seen;
}

std::vector<std::string> RevisionGraph::closure(const std::vector<std::string>& from) const {
  return sorted(below(from, true));
}

std::vector<std::string> RevisionGraph::effective(const std::vector<std::string>& from) const {
  std::set<std::string> ids(from.begin(), from.end());
  for (const std::string& id : from) {
    const Revision* revision = find(id);
    if (revision == nullptr) continue;
    for (const std::string& parent : closure(parents_of(*revision))) ids.erase(parent);
  }
  return sorted(ids);
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

std::string RevisionGraph::digest(const std::vector<std::string>& from) const {
  Sha256Stream hash;
  for (const std::string& id : closure(from)) hash.update(id + '\0' + find(id)->sha256 + '\n');
  return hash.value().hex();
}

}  // namespace belay::migrate
