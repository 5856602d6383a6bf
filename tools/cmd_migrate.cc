#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "migrate/version_tables.h"
#include "tools/deploy.h"
#include "tools/gate_terms.h"
#include "tools/keys.h"
#include "tools/protection.h"
#include "tools/run_reports.h"
#include "tools/schema_check.h"
#include "tools/sealed_copies.h"
#include "tools/take_back.h"
#include "tools/units.h"
#include "tools/usage.h"
#include "tools/words.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

migrate::RunOptions options_of(const Command& command, const Context& context) {
  migrate::RunOptions options;
  options.command = tool_command(command, command.arguments(), context);
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  options.repository = command.text(Option::repo);
  options.environment = command.text(Option::env);
  options.reason = command.text(Option::reason);
  if (command.choice(Option::gate) == static_cast<std::size_t>(migrate::GateMode::off) &&
      options.reason.empty()) {
    throw Error(ErrorKind::usage, "--gate off needs a reason")
        .next("say why with --reason TEXT; it is written into the journal");
  }
  options.wait = command.duration(Option::migrate_wait);
  if (command.given(Option::timeout)) options.timeout = command.duration(Option::timeout);
  options.rollback_if_clean = command.choice(Option::on_failure) == 1;
  options.writes_stopped = command.on(Option::writes_stopped);
  options.verify_command = split_words(command.text(Option::verify_command));
  options.stdout_is_taken = context.output.style().json || RunReports::take_stdout(command);
  return options;
}

BackupRequest request_of(const Command& command, Context& context) {
  BackupRequest request;
  request.options.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  request.options.environment = command.text(Option::env);
  request.options.created_by = version();
  request.drill_max_size = command.size(Option::drill_max_size);
  request.keep_copy = command.duration(Option::migrate_keep_copy);
  request.key = signing_key(command, context);
  request.scratch = scratch_of(command, context);
  return request;
}

ordered_json object_of(const migrate::RunResult& result) {
  ordered_json object;
  constexpr std::array kKinds = {"nothing_pending", "done_by_another_run", "ran"};
  object["outcome"] = kKinds.at(static_cast<std::size_t>(result.kind));
  object["run"] = result.run;
  object["before"] = result.before;
  object["after"] = result.after;
  object["expected"] = result.expected ? ordered_json(*result.expected) : ordered_json(nullptr);
  object["changed"] = result.changed;
  object["rows_proved"] = result.rows_proved;
  if (result.protection) {
    object["archive"] = {{"path", result.protection->archive.native()},
                         {"sha256", result.protection->sha256},
                         {"level", result.protection->level},
                         {"sealed_copy", result.protection->sealed_copy}};
  }
  if (result.gate) object["gate"] = gate_object(*result.gate);
  object["command_exit"] = result.command_exit;
  object["verify_exit"] = result.verify_exit;
  if (result.schema_check) {
    object["schema_check"] = {{"tables", result.schema_check->tables},
                              {"columns", result.schema_check->columns},
                              {"differences", result.schema_check->differences}};
  }
  object["notes"] = result.notes;
  object["seconds"] = result.seconds;
  return object;
}

std::string checked_text(const migrate::RunResult& result) {
  if (!result.schema_check) return "";
  return fmt::format("as expected: {}, {}", counted(result.schema_check->tables, "table"),
                     counted(result.schema_check->columns, "column"));
}

void print(const migrate::RunResult& result, Output& output) {
  if (result.kind != migrate::RunResult::Kind::ran) {
    output.line(result.truth);
    output.facts({{"schema", checked_text(result)}});
    return;
  }
  const migrate::Protected* archive = result.protection ? &*result.protection : nullptr;
  output.line(fmt::format("migrated: {} -> {}", migrate::to_text(result.before),
                          migrate::to_text(result.after)));
  output.facts({{"run", result.run},
                {"snapshot", archive ? archive->archive.native() : "none: the gate was off"},
                {"proved", archive ? archive->level : ""},
                {"sealed copy", archive ? archive->sealed_copy : ""},
                {"command", result.command_exit},
                {"schema", checked_text(result)},
                {"verify", result.verify_exit},
                {"time", human_seconds(result.seconds)}});
  for (const std::string& note : result.notes) output.line(fmt::format("  note: {}", note));
}

