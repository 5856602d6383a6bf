#include "migrate/run.h"

#include <unistd.h>

#include <array>

#include <fmt/format.h>

#include "libcore/base/shell_word.h"
#include "libcore/pg/connect_option.h"
#include "migrate/aftermath.h"
#include "migrate/afterwards.h"
#include "migrate/applied.h"
#include "migrate/drift.h"
#include "migrate/dropped_data.h"
#include "migrate/killed_run.h"
#include "migrate/look.h"
#include "migrate/open_snapshots.h"
#include "migrate/readiness.h"
#include "migrate/run_locks.h"
#include "migrate/traces.h"
#include "migrate/version_tables.h"
#include "migrate/watch.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

constexpr auto kBackendPatience = 30s;
constexpr int kMostSnapshots = 3;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class Migration {
 public:
  Migration(const RunOptions& options, Protection& protection, ChildProcesses& processes,
            Environment& environment, const Step& step)
      : options_(options),
        protection_(protection),
        processes_(processes),
        environment_(environment),
        step_(step),
        journal_(environment.files, options.repository),
        schema_records_(environment.files, options.repository),
        started_(environment.clock.steady()) {}

  RunResult run();

 private:
  Look look() const;
  JournalIdentity identity() const { return journal_identity(look_); }
  History history() const { return History(journal_.read(), identity()); }
  void check_hold(const History& history) const;
  bool nothing_to_do(const History& history) const;
  void close_open_run(const Run& open);
  void verify_killed(const Event& result);
  void check_preconditions();
  void warn(const std::string& text) {
    environment_.progress.warning(text);
    result_.notes.push_back(text);
  }
  void check_files(const History& history);
  void check_drift(const History& history);
  void check_drops();
  void remember(const std::vector<std::string>& before, const std::vector<std::string>& after,
                const Facts& facts, Event& result);
  Facts facts() const;
  std::optional<Protected> protect(const History& history);
  void protect_and_look_again(const History& history);
  void write_intent();
  void run_and_judge(RunLocks& locks);
  ChildEnd run_command(RunLocks& locks);
  Verdict judge_command(const ChildEnd& end);
  void verify() { check_afterwards(options_, processes_, environment_, step_, result_); }
  std::optional<CounterMap> counters_if_alone() const;
  void write_result(const Facts& after);
  RunResult finish(RunResult::Kind kind);
  void name_next();

  const RunOptions& options_;
  Protection& protection_;
  ChildProcesses& processes_;
  Environment& environment_;
  const Step& step_;
  Journal journal_;
  SchemaRecords schema_records_;
  const std::chrono::steady_clock::time_point started_;

  std::string run_;  // its name, once there is something to do
  Look look_;
  Facts before_, after_;
  std::uint32_t oid_after_ = 0;       // of the database of that name
  std::vector<std::string> reached_;  // of the command's version table
  // While the command ran.
  bool others_connected_ = false;
  Stop stop_ = Stop::none;
  std::string waited_for_;
  RunResult result_;
};

Look Migration::look() const {
  try {
    return take_look(options_, environment_.cancellation);
  } catch (const DatabaseAhead& ahead) {
    throw explain_ahead(ahead, journal_, options_);
  }
}

void Migration::check_files(const History& history) {
  if (!options_.project) return;
  const RevisionGraph& graph = options_.project->graph;
  for (const std::string& line :
       check_applied(graph, history, look_.pending, look_.identity.database))
    warn(line);
}

void Migration::check_drift(const History& history) {
  const std::optional<Drift> drift =
      expected_schema(history) ? find_drift(schema_records_, history, facts()) : std::nullopt;
  if (!drift) return;
  warn(drift->what);
  for (const std::string& line : drift->lines) {
    step_("  " + line);
    result_.notes.push_back(line);
  }
  if (options_.gate.mode != GateMode::require) return;
  throw Error(ErrorKind::drift, drift->what)
      .object(look_.identity.database)
      .next("take back what was changed by hand, or accept it with a run in --gate snapshot");
}

// Nobody is refused for it, nor for a failure of it: the snapshot holds what is dropped. And
// whatever the revisions do while they are rendered.
void Migration::check_drops() {
  DroppedData dropped;
  try {
    dropped = look_at_dropped_data(options_, look_, processes_, environment_);
  } catch (const Error& error) {
    environment_.cancellation.check();
    dropped.not_looked_at = error.what();
  }
  for (const std::string& loss : dropped.losses) warn("the pending revisions drop " + loss);
  if (dropped.not_looked_at.empty()) return;
  result_.notes.push_back(
      fmt::format("{}: not looked at for data that is dropped", dropped.not_looked_at));
  step_(result_.notes.back());
}

