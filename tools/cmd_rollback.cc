#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/maintenance.h"
#include "librestore/lost_rows.h"
#include "librestore/made_database.h"
#include "librestore/restore.h"
#include "librestore/swap.h"
#include "migrate/here.h"
#include "migrate/name_lock.h"
#include "tools/journal_of.h"
#include "tools/proof.h"
#include "tools/repository.h"
#include "tools/sealed_copies.h"
#include "tools/take_back.h"
#include "tools/units.h"
#include "tools/way_back.h"

namespace belay::tools {
namespace {

using migrate::Event;
using migrate::EventKind;
using migrate::Run;
using nlohmann::ordered_json;

constexpr std::string_view kName = "belay rollback";

constexpr std::chrono::hours kKeepIncoming{24};

// What is to be taken back, and with what.
struct Choice {
  std::string run;
  Path archive;
  std::string archive_sha256;  // as journal or receipt have it; empty: not known
};

// The database that is to take the name.
struct Incoming {
  std::string name;
  std::uint32_t oid = 0;
  bool sealed_before = false;  // a drill's, closed since; else restored and compared just now
};

class Rollback {
 public:
  // `run`: that one is taken back, for its migrate, and the caller tells the result.
  Rollback(pg::ConnectTarget target, const Command& command, Context& context, std::string run = {})
      : command_(command),
        own_run_(std::move(run)),
        context_(context),
        target_(std::move(target)),
        reached_(reach(target_, command, context)),
        here_(migrate::here(target_, reached_.database, command.text(Option::repo))),
        maintenance_(pg::connect_maintenance(target_, kName, nullptr)),
        name_lock_(maintenance_, reached_.database, command.duration(Option::migrate_wait),
                   context.environment.clock, context.environment.cancellation),
        found_(journal_of(target_, command, context)) {}

  int run();
  std::string take_back_own();

 private:
  int carry_out_command();
  int take_back();
  const Run* taken_back_before() const;
  int nothing_to_take_back(const std::string& why);
  int undo();
  int resume();
  int give_up(const Event& begun);
  std::optional<Choice> choose() const;
  Choice choose_archive(const Path& archive) const;
  void check_way_back() const;
  void wait_for_others();
  Incoming incoming_for(const Choice& choice);
  std::optional<Incoming> sealed_copy_of(const Choice& choice);
  Incoming restore_and_compare(const Choice& choice);
  bool lock_incoming(const std::string& name);
  Event event(EventKind kind, const Event& begun) const;
  Event begin(const std::string& run, const Incoming& incoming, bool undo);
  restore::SwapResult exchange(const restore::SwapPlan& plan) const;
  int carry_out(const Event& begun);
  int finish(const Event& begun, const std::optional<restore::SwapResult>& swapped);
  void print(const Event& begun, const restore::LostRowsReport& lost);