migrate::RunResult carry_out(const Command& command, Context& context, RunReports& reports,
                             pg::ConnectTarget& target) {
  migrate::RunOptions options = options_of(command, context);
  options.project = project_of(options.command, command, context);
  if (options.project) migrate::require_one_run(*options.project);
  options.target = target_of(command, options.project, context);
  options.gate = gate_terms(command, &options.command, options.project, context);
  check_resolved(options.gate, context);
  const Reached reached = reach(options.target, command, context);
  target = options.target;  // with the password that was asked for
  drop_expired_copies(options.target, options.repository, context);
  if (command.given(Option::check)) {
    options.check_schema = [&, target = options.target] {
      return check_schema(command.text(Option::check), target, command, context);
    };
  }
  std::optional<Path> named;
  if (options.gate.named) named = command.text(Option::archive);
  ArchiveProtection protection(options.target, reached, options.repository, named,
                               request_of(command, context), trusted_keys(command, context),
                               context);
  return migrate::migrate(options, protection, real_child_processes(), context.environment,
                          [&](std::string_view text) {
                            reports.step(text);
                            context.output.line(printable(text));
                            context.output.flush();  // the command writes to the same place
                          });
}

// Taken back without asking, only where no row of anybody else can get lost.
bool may_take_back(const migrate::RunResult& result, const Command& command) {
  switch (*result.failure) {
    case ErrorKind::migration_failed_changed:
    case ErrorKind::migration_not_reached:
    case ErrorKind::verify_command_failed:
      break;
    default:
      return false;
  }
  return command.choice(Option::on_failure) == 1 && result.changed && result.protection;
}

// The failure that is told once the run was taken back, or why it was not. `object` is then what is
// true after that.
Failure taken_back(const migrate::RunResult& result, const pg::ConnectTarget& target,
                   const Command& command, Context& context, ordered_json& object) {
  Failure failure{*result.failure, result.truth, result.retry, result.next};
  if (!result.alone && !command.on(Option::writes_stopped)) {
    failure.truth += "; not rolled back: others were connected, or rows were written meanwhile";
    return failure;
  }
  try {
    const std::string kept = take_back(result.run, target, command, context);
    object["after"] = object["before"];
    object["kept"] = kept;
    failure.kind = ErrorKind::rolled_back;
    failure.truth += fmt::format("; rolled back: the database is what it was, {} is kept", kept);
    failure.retry = "not safe: this deploy is held until it is mended or released";
    failure.next = "mend the migration; services of the old deploy may start";
  } catch (const Error& error) {
    failure.kind = ErrorKind::rollback_failed;
    failure.truth += fmt::format("; the rollback failed: {}", error.what());
    if (!error.next().empty()) failure.next = error.next();
  }
  return failure;
}

int fail(const Failure& failure, const ordered_json& object, Context& context,
         RunReports& reports) {
  context.output.failure(failure, object);
  reports.end(fmt::format("{}\nretry: {}\nnext: {}\n", printable(failure.truth),
                          printable(failure.retry), printable(failure.next)));
  return describe(failure.kind).exit_status;
}

}  // namespace

int run_migrate(const Command& command, Context& context) {
  RunReports reports(command, context);
  try {
    pg::ConnectTarget target;
    const migrate::RunResult result = carry_out(command, context, reports, target);
    if (result.failure && may_take_back(result, command)) {
      ordered_json object = object_of(result);
      const Failure failure = taken_back(result, target, command, context, object);
      return fail(failure, object, context, reports);
    }
    if (result.failure) {
      return fail({*result.failure, result.truth, result.retry, result.next}, object_of(result),
                  context, reports);
    }
    print(result, context.output);
    context.output.result(object_of(result), 0);
    reports.end(result.truth + "\n");
    return 0;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage) {
      reports.end(error);
      throw;
    }
    const ErrorKind kind =
        error.kind() == ErrorKind::cancelled ? ErrorKind::timed_out : error.kind();
    return fail({kind, fmt::format("{}; nothing was run", error.what()), migrate::retry_text(kind),
                 error.next().empty() ? "mend it, then run the same command again" : error.next()},
                ordered_json::object(), context, reports);
  }
}

}  // namespace belay::tools
