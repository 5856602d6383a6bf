// A migration from first look to result: the algorithm of `belay migrate`, over one interface for
// what only tools can compose (dump, drill).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"
#include "migrate/alembic.h"
#include "migrate/gate_facts.h"
#include "migrate/history.h"
#include "migrate/verdict.h"

namespace belay::migrate {

// An archive that stands for this run, proved as its level says.
struct Protected {
  Path archive;
  std::string relative;  // below the repository; absolute if it lies elsewhere
  std::string sha256;    // hex
  std::string level;     // "compared", "empty"; with two keys "readable"
  RevisionSets revisions;
  std::string fingerprint;
  std::string summary;      // for people: what was proved
  std::string sealed_copy;  // name of the database kept for a rollback; empty: none
};

// Implemented by tools. Locks are the caller's: this run holds the database's lock exclusively.
class Protection : public Archives {
 public:
  // Error{preflight} for what would stop a later rollback, or the drill, whatever is done until
  // then. Returns what might stop it, for people.
  virtual std::vector<std::string> preflight() = 0;
  // Takes a snapshot for a run, and drills it, or only reads it back. Error{backup_failed},
  // Error{unusable_backup} if there was a difference, Error{no_fresh_backup} if the drill could not
  // run.
  enum class Level { compared, readable };
  virtual Protected take(const std::string& run, Level level) = 0;
  // An archive that the gate relies on.
  virtual Protected rely_on(const Candidate& candidate) = 0;
};

// A schema against the one that was expected.
struct SchemaCheck {
  std::uint64_t tables = 0, columns = 0;  // that were looked at
  std::vector<std::string> differences;
};

struct RunOptions {
  ToolCommand command;
  std::optional<AlembicProject> project;  // of Alembic
  pg::ConnectTarget target;
  std::string environment;  // label
  Path repository;
  GateTerms gate;
  std::string reason;  // why nothing is relied on (mode off)
  std::chrono::milliseconds wait{};
  std::optional<std::chrono::milliseconds> timeout;
  // What the schema is to be afterwards; nothing: not asked for.
  std::function<SchemaCheck()> check_schema;
  std::vector<std::string> verify_command;  // words; empty: none
  bool rollback_if_clean = false;           // whether it is clean is asked for afterwards
  bool writes_stopped = false;              // somebody vouches for it
  bool stdout_is_taken = false;             // the command's output goes to the standard error
};

// Told as they begin, for people.
using Step = std::function<void(std::string_view text)>;

struct RunResult {
  enum class Kind { nothing_pending, done_by_another_run, ran } kind = Kind::nothing_pending;
  std::string run;  // empty unless it ran
  // Nothing: good. The three lines for people are truth, retry and next.
  std::optional<ErrorKind> failure;
  std::string truth, retry, next;
  std::vector<std::string> notes;
  RevisionSets before, after;
  std::optional<std::vector<std::string>> expected;
  std::optional<Protected> protection;  // none in mode off
  std::optional<Evaluation> gate;
  std::string command_exit, verify_exit;  // "exit status 0"; empty: was not run
  std::optional<SchemaCheck> schema_check;
  bool changed = false;
  bool rows_proved = true;  // false: whether rows changed is not known
  // Asked for by rollback_if_clean: nobody but belay and the command was seen in the database from
  // before this run's own snapshot until the verdict, and no row was written before the command.
  bool alone = false;
  double seconds = 0;
};

// Everything from the first look to the written RESULT. What stops it before the command begins is
// an Error, and nothing was changed.
RunResult migrate(const RunOptions& options, Protection& protection, ChildProcesses& processes,
                  Environment& environment, const Step& step);

}  // namespace belay::migrate
