#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "migrate/version_tables.h"
#include "tools/deploy.h"
#include "tools/protection.h"
#include "tools/sealed_copies.h"
#include "tools/units.h"
#include "tools/usage.h"
#include "tools/words.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

migrate::RunOptions options_of(const Command& command, const Context& context) {
  migrate::RunOptions options;
  options.command = tool_command(command, command.arguments());
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  options.repository = command.text(Option::repo);
  options.environment = command.text(Option::env);
  options.gate =
      command.choice(Option::gate) == 0 ? migrate::GateMode::snapshot : migrate::GateMode::require;
  options.archive_named = command.given(Option::archive);
  options.max_age = command.duration(Option::migrate_max_age);
  options.wait = command.duration(Option::migrate_wait);
  if (command.given(Option::timeout)) options.timeout = command.duration(Option::timeout);
  options.verify_command = split_words(command.text(Option::verify_command));
  options.json = context.output.style().json;
  return options;
}

// What cannot be read from env.py cannot be compared with -d.
void check_resolved(const Command& command, const migrate::RunOptions& options, Context& context) {
  if (command.on(Option::target_confirmed)) return;
  if (!options.project || options.project->database.target) return;
  const std::string why = "env.py does not show which database the command migrates";
  if (options.gate == migrate::GateMode::require) {
    throw Error(ErrorKind::other_database, why)
        .object(options.project->config.native())
        .next("if -d names it, say so with --target-confirmed");
  }
  context.output.warning(why + "; -d is taken for it");
}

BackupRequest request_of(const Command& command) {
  BackupRequest request;
  request.options.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  request.options.environment = command.text(Option::env);
  request.options.created_by = version();
  request.drill_max_size = command.size(Option::drill_max_size);
  request.keep_copy = command.duration(Option::migrate_keep_copy);
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
  if (result.protection) {
    object["archive"] = {{"path", result.protection->archive.native()},
                         {"sha256", result.protection->sha256},
                         {"level", result.protection->level},
                         {"sealed_copy", result.protection->sealed_copy}};
  }
  object["command_exit"] = result.command_exit;
  object["verify_exit"] = result.verify_exit;
  object["notes"] = result.notes;
  object["seconds"] = result.seconds;
  return object;
}

void print(const migrate::RunResult& result, Output& output) {
  if (result.kind != migrate::RunResult::Kind::ran) {
    output.line(result.truth);
    return;
  }
  output.line(fmt::format("migrated: {} -> {}", migrate::to_text(result.before),
                          migrate::to_text(result.after)));
  output.facts({{"run", result.run},
                {"snapshot", result.protection->archive.native()},
                {"proved", result.protection->level},
                {"sealed copy", result.protection->sealed_copy},
                {"command", result.command_exit},
                {"verify", result.verify_exit},
                {"time", human_seconds(result.seconds)}});
  for (const std::string& note : result.notes) output.line(fmt::format("  note: {}", note));
}

migrate::RunResult carry_out(const Command& command, Context& context) {
  migrate::RunOptions options = options_of(command, context);
  options.project = project_of(options.command, command, context);
  if (options.project) migrate::require_one_run(*options.project);
  options.target = target_of(command, options.project, context);
  check_resolved(command, options, context);
  const Reached reached = reach(options.target, command, context);
  drop_expired_copies(options.target, options.repository, context);
  std::optional<Path> named;
  if (options.archive_named) named = command.text(Option::archive);
  ArchiveProtection protection(options.target, reached, options.repository, named,
                               request_of(command), context);
  return migrate::migrate(options, protection, real_child_processes(), context.environment,
                          [&](std::string_view text) {
                            context.output.line(printable(text));
                            context.output.flush();  // the command writes to the same place
                          });
}

}  // namespace

int run_migrate(const Command& command, Context& context) {
  try {
    const migrate::RunResult result = carry_out(command, context);
    if (result.failure) {
      context.output.failure({*result.failure, result.truth, result.retry, result.next},
                             object_of(result));
      return describe(*result.failure).exit_status;
    }
    print(result, context.output);
    context.output.result(object_of(result), 0);
    return 0;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage) throw;
    const ErrorKind kind =
        error.kind() == ErrorKind::cancelled ? ErrorKind::timed_out : error.kind();
    context.output.failure(
        {kind, fmt::format("{}; nothing was run", error.what()), migrate::retry_text(kind),
         error.next().empty() ? "belay doctor" : error.next()},
        ordered_json::object());
    return describe(kind).exit_status;
  }
}

}  // namespace belay::tools
