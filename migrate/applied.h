// Alembic keeps no checksums; the journal does: which revision files were applied to a database,
// and as what. Pure.
#pragma once

#include <string>
#include <vector>

#include "migrate/history.h"
#include "migrate/look.h"
#include "migrate/revision_graph.h"

namespace belay::migrate {

// As the results of its runs say, those that were taken back left out.
AppliedRevisions applied_revisions(const History& history);

// Writes into a result what a run that moved the database from `before` to `after` has applied and
// taken back; also what `history` does not know of what was applied before there was a journal.
void write_applied(const RevisionGraph& graph, const History& history,
                   const std::vector<std::string>& before, const std::vector<std::string>& after,
                   Event& result);

struct FilesLook {
  std::vector<std::string> edited;  // "FILE of revision ID was edited after it was applied"
  std::vector<std::string> reused;  // "revision ID was applied after A; FILE now puts it after B"
};
// The files as they are, against what was applied. Of revisions that were squashed into one, the
// parents are gone: that is an edit.
FilesLook look_at_files(const RevisionGraph& graph, const AppliedRevisions& applied);

// Warnings about them. Error{drift} for an id that was reused, if something is pending: what it is
// then nobody can say. Where nothing is, services must not stay down for it.
std::vector<std::string> check_applied(const RevisionGraph& graph, const History& history,
                                       bool pending, const std::string& database);

// The migrations do not know a revision that the database is at: what the journal tells of it.
// Requires: a project.
Error explain_ahead(const DatabaseAhead& error, const Journal& journal, const RunOptions& options);

}  // namespace belay::migrate
