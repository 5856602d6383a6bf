// The journal: what belay did to a database, one write-once file for each event, in the repository
// and never in the database (a swap would take it away).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/clock.h"
#include "libcore/base/file_system.h"

namespace belay::migrate {

// "schema.table" -> sorted revisions. A table without rows counts as absent.
using RevisionSets = std::map<std::string, std::vector<std::string>>;

// A revision file as it was when it was applied.
struct AppliedRevision {
  std::string sha256;             // hex
  std::vector<std::string> down;  // what it followed
  bool operator==(const AppliedRevision&) const = default;
};
using AppliedRevisions = std::map<std::string, AppliedRevision>;  // by id

// What a deploy wants the database to become. Empty heads and digest: an unknown tool.
struct DeployTarget {
  std::vector<std::string> heads;  // sorted
  std::string files;               // hex SHA-256 over the revision files that lead there
  std::vector<std::string> argv;   // of the command, secrets masked

  // The same deploy again: heads and files, or for an unknown tool its argv.
  bool same_deploy(const DeployTarget& other) const;
};

// The database of an event. Name and label are for people and for the gate; identity is the system
// identifier and the OID, followed through belay's own swaps (Lineage).
struct JournalIdentity {
  std::string system_identifier;
  std::uint32_t database_oid = 0;
  std::string database, environment;
};

enum class EventKind {
  intent,         // the command is about to run
  result,         // what came of it
  rollback,       // a swap is about to happen: begun
  swapped,        // both names have changed (also after an undo)
  rollback_done,  // rows counted, the other database fenced
  release,        // a person lets the same deploy run again
  sealed,         // a drilled database was kept; of a run that may never begin
  dropped,        // that database is gone
};

// One event; the fields below `kind` that a kind does not use are empty.
struct Event {
  EventKind kind = EventKind::intent;
  std::string run;  // "20261124T143000Z-1a2b3c4d"; a rollback's events carry the run it takes back
  Moment at{};      // clock of the machine that wrote it
  JournalIdentity database;

  // intent
  DeployTarget target;
  RevisionSets before;
  std::string fingerprint_before;  // hex
  std::string snapshot_before;     // pg_current_snapshot()
  std::string archive;             // path below the repository; empty: none was needed
  std::string archive_sha256;
  std::string host;
  int pid = 0;
  std::string gate;  // the mode, as it is typed; empty in older ones

  // result
  std::string outcome;  // name of an ErrorKind, or "ok"
  int exit_status = 0;
  bool changed = false;     // the database is not what it was before the command
  bool rows_proved = true;  // false: whether rows changed is not known; true in older ones
  RevisionSets after;
  std::string fingerprint_after;
  std::string note;
  AppliedRevisions applied;            // what became of the revision files; empty for unknown tools
  std::vector<std::string> unapplied;  // by a downgrade

  // rollback, swapped, rollback_done
  bool undo = false;
  // Of the database of that name, before and after. Of a result only if the command dropped the
  // database and made it anew.
  std::uint32_t old_oid = 0, new_oid = 0;
  std::string incoming_name;       // of the database that takes the name, before the swap
  std::string outgoing_name;       // of the database that loses it, after the swap
  std::uint64_t rows_missing = 0;  // rollback_done: rows that only the outgoing one holds

  // release; intent: why nothing is relied on
  std::string reason;

  // sealed (with archive and archive_sha256), dropped
  std::string copy_system;  // system identifier of the server where it is
  std::string copy_name;
  std::uint32_t copy_oid = 0;
  std::string copy_version;  // of its row in pg_database
  Moment expires{};          // by the server's clock
};

std::string_view to_word(EventKind kind);
std::string to_json(const Event& event);
// Throws Error{damaged}; every size is bounded.
Event event_from_json(std::string_view json);

class Journal {
 public:
  // `files` must outlive it. Nothing is created before the first write.
  Journal(FileSystem& files, Path repository);

  // Durable on return. Error{io} if it cannot be written. A file is never written twice. Its time
  // is never before that of what is there already: clocks of machines differ, and may go back.
  void write(const Event& event);
  // Error{backup_failed} if it could not: told before a snapshot is taken.
  void require_writable() const;
  // All events, oldest first. A file that cannot be read is Error{damaged} that names it: a journal
  // with a hole decides nothing.
  std::vector<Event> read() const;

 private:
  Moment newest() const;

  FileSystem& files_;
  Path directory_;
};

// A run's name, from the clock and chance.
std::string new_run_id(Clock& clock);

}  // namespace belay::migrate
