// The gate: may this migration run, and on the strength of which archive? Pure.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/clock.h"
#include "libcore/base/error.h"
#include "libcore/base/file_system.h"
#include "libcore/base/identity.h"
#include "migrate/journal.h"

namespace belay::migrate {

enum class GateMode {
  snapshot,  // takes and proves one unless a proved-fresh one exists
  require,   // never takes one
  two_key,   // takes one and reads it back; another, compared one shows that its like restores
  off,       // nothing is taken, and nothing relied on
};
std::string_view to_word(GateMode mode);

// F0 to F10, as docs/gate.md numbers them. Two of them are of the run, the others of an archive.
enum class CheckId {
  target,       // the command's database is the one that is looked at
  environment,  // the archive's label is this run's
  identity,     // it is of this database, on this server
  lineage,      // which has not gone back, nor been promoted since
  revision,
  schema,
  age,
  writes,   // what was written since
  proof,    // it was restored and compared, and its bytes are those
  usable,   // this program and this server can restore it
  durable,  // it outlives this container
};
inline constexpr std::size_t kChecks = 11;
std::string_view to_word(CheckId id);

enum class Finding { pass, warn, fail, unknown };
std::string_view to_word(Finding finding);

struct Check {
  CheckId id = CheckId::target;
  Finding finding = Finding::pass;
  std::string text;     // what was found, one sentence without a full stop
  ErrorKind kind = {};  // what a failure means
  std::string next;     // what mends it; empty: the kind's own
  bool stops = false;   // in every mode that relies on something: no new snapshot mends it
};

// What was written to the database since an archive's snapshot, from strong to weak.
enum class Writes {
  none_proved,    // no transaction was committed on that server since
  none_observed,  // counters, files, sequences and schema are as they were
  some,
  unknown,  // counters began anew, or sessions may not have told theirs yet
};
std::string_view to_word(Writes writes);

enum class Bytes { not_read, as_proved, other };
// Of a receipt, if keys are configured.
enum class Signed { not_asked, trusted, missing, untrusted };

// One archive, as its header, manifest and receipt tell it.
struct Candidate {
  Path path;
  std::string problem;  // why header or manifest cannot be used; then the rest is empty
  SourceIdentity source;
  RevisionSets revisions;
  std::string fingerprint;
  std::optional<Activity> activity;
  Moment taken{};             // by the server's clock
  std::string level, sha256;  // of its receipt: a word, and hex of the bytes that it is about
  bool compared = false;      // level compared, or empty
  Signed signature = Signed::not_asked;
  bool swapped = false;  // there is a receipt, of another file than this
  bool whole = true;     // false: schema only, or something was left out
  Bytes bytes = Bytes::not_read;
  std::string reading;  // what that cost, "2.1 GB in 1.3 s"
};

// The database as it is now. Read after the candidates: what they hold must not lie in its future.
struct LiveDatabase {
  SourceIdentity identity;  // with the environment label of this run
  RevisionSets revisions;
  std::string fingerprint;
  Activity activity;
  bool settled = false;  // no session worked in it in the last seconds: counters are complete
  Moment now{};          // by the server's clock
  // The whole server's counters: a crash begins them anew, and so does a copy of its directory.
  Moment counting_since{};
  std::function<bool(std::uint32_t oid)> in_lineage;
  // Transactions committed on this server since a snapshot; nothing: too many or too old to ask.
  std::function<std::optional<std::uint64_t>(const std::string& snapshot)> committed_since;
};

// What is asked for, and what is known of the run besides.
struct GateTerms {
  GateMode mode = GateMode::snapshot;
  std::chrono::milliseconds max_age{};
  bool named = false;             // the one candidate was given with --archive
  bool target_confirmed = false;  // a person says that -d is the command's database
  enum class Target { shown, not_shown, no_command } target = Target::shown;
  std::string volatile_file_system;  // of the repository, "tmpfs"; empty: it lasts
  bool volatile_accepted = false;
};

struct GateDecision {
  enum class Answer { use, take, take_readable, refuse, off } answer = Answer::refuse;
  // use: the archive to rely on. take_readable: the compared one of the same schema.
  std::optional<std::size_t> use;
  std::optional<Error> refusal;
  std::vector<Check> checks;            // F0 to F10 in order; of `about`, or of no archive
  std::optional<std::size_t> about;     // the archive that is used, or the nearest miss
  std::optional<Writes> writes;         // since that one
  std::vector<std::string> unreliable;  // damaged or replaced ones that were passed over, and why

  // An archive is relied on before its bytes were read: read them, and decide again.
  bool must_read(const std::vector<Candidate>& candidates) const;
};

// `candidates` newest first. In mode require a refusal is no_fresh_backup (none, or none fresh),
// other_database (only ones of the same name and environment with another identity),
// unusable_backup (damaged, replaced, newer format), or backup_failed (the repository does not
// last). A clone of the archives' server, and a server that went back, are refused in every mode.
GateDecision decide(const std::vector<Candidate>& candidates, const LiveDatabase& live,
                    const GateTerms& terms);

// F0 to F10 for one archive; for none, those of the run and of the server are known all the same.
std::vector<Check> checks_of(const Candidate* candidate, const LiveDatabase& live,
                             const GateTerms& terms);
Check check_target(const GateTerms& terms);
Writes writes_since(const Candidate& candidate, const LiveDatabase& live);

}  // namespace belay::migrate
