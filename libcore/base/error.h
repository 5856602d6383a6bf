// The one error type of belay, and the one table from its kinds to exit statuses.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace belay {

// What a caller, a script or a person can act on. Everything else about a failure is text.
// The order is the order of the table in the manual page.
enum class ErrorKind {
  internal,         // a bug in belay
  usage,            // command line or configuration
  unreachable,      // no connection to the server
  not_permitted,    // the role lacks a right
  damaged,          // not an archive, or bytes that do not hold together
  mismatch,         // contents or schema differ
  could_not_run,    // a verification that could not be carried out
  stale,            // `status`: the newest good backup is too old
  busy,             // another run does this already
  target_exists,    // a restore would have overwritten something
  restore_failed,   // a restore stopped; nothing was left behind
  backup_failed,    // no archive was written
  no_fresh_backup,  // the gate found no fresh verified backup
  unusable_backup,  // newer format, missing key, or damaged at the gate
  other_database,   // identity or lineage differ
  drift,            // the schema is not what the last run left, or a tool is dirty
  ahead,            // the database is newer than these migrations
  several_heads,    // the migrations have more than one head
  preflight,        // rights, pooler, ambiguity or size stop it before it starts
  held,             // a person must release the hold first
  lock_timeout,     // the lock was not had in time
  lock_lost,        // the lock was lost during the run
  migration_failed_unchanged,
  migration_failed_changed,
  migration_not_reached,
  verify_command_failed,
  timed_out,    // timeout, or killed by a signal
  rolled_back,  // a migration failed and was taken back automatically
  rollback_failed,
  sql,        // the server refused a statement; verbs turn this into their own kind
  io,         // the operating system refused; verbs turn this into their own kind
  cancelled,  // SIGINT or SIGTERM; verbs turn this into their own kind
};

struct ErrorKindRow {
  ErrorKind kind;
  int exit_status;           // what the process exits with
  std::string_view name;     // stable, used in --json
  std::string_view meaning;  // for the manual page
};

// The one table; rows in the order of the enumeration.
std::span<const ErrorKindRow> error_kinds();
const ErrorKindRow& describe(ErrorKind kind);

// What happened, to which object, why, and what to do next. Any part but `what` may be empty.
// House style: lower case, no full stop; `next` is an instruction or a command to type.
// Names inside are made printable by the constructor, so a message is always one line.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string what_happened);

  Error& object(std::string_view name);
  Error& cause(std::string_view why);
  Error& next(std::string_view step);
  Error& sqlstate(std::string_view five_characters);
  // The same failure as the caller's verb names it; keeps object, cause, next step and SQLSTATE.
  Error& as(ErrorKind kind);

  ErrorKind kind() const { return kind_; }
  const std::string& what_happened() const { return what_happened_; }
  const std::string& object() const { return object_; }
  const std::string& cause() const { return cause_; }
  const std::string& next() const { return next_; }
  const std::string& sqlstate() const { return sqlstate_; }

  // "what happened: object: cause", one line, without the next step.
  const char* what() const noexcept override { return line_.c_str(); }

  int exit_status() const { return describe(kind_).exit_status; }
  // SQLSTATE class, e.g. sqlstate_class("42") or the whole code.
  bool sqlstate_is(std::string_view prefix) const { return sqlstate_.starts_with(prefix); }

 private:
  void compose();

  ErrorKind kind_;
  std::string what_happened_, object_, cause_, next_, sqlstate_;
  std::string line_;
};

// Control characters, and bytes that are not UTF-8, as \n, \t or \xNN: for people and logs only.
std::string printable(std::string_view text);

}  // namespace belay