// What the next run looks at. The schema first: once there is a result, it is expected.
void Migration::remember(const std::vector<std::string>& before,
                         const std::vector<std::string>& after, const Facts& facts, Event& result) {
  const History now = history();
  schema_records_.write(result.run, facts, now);
  if (options_.project) write_applied(options_.project->graph, now, before, after, result);
}

void Migration::check_hold(const History& history) const {
  const std::optional<Error> held = held_back(options_, history, look_, look_.pending);
  if (held) throw *held;
}

bool Migration::nothing_to_do(const History& history) const {
  return !look_.pending && history.open_run() == nullptr;
}

// Whoever holds both locks knows that no belay runs any more; its command's sessions may.
void Migration::close_open_run(const Run& open) {
  step_(fmt::format("run {} was killed; looking at what it did", open.intent.run));
  end_killed_command(options_, open.intent.run, environment_, step_);
  look_ = look();  // its command may have gone on until now
  pg::Connection connection = connect(options_, &environment_.cancellation);
  const Facts now = read_facts(connection, environment_.clock, environment_.progress);
  const bool reached =
      !open.intent.target.heads.empty() && look_.revisions.current == open.intent.target.heads;
  Event event = result_of_killed(
      open.intent, now, count_transactions(connection, open.intent.snapshot_before, now.snapshot),
      reached);
  event.at = environment_.clock.now();
  event.database = identity();
  if (reached) {
    if (!look_.pending) verify_killed(event);
    event.outcome = result_.failure ? describe(*result_.failure).name : "ok";
    event.exit_status = result_.failure ? describe(*result_.failure).exit_status : 0;
  }
  remember(every_revision(open.intent.before), look_.revisions.current, now, event);
  journal_.write(event);
  result_.notes.push_back(fmt::format("run {}: {}", event.run, event.note));
  step_(result_.notes.back());
}

// It may have been killed before that. Another deploy's command would look for another schema.
void Migration::verify_killed(const Event& result) {
  result_.run = result.run;
  result_.truth = result.note;
  verify();
  result_.changed = result_.failure && result.changed;
  if (!result_.failure) result_.run.clear();
}

// What would stop the run only after the snapshot was taken.
void Migration::check_preconditions() {
  if (look_.identity.in_recovery) {
    throw Error(ErrorKind::preflight, "this server is a standby")
        .object(look_.identity.database)
        .next("name the primary with -d");
  }
  journal_.require_writable();
  ChildCommand program;
  for (const std::vector<std::string>& argv : {options_.command.argv, options_.verify_command}) {
    program.argv = argv;
    if (!argv.empty()) program_of(program);
  }
  for (const std::string& line : protection_.preflight()) warn(line);
}

Facts Migration::facts() const {
  pg::Connection connection = connect(options_, &environment_.cancellation);
  return read_facts(connection, environment_.clock, environment_.progress);
}

std::optional<Protected> Migration::protect(const History& history) {
  pg::Connection connection = connect(options_, &environment_.cancellation);
  result_.gate =
      evaluate(protection_, connection, history, options_.environment, options_.gate, environment_);
  const Evaluation& gate = *result_.gate;
  for (const std::string& line : gate.decision.unreliable) {
    environment_.progress.warning("an archive cannot be relied on: " + line);
  }
  for (const Check& check : gate.decision.checks) {
    const bool own = check.id == CheckId::durable || check.id == CheckId::identity;
    if (own && check.finding == Finding::warn) environment_.progress.warning(check.text);
  }
  switch (gate.decision.answer) {
    case GateDecision::Answer::refuse:
      throw *gate.decision.refusal;
    case GateDecision::Answer::off:
      environment_.progress.warning(
          fmt::format("the gate is off: no backup stands for this run ({})", options_.reason));
      return std::nullopt;
    case GateDecision::Answer::use:
      step_(fmt::format("written since that backup: {}",
                        gate.decision.checks.at(static_cast<std::size_t>(CheckId::writes)).text));
      return protection_.rely_on(*gate.relied_on());
    case GateDecision::Answer::take_readable:
      step_(fmt::format("taking a snapshot, and reading it back; {} shows that its like restores",
                        gate.relied_on()->path.native()));
      return protection_.take(run_, Protection::Level::readable);
    case GateDecision::Answer::take:
      break;
  }
  step_("taking a snapshot, and restoring it to prove it");
  return protection_.take(run_, Protection::Level::compared);
}