  const Command& command_;
  const std::string own_run_;
  Context& context_;
  pg::ConnectTarget target_;
  const Reached reached_;
  const std::string here_;  // to type after a verb
  pg::Connection maintenance_;
  migrate::NameLock name_lock_;
  DatabaseJournal found_;                          // read under the lock: what it says stays true
  std::optional<pg::AdvisoryLock> incoming_lock_;  // gc does not drop it meanwhile
  std::string kept_;                               // by a finished rollback
  std::optional<bool> from_sealed_copy_;           // nothing: of an undo, or resumed
};

int Rollback::run() {
  const int status = carry_out_command();
  drop_expired_copies(target_, command_.text(Option::repo), context_);
  return status;
}

int Rollback::carry_out_command() {
  if (command_.on(Option::resume)) return resume();
  if (const Run* unfinished = found_.history.unfinished_rollback()) {
    throw Error(ErrorKind::rollback_failed, "a rollback of this database was not finished")
        .object(unfinished->intent.run)
        .next(fmt::format("belay rollback --resume {}", here_));
  }
  return command_.on(Option::undo) ? undo() : take_back();
}

Choice Rollback::choose_archive(const Path& archive) const {
  const Stored stored = look_at(context_.environment.files, archive, reached_.database);
  if (!stored.problem.empty()) {
    throw Error(ErrorKind::unusable_backup, "the archive cannot be used")
        .object(archive.native())
        .cause(stored.problem);
  }
  const SourceIdentity& source = stored.header.source;
  if (source.system_identifier != found_.database.system_identifier ||
      !found_.history.in_lineage(source.database_oid)) {
    throw Error(ErrorKind::other_database, "the archive is of another database")
        .object(archive.native())
        .next("restore it beside this one: belay restore ARCHIVE -d NAME --create");
  }
  const std::string sha256 = stored.receipt ? stored.receipt->archive_sha256.hex() : "";
  const Run* run = found_.history.taken_back_by(stored.manifest.revisions, sha256);
  return {run ? run->intent.run : migrate::new_run_id(context_.environment.clock), archive, sha256};
}

// The named run or the last one; nothing if it left everything as it was.
std::optional<Choice> Rollback::choose() const {
  const bool own = !own_run_.empty();  // then the words are those of migrate
  if (!own && !command_.arguments().empty()) return choose_archive(command_.arguments().front());
  const std::string name = own ? own_run_ : command_.text(Option::run);
  const Run* chosen = nullptr;
  for (const Run& run : found_.history.runs()) {
    if (run.began && (name.empty() ? !run.rolled_back() : run.intent.run == name)) chosen = &run;
  }
  if (chosen == nullptr || chosen->intent.archive.empty()) {
    throw Error(ErrorKind::usage, name.empty() ? "no run of this database can be taken back"
                                               : "there is no such run of this database")
        .object(name)
        .next(fmt::format("belay runs {}, or name an archive", here_));
  }
  if (chosen->left_all_as_it_was()) return std::nullopt;
  if (name.empty() && chosen->result && !chosen->result->changed) {
    throw Error(ErrorKind::usage, "whether the last run changed rows is not known")
        .object(chosen->intent.run)
        .cause("what others wrote since would be taken back with it")
        .next(fmt::format("belay rollback --run {} {}", chosen->intent.run, here_));
  }
  return Choice{chosen->intent.run, Path(command_.text(Option::repo)) / chosen->intent.archive,
                chosen->intent.archive_sha256};
}

// Before anything is restored, and before the journal says that a rollback has begun.
void Rollback::check_way_back() const {
  const std::vector<restore::Obstacle> obstacles =
      restore::obstacles(way_back_facts(target_, reached_.database, nullptr));
  if (obstacles.empty()) return;
  const Error error = refusal(kNoWayBack, obstacles, target_, reached_.database);
  throw Error(error).cause(error.cause() + "; nothing was changed");
}

// No backup and no migration works in the database. The lock is let go again: a session in the
// database would be in the way of the swap; the name's lock keeps other runs of belay away.
void Rollback::wait_for_others() {
  pg::ConnectOptions options;
  options.application_name = kName;
  pg::Connection connection = pg::Connection::connect(target_, options);
  const pg::AdvisoryLock lock(connection, pg::kDatabaseLock, pg::LockMode::exclusive,
                              command_.duration(Option::migrate_wait), context_.environment.clock,
                              context_.environment.cancellation);
}

bool Rollback::lock_incoming(const std::string& name) {
  try {
    incoming_lock_.emplace(maintenance_, restore::key_of_made(name), pg::LockMode::exclusive,
                           std::chrono::milliseconds(0), context_.environment.clock,
                           context_.environment.cancellation);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::lock_timeout) throw;
    return false;
  }
}

// The newest one of that archive which still is what was compared.
std::optional<Incoming> Rollback::sealed_copy_of(const Choice& choice) {
  if (choice.archive_sha256.empty()) return std::nullopt;
  const std::vector<Event> copies = migrate::open_copies(found_.journal.read());
  for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy) {
    if (copy->archive_sha256 != choice.archive_sha256) continue;
    const bool sealed =
        lock_incoming(copy->copy_name) && restore::still_sealed(maintenance_, copy_of(*copy));
    if (sealed && restore::owns_database(maintenance_, copy->copy_oid)) {
      return Incoming{copy->copy_name, copy->copy_oid, true};
    }
    incoming_lock_.reset();
    context_.output.line(fmt::format("the sealed copy {} {}, and is not used", copy->copy_name,
                                     sealed ? "belongs to a role that this one is no member of"
                                            : "is gone, or was opened since"));
  }
  return std::nullopt;
}

