// Alembic's revisions and how they follow each other. Pure, but for reading files.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/digest.h"
#include "libcore/base/file_system.h"

namespace belay::migrate {

struct Revision {
  std::string id;
  std::vector<std::string> down;        // empty: a base
  std::vector<std::string> depends_on;  // ids or branch labels
  std::vector<std::string> labels;
  Path file;
  std::string sha256;  // hex, of the file
};

// The literal module-level assignments of one revision file; nothing if any of them is not literal
// or the file is not a revision.
std::optional<Revision> parse_revision(std::string_view python);

class RevisionGraph {
 public:
  RevisionGraph() = default;
  // Throws Error{preflight}: an unknown parent, a cycle, an id twice.
  explicit RevisionGraph(std::vector<Revision> revisions);

  bool empty() const { return revisions_.empty(); }
  const std::vector<Revision>& revisions() const { return revisions_; }
  const Revision* find(std::string_view id) const;  // the whole id

  // Revisions that are nobody's parent: what `head` and `heads` mean.
  std::vector<std::string> heads() const;
  // The rows that the version table holds once all of `revisions` are applied: those of them that
  // are no ancestor of another, dependencies included ("effective heads").
  std::vector<std::string> effective(const std::vector<std::string>& revisions) const;
  // Ancestors and dependencies, the revisions themselves included.
  std::vector<std::string> closure(const std::vector<std::string>& revisions) const;

  // What the version table will hold after `upgrade ARG` from `current`. Throws
  // Error{several_heads} for head with several, Error{ahead} for a current revision that is not in
  // the graph, Error{preflight} for an argument that means nothing or several things.
  std::vector<std::string> after_upgrade(const std::vector<std::string>& current,
                                         const std::string& argument) const;
  std::vector<std::string> after_downgrade(const std::vector<std::string>& current,
                                           const std::string& argument) const;
  std::vector<std::string> after_stamp(const std::vector<std::string>& current,
                                       const std::vector<std::string>& arguments) const;

  // Whether a text is an id, the beginning of one, or a label.
  bool means_something(const std::string& text) const;
  // The revisions that `stamp ARG` names: head, heads, base (none), an id, branch@head.
  std::vector<std::string> meant_by_stamp(const std::string& argument) const;

  // Hex SHA-256 over ids and file hashes of the closure of `heads`, sorted.
  std::string digest(const std::vector<std::string>& heads) const;

 private:
  using Ids = std::vector<std::string>;
  // An argument without steps: a branch that limits it, and what it names.
  struct Named {
    std::string branch, symbol;
  };

  static Ids parents_of(const Revision& revision);  // dependencies, too
  void connect();
  void check_cycles() const;
  void require_known(const Ids& current) const;
  void require_no_overlap(const Ids& ids, const std::string& argument) const;

  // Every answer holds the revisions asked for. `dependencies` false: only down_revision counts.
  std::set<std::string> below(const Ids& from, bool dependencies) const;
  std::set<std::string> above(const Ids& from, bool dependencies) const;
  // What follows one or is followed by one of `relatives`; all of `ids` if there are none.
  Ids related(const Ids& ids, const Ids& relatives, bool dependencies) const;
  // The same of what a branch, an id or a symbol stands for.
  Ids on_branch(const Ids& ids, const std::string& branch, bool dependencies = false) const;

  std::string resolve(const std::string& id_or_label) const;
  Ids names_beginning(const std::string& text) const;
  std::string id_of(const std::string& text, const std::string& branch = "") const;
  Ids absolute(const Named& named) const;
  std::string one(const Named& named) const;  // base: ""

  std::string climb(std::string from, int steps, const std::string& branch,
                    const std::string& argument) const;
  std::string descend(std::string from, int steps, const std::string& argument) const;
  std::string start_of_climb(const Ids& current, const std::string& branch,
                             const std::string& argument) const;
  std::string start_of_descent(const Ids& current, const std::string& branch,
                               const std::string& argument) const;

  std::vector<Revision> revisions_;                   // by id
  std::map<std::string, Ids> children_, dependents_;  // dependents: children, too
  std::map<std::string, std::string> labels_;         // to the revision that has it
};

}  // namespace belay::migrate