// What the archive holds must be what the migration will find.
void Migration::protect_and_look_again(const History& history) {
  check_drift(history);
  for (int attempt = 1;; ++attempt) {
    const std::optional<CounterMap> counters = counters_if_alone();
    result_.protection = protect(history);
    before_ = facts();
    if (!result_.protection) return;
    step_(result_.protection->summary);
    if (result_.protection->revisions == before_.revisions &&
        result_.protection->fingerprint == before_.fingerprint.hex()) {
      result_.alone = counters == before_.counters &&
                      result_.gate->decision.answer != GateDecision::Answer::use;
      return;
    }
    if (options_.gate.mode == GateMode::require || attempt == kMostSnapshots) {
      throw Error(ErrorKind::drift, "the schema changes while the snapshot is taken")
          .object(look_.identity.database)
          .next("stop what changes it, then run this again");
    }
    step_("the schema has changed meanwhile; once more");
  }
}

// What was counted of each table while nobody else was connected.
std::optional<CounterMap> Migration::counters_if_alone() const {
  if (!options_.rollback_if_clean) return std::nullopt;
  pg::Connection as_command = connect_as_command(options_, &environment_.cancellation);
  if (!look_at_sessions(as_command, run_).others.empty()) return std::nullopt;
  pg::Connection connection = connect(options_, &environment_.cancellation);
  return settled_counters(connection, environment_.clock);
}

void Migration::write_intent() {
  result_.run = run_;
  Event event;
  event.kind = EventKind::intent;
  event.run = result_.run;
  event.at = environment_.clock.now();
  event.database = identity();
  event.target = deploy_target(options_, look_);
  event.before = before_.revisions;
  event.fingerprint_before = before_.fingerprint.hex();
  event.snapshot_before = before_.snapshot;
  if (result_.protection) {
    event.archive = result_.protection->relative;
    event.archive_sha256 = result_.protection->sha256;
  }
  event.gate = to_word(options_.gate.mode);
  event.reason = options_.reason;
  if (options_.writes_stopped) {
    event.reason += event.reason.empty() ? "" : "; ";
    event.reason += "nobody else writes, as --writes-stopped says";
  }
  event.host = host_name();
  event.pid = static_cast<int>(::getpid());
  journal_.write(event);
}

ChildEnd Migration::run_command(RunLocks& locks) {
  ChildCommand command;
  command.argv = options_.command.argv;
  command.environment["PGAPPNAME"] = "belay/" + result_.run;
  if (options_.stdout_is_taken) command.out.to = ChildOutput::To::standard_error;
  Watch watch(options_, result_.run, locks, environment_, step_);
  environment_.progress.stage("run the command", 0, 0);
  const std::unique_ptr<Child> child = processes_.start(command);
  const ChildEnd end = wait_or_stop(*child, environment_.cancellation, options_.timeout,
                                    kBackendPatience, [&] { return watch.look(); });
  others_connected_ = watch.others_connected();
  stop_ = watch.stop();
  waited_for_ = watch.waits_for();
  result_.command_exit = end.exit.text();
  return end;
}

Verdict Migration::judge_command(const ChildEnd& end) {
  environment_.progress.stage("look at what it did", 0, 0);
  Aftermath found = look_at_aftermath(options_, look_, result_.run, before_, end, environment_);
  Evidence& evidence = found.evidence;
  evidence.stop = stop_;
  evidence.waited_for = waited_for_;
  evidence.others_connected |= others_connected_;
  result_.alone = result_.alone && !evidence.others_connected && evidence.sessions_left.empty() &&
                  !evidence.failed_over();
  after_ = evidence.after;
  oid_after_ = found.database_oid;
  reached_ = std::move(found.reached.current);
  result_.after = std::move(found.reached.revisions);
  return judge(evidence);
}