Incoming Rollback::incoming_for(const Choice& choice) {
  if (const std::optional<Incoming> copy = sealed_copy_of(choice)) {
    context_.output.line(fmt::format(
        "swapping in the sealed copy {}, compared before and closed since", copy->name));
    return *copy;
  }
  context_.output.line(fmt::format("there is no sealed copy: restoring {}, and comparing it",
                                   choice.archive.native()));
  return restore_and_compare(choice);
}

// A new database, restored and compared, that nobody can connect to. If this run ends before the
// swap, the next one finds it as a sealed copy.
Incoming Rollback::restore_and_compare(const Choice& choice) {
  restore::DrillOptions options;
  options.restore.jobs = static_cast<int>(command_.count(Option::jobs, 1, 64));
  options.max_size = command_.size(Option::drill_max_size);
  options.keep = kKeepIncoming;
  options.goes_in_at_once = true;
  Proof proof;
  try {
    proof = prove_compared(choice.archive, target_, reached_.server_version, options,
                           context_.environment);
  } catch (const Error& error) {
    const bool bad = error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::mismatch;
    throw Error(error).as(bad ? ErrorKind::unusable_backup : ErrorKind::rollback_failed);
  }
  if (!proof.discrepancies.empty()) {
    throw mismatch_error(proof, choice.archive).as(ErrorKind::unusable_backup);
  }
  const restore::SealedCopy& made = *proof.sealed;
  if (!choice.archive_sha256.empty() &&
      proof.receipt.archive_sha256.hex() != choice.archive_sha256) {
    restore::drop_database(maintenance_, made.name);
    throw Error(ErrorKind::unusable_backup, "the archive is not the one that the run was made on")
        .object(choice.archive.native());
  }
  record_copy(proof, choice.archive, command_.text(Option::repo), choice.run, context_);
  lock_incoming(made.name);
  return {made.name, made.oid, false};
}

Event Rollback::event(EventKind kind, const Event& begun) const {
  Event next = begun;
  next.kind = kind;
  next.at = context_.environment.clock.now();
  return next;
}

Event Rollback::begin(const std::string& run, const Incoming& incoming, bool undo) {
  Event begun;
  begun.kind = EventKind::rollback;
  begun.run = run;
  begun.at = context_.environment.clock.now();
  begun.database = found_.database;
  begun.undo = undo;
  begun.old_oid = found_.database.database_oid;
  begun.new_oid = incoming.oid;
  begun.incoming_name = incoming.name;
  begun.outgoing_name =
      restore::made_name(reached_.database, undo ? "undone" : "failed", random_hex(4));
  found_.journal.write(begun);
  return begun;
}

// Begun and not finished: until it is resumed, every deploy is held.
restore::SwapResult Rollback::exchange(const restore::SwapPlan& plan) const {
  try {
    return restore::swap(target_, plan, context_.environment);
  } catch (const Error& error) {
    const std::string resume = "belay rollback --resume " + here_;
    throw Error(error).next(error.next().empty() ? resume : error.next() + "; then " + resume);
  }
}

