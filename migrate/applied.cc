#include "migrate/applied.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

using Ids = std::vector<std::string>;

// With what they stand on; ids that no file has any more are left out.
std::set<std::string> below(const RevisionGraph& graph, const Ids& ids) {
  Ids known;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(known),
               [&](const std::string& id) { return graph.find(id) != nullptr; });
  const Ids all = graph.closure(known);
  return {all.begin(), all.end()};
}

std::string file_of(const Revision& revision) {
  return printable(revision.file.filename().native());
}

}  // namespace

AppliedRevisions applied_revisions(const History& history) {
  AppliedRevisions applied;
  for (const Run& run : history.runs()) {
    if (!run.result || run.rolled_back()) continue;
    for (const auto& [id, revision] : run.result->applied) applied[id] = revision;
    for (const std::string& id : run.result->unapplied) applied.erase(id);
  }
  return applied;
}

void write_applied(const RevisionGraph& graph, const History& history, const Ids& before,
                   const Ids& after, Event& result) {
  const AppliedRevisions known = applied_revisions(history);
  const std::set<std::string> was = below(graph, before), is = below(graph, after);
  for (const std::string& id : is) {
    if (was.contains(id) && known.contains(id)) continue;
    const Revision& revision = *graph.find(id);
    result.applied[id] = {revision.sha256, revision.down};
  }
  std::set_difference(was.begin(), was.end(), is.begin(), is.end(),
                      std::back_inserter(result.unapplied));
}

FilesLook look_at_files(const RevisionGraph& graph, const AppliedRevisions& applied) {
  FilesLook look;
  for (const auto& [id, then] : applied) {
    const Revision* now = graph.find(id);
    if (now == nullptr || now->sha256 == then.sha256) continue;
    const bool squashed = !then.down.empty() && std::none_of(then.down.begin(), then.down.end(),
                                                             [&](const std::string& parent) {
                                                               return graph.find(parent) != nullptr;
                                                             });
    if (now->down != then.down && !squashed) {
      look.reused.push_back(fmt::format("revision {} was applied after {}; {} now puts it after {}",
                                        printable(id), to_text(then.down), file_of(*now),
                                        to_text(now->down)));
    } else {
      look.edited.push_back(fmt::format("{} of revision {} was edited after it was applied",
                                        file_of(*now), printable(id)));
    }
  }
  return look;
}

std::vector<std::string> check_applied(const RevisionGraph& graph, const History& history,
                                       bool pending, const std::string& database) {
  FilesLook files = look_at_files(graph, applied_revisions(history));
  if (pending && !files.reused.empty()) {
    throw Error(ErrorKind::drift, "a revision that was applied is another one now")
        .object(database)
        .cause(files.reused.front())
        .next("give the new revision an id of its own, and the old file its contents back");
  }
  std::vector<std::string> lines = std::move(files.edited);
  lines.insert(lines.end(), files.reused.begin(), files.reused.end());
  return lines;
}

Error explain_ahead(const DatabaseAhead& ahead, const Journal& journal, const RunOptions& options) {
  Error error = ahead;
  const RevisionGraph& graph = options.project->graph;
  const History history(journal.read(), journal_identity(ahead.look()));
  for (const std::string& id : ahead.look().revisions.current) {
    if (graph.find(id) != nullptr) continue;
    for (auto run = history.runs().rbegin(); run != history.runs().rend(); ++run) {
      if (!run->result || run->rolled_back() || !run->result->applied.contains(id)) continue;
      return error
          .cause(fmt::format("run {} applied {} on {}; this image ends at {}", run->intent.run,
                             printable(id), to_iso8601(run->result->at).substr(0, 10),
                             to_text(graph.heads())))
          .next(fmt::format("deploy the image that has {}; to go back to before it: belay rollback "
                            "--run {} {}",
                            printable(id), run->intent.run, here(options, ahead.look())));
    }
  }
  return error;
}

}  // namespace belay::migrate