// Whatever happens here is told as a result: the caller must not say that nothing was run.
void Migration::run_and_judge(RunLocks& locks) {
  after_ = before_;
  result_.after = look_.revisions.revisions;
  reached_ = look_.revisions.current;
  std::optional<ChildEnd> end;
  try {
    end = run_command(locks);
    const Verdict verdict = judge_command(*end);
    result_.failure = verdict.failure;
    result_.truth = verdict.truth;
    result_.retry = verdict.retry;
    result_.changed = verdict.changed;
    result_.rows_proved = verdict.rows != Verdict::Rows::not_proved;
    for (const std::string& note : verdict.notes) result_.notes.push_back(note);
    for (const std::string& text : verdict.lasting) warn(text);
    if (!result_.failure) verify();
  } catch (const Error& error) {
    result_.failure = error.kind();
    if (end) {
      // Without a result the next run looks for itself at what this one did.
      result_.truth =
          fmt::format("the command ended with {}, and what it did could not be read: {}",
                      end->exit.text(), error.what());
      result_.retry = "safe: the next run looks first at what this one did";
      return;
    }
    result_.truth = fmt::format("the command could not be started: {}", error.what());
    result_.retry = "safe: nothing was changed";
  }
  try {
    write_result(after_);
  } catch (const Error& error) {
    if (!result_.failure) result_.failure = error.kind();
    result_.truth += fmt::format("; the journal does not know it: {}", error.what());
    result_.retry += "; when the repository can be written, the next run looks first";
  }
}

void Migration::write_result(const Facts& after) {
  Event event;
  event.kind = EventKind::result;
  event.run = result_.run;
  event.at = environment_.clock.now();
  event.database = identity();
  event.outcome = result_.failure ? describe(*result_.failure).name : "ok";
  event.exit_status = result_.failure ? describe(*result_.failure).exit_status : 0;
  event.changed = result_.changed;
  event.rows_proved = result_.rows_proved;
  event.after = after.revisions;
  event.fingerprint_after = after.fingerprint.hex();
  event.note = result_.truth;
  if (oid_after_ != 0 && oid_after_ != look_.identity.database_oid) {
    event.old_oid = look_.identity.database_oid;
    event.new_oid = oid_after_;
  }
  remember(look_.revisions.current, reached_, after, event);
  journal_.write(event);
}

void Migration::name_next() {
  if (!result_.failure) return;
  if (result_.run.empty() || (!result_.changed && (result_.rows_proved || !result_.protection))) {
    result_.next = "mend it, then run the same command again";
  } else if (!result_.changed) {
    result_.next =
        fmt::format("belay compare {} {}", quote_shell_word(result_.protection->archive.native()),
                    pg::connect_option(options_.target.with_database(look_.identity.database)));
  } else if (options_.gate.mode == GateMode::off) {
    result_.next = "mend it by hand (the gate was off), then belay release --reason TEXT " +
                   here(options_, look_);
  } else {
    result_.next = fmt::format("belay rollback --run {} {}", result_.run, here(options_, look_));
  }
}

RunResult Migration::finish(RunResult::Kind kind) {
  result_.kind = kind;
  // As the command's role finds its table, which no rule of names may know.
  result_.before = look_.revisions.revisions;
  if (kind != RunResult::Kind::ran) result_.after = look_.revisions.revisions;
  result_.expected = look_.expected;
  name_next();
  result_.seconds = std::chrono::duration<double>(environment_.clock.steady() - started_).count();
  return std::move(result_);
}

RunResult Migration::run() {
  look_ = look();
  {
    const History now = history();
    check_hold(now);
    if (nothing_to_do(now)) {
      check_files(now);
      result_.truth = fmt::format("nothing is pending; the database is at {}",
                                  to_text(look_.revisions.current));
      verify();
      return finish(RunResult::Kind::nothing_pending);
    }
  }
  RunLocks locks(options_, look_.identity.database, environment_);
  look_ = look();
  if (const History now = history(); now.open_run() != nullptr) close_open_run(*now.open_run());
  if (result_.failure) return finish(RunResult::Kind::done_by_another_run);
  const History now = history();
  check_hold(now);
  if (nothing_to_do(now)) {
    result_.truth =
        fmt::format("another run did it; the database is at {}", to_text(look_.revisions.current));
    verify();
    return finish(RunResult::Kind::done_by_another_run);
  }
  check_files(now);
  require_clean_tool(options_, look_.revisions, environment_);
  check_preconditions();
  wait_for_open_snapshots(options_, environment_, step_);
  run_ = new_run_id(environment_.clock);
  protect_and_look_again(now);
  check_drops();
  if (locks.look() != RunLocks::Held::yes) {
    throw Error(ErrorKind::lock_lost, "the lock was lost before the command began")
        .object(look_.identity.database)
        .next("run this again");
  }
  write_intent();
  step_(fmt::format("run {}: {}", result_.run,
                    fmt::join(without_secrets(options_.command.argv), " ")));
  run_and_judge(locks);
  return finish(RunResult::Kind::ran);
}

}  // namespace

RunResult migrate(const RunOptions& options, Protection& protection, ChildProcesses& processes,
                  Environment& environment, const Step& step) {
  return Migration(options, protection, processes, environment, step).run();
}

}  // namespace belay::migrate