int Rollback::carry_out(const Event& begun) {
  wait_for_others();
  if (!incoming_lock_) lock_incoming(begun.incoming_name);
  restore::SwapPlan plan;
  plan.live_name = reached_.database;
  plan.live_oid = begun.old_oid;
  plan.incoming_name = begun.incoming_name;
  plan.incoming_oid = begun.new_oid;
  plan.outgoing_name = begun.outgoing_name;
  plan.outgoing_comment = restore::to_comment(
      {begun.undo ? "undone" : "failed", begun.old_oid, "run " + begun.run, std::nullopt});
  const restore::SwapResult swapped = exchange(plan);
  try {
    found_.journal.write(event(EventKind::swapped, begun));
    return finish(begun, swapped);
  } catch (const Error& error) {
    throw Error(ErrorKind::rollback_failed, "the names were exchanged; what follows failed")
        .object(reached_.database)
        .cause(error.what())
        .next(fmt::format("belay rollback --resume {}", here_));
  }
}

void Rollback::print(const Event& begun, const restore::LostRowsReport& lost) {
  Output& output = context_.output;
  output.line(fmt::format(
      "{}: database {} is {}", begun.undo ? "undone" : "rolled back", printable(reached_.database),
      begun.undo ? "again what it was before the rollback" : "what the backup holds, compared"));
  output.facts({{"run", begun.run},
                {"kept", fmt::format("{}, read-only", begun.outgoing_name)},
                {"rows only there", human_count(lost.total())}});
  for (const restore::LostRows& table : lost.tables) {
    output.line(fmt::format(
        "    {}: {}{}{}", printable(table.table), human_count(table.rows),
        table.by_key ? "" : " (no primary key: difference of counts)",
        table.first_keys.empty()
            ? ""
            : fmt::format(", first {}",
                          printable(fmt::format("{}", fmt::join(table.first_keys, " "))))));
  }
  for (const std::string& line : lost.not_counted) {
    output.line(fmt::format("    not counted: {}", printable(line)));
  }
  if (!begun.undo && own_run_.empty()) {
    output.next(fmt::format("belay rollback --undo {}", here_));
  }
}

int Rollback::finish(const Event& begun, const std::optional<restore::SwapResult>& swapped) {
  context_.environment.progress.stage("count the rows that only the other holds", 0, 0);
  const restore::LostRowsReport lost =
      restore::count_lost_rows(target_.with_database(begun.outgoing_name),
                               target_.with_database(reached_.database), context_.environment);
  Event done = event(EventKind::rollback_done, begun);
  done.rows_missing = lost.total();
  found_.journal.write(done);
  print(begun, lost);
  kept_ = begun.outgoing_name;
  const std::vector<std::string> astray = swapped ? swapped->astray : std::vector<std::string>();
  for (const std::string& setting : astray) {
    context_.output.warning(
        fmt::format("{} was set while the names were exchanged, and is on {} now: set it again",
                    printable(setting), begun.outgoing_name));
  }
  if (!own_run_.empty()) return 0;
  ordered_json tables = ordered_json::array();
  for (const restore::LostRows& table : lost.tables) {
    tables.push_back({{"table", table.table},
                      {"rows", table.rows},
                      {"by_key", table.by_key},
                      {"first_keys", table.first_keys}});
  }
  ordered_json object{{"database", reached_.database},
                      {"run", begun.run},
                      {"undo", begun.undo},
                      {"kept", begun.outgoing_name},
                      {"rows_only_there", tables},
                      {"not_counted", lost.not_counted}};
  if (from_sealed_copy_) object["from_sealed_copy"] = *from_sealed_copy_;
  if (swapped) {
    object["sessions_ended"] = swapped->sessions_ended;
    object["swap_seconds"] = swapped->seconds;
  }
  context_.output.result(object, 0);
  return 0;
}

int Rollback::nothing_to_take_back(const std::string& why) {
  context_.output.line("nothing to roll back: " + why);
  context_.output.next(
      fmt::format("belay runs {}, then name another with --run, or an archive", here_));
  context_.output.result({{"database", reached_.database}, {"run", nullptr}}, 0);
  return 0;
}

