// What the journal says about one database: its runs, whether one is open, and what is held. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "migrate/journal.h"

namespace belay::migrate {

// One run of `migrate` and what followed it.
struct Run {
  Event intent;        // of a rollback to an archive that no run took: name, time, database
  bool began = false;  // there is an intent
  std::optional<Event> result;    // none: it runs now, or was killed
  std::optional<Event> rollback;  // the latest begun; an undo is one, too
  bool swapped = false;           // the latest begun rollback (or undo) has changed the names
  bool finished = false;          // ... and was carried through to its end
  std::optional<Event> release;
  bool with_an_earlier = false;  // an earlier run was taken back, and so is this one

  bool open() const { return began && !result; }
  // Proved: nothing is to be taken back.
  bool left_all_as_it_was() const { return result && !result->changed && result->rows_proved; }
  // Its latest finished or swapped rollback was not an undo.
  bool rollback_stands() const { return rollback && !rollback->undo && swapped; }
  bool rolled_back() const { return rollback_stands() || with_an_earlier; }
};

// What must not run until a person says so.
struct Hold {
  std::string run;
  DeployTarget target;
  // False: the failed run left the database changed, and it was not taken back. Then also a deploy
  // with nothing to do is held: nothing mends what is there.
  bool rolled_back = false;
  std::string reason;  // one sentence
};

class History {
 public:
  // `events` oldest first, of any databases; kept are those of the lineage of `database`: the same
  // system identifier, and the same OID or one that belay's swaps lead to or from.
  History(const std::vector<Event>& events, const JournalIdentity& database);

  const std::vector<Run>& runs() const { return runs_; }  // oldest first
  const Run* find(std::string_view run) const;
  const Run* last() const { return runs_.empty() ? nullptr : &runs_.back(); }
  // The newest run without a result.
  const Run* open_run() const;
  // A rollback or undo that was begun and not finished.
  const Run* unfinished_rollback() const;
  // The run that was taken back last and not undone: its failed database is kept.
  const Run* kept_rollback() const;
  // That one, if none has begun since: the database is what it was before that run.
  const Run* standing_rollback() const;
  // The run that an archive with these revisions, or with this hash, was taken before: who restores
  // it takes the run back, and all that came after. Nothing if there may be none.
  const Run* taken_back_by(const RevisionSets& revisions, std::string_view sha256) const;
  // A run that failed and changed something, or that was rolled back, holds until it is released or
  // a later run reached its target.
  std::optional<Hold> hold() const;
  // Archives, as intents name them, that a way back may need, and the run of each: of the last run,
  // of one that is open or held, of a rollback that was not finished.
  std::map<std::string, std::string> needed_archives() const;
  // True if an OID is, or was, this database's.
  bool in_lineage(std::uint32_t oid) const;

 private:
  std::vector<std::uint32_t> oids_;
  std::vector<Run> runs_;
};

// The `sealed` events, oldest first, of copies that were not dropped and that no rollback has
// taken, of any database. Whether they are still there the server knows.
std::vector<Event> open_copies(const std::vector<Event>& events);

// Whether this deploy must wait for `belay release`.
bool holds_back(const Hold& hold, const DeployTarget& target, bool something_pending);

}  // namespace belay::migrate