// Typed twice, it must not go back twice: what was written since would go, too. A run since then
// that may have written rows is another matter.
const Run* Rollback::taken_back_before() const {
  if (!command_.arguments().empty()) return nullptr;
  const Run* standing = found_.history.standing_rollback();
  if (standing == nullptr) return nullptr;
  if (command_.given(Option::run)) {
    const Run* named = found_.history.find(command_.text(Option::run));
    return named != nullptr && named->rolled_back() ? standing : nullptr;
  }
  const std::vector<Run>& runs = found_.history.runs();
  const bool doubtful = std::any_of(runs.begin(), runs.end(), [&](const Run& run) {
    return run.result && !run.result->rows_proved && run.intent.at > standing->rollback->at;
  });
  return doubtful ? nullptr : standing;
}

int Rollback::take_back() {
  if (const Run* before = taken_back_before()) {
    return nothing_to_take_back(
        fmt::format("run {} was rolled back, and none has begun since", before->intent.run));
  }
  const std::optional<Choice> choice = choose();
  if (!choice) return nothing_to_take_back("the last run left the database as it was");
  check_way_back();
  const Incoming incoming = incoming_for(*choice);
  from_sealed_copy_ = incoming.sealed_before;
  return carry_out(begin(choice->run, incoming, false));
}

std::string Rollback::take_back_own() {
  const std::optional<Choice> choice = choose();
  if (!choice) return "";
  check_way_back();
  const Incoming incoming = incoming_for(*choice);
  from_sealed_copy_ = incoming.sealed_before;
  carry_out(begin(choice->run, incoming, false));
  return kept_;
}

int Rollback::undo() {
  const Run* last = found_.history.standing_rollback();
  if (last == nullptr) {
    throw Error(ErrorKind::usage, "no rollback of this database can be undone")
        .cause("there was none, or it was undone, or a migration has begun since")
        .next(fmt::format("belay runs {}", here_));
  }
  const std::string& name = last->rollback->outgoing_name;
  const std::uint32_t oid = restore::database_oid(maintenance_, name);
  if (oid == 0 || oid != last->rollback->old_oid) {
    throw Error(ErrorKind::rollback_failed, "the failed database is gone").object(name);
  }
  check_way_back();
  return carry_out(begin(last->intent.run, {name, oid}, true));
}

// The names were never exchanged, and what was to come in is gone.
int Rollback::give_up(const Event& begun) {
  found_.journal.write(event(EventKind::rollback_done, begun));
  context_.output.line(fmt::format(
      "nothing was changed: {}, which was to be swapped in, is gone; the rollback is over",
      begun.incoming_name));
  context_.output.next(fmt::format("belay rollback {}", here_));
  context_.output.result({{"database", reached_.database}, {"run", nullptr}}, 0);
  return 0;
}

int Rollback::resume() {
  const Run* unfinished = found_.history.unfinished_rollback();
  if (unfinished == nullptr) {
    context_.output.line("nothing to resume");
    context_.output.result({{"database", reached_.database}, {"run", nullptr}}, 0);
    return 0;
  }
  const Event& begun = *unfinished->rollback;
  if (found_.database.database_oid == begun.old_oid) {
    const bool there = restore::database_oid(maintenance_, begun.incoming_name) == begun.new_oid;
    if (!there) return give_up(begun);
    check_way_back();
    return carry_out(begun);
  }
  if (found_.database.database_oid != begun.new_oid) {
    throw Error(ErrorKind::other_database, "the database is neither of the two of that rollback")
        .object(reached_.database)
        .cause(fmt::format("its OID is {}, those were {} and {}", found_.database.database_oid,
                           begun.old_oid, begun.new_oid));
  }
  if (!unfinished->swapped) found_.journal.write(event(EventKind::swapped, begun));
  return finish(begun, std::nullopt);
}

}  // namespace

int run_rollback(const Command& command, Context& context) {
  try {
    return Rollback(database(command, context), command, context).run();
  } catch (const Error& error) {
    if (!error.sqlstate_is("3D000") || !command.given(Option::repo)) throw;
    throw way_back_to_nothing(error, command, context);
  }
}

std::string take_back(const std::string& run, const pg::ConnectTarget& target,
                      const Command& command, Context& context) {
  return Rollback(target, command, context, run).take_back_own();
}

}  // namespace belay::tools
