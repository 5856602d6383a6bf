#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/pg/snapshot.h"
#include "migrate/dropped_data.h"
#include "migrate/look.h"
#include "tools/deploy.h"
#include "tools/gate_terms.h"
#include "tools/keys.h"
#include "tools/protection.h"

namespace belay::tools {
namespace {

// Whether -d and the command mean the same database, where there is a command; revisions that may
// drop data. Their code is not run for that, as migrate does after its snapshot.
std::vector<std::string> look(const migrate::RunOptions& options, Context& context) {
  if (options.command.argv.empty()) return {};
  return migrate::pending_that_may_drop(
      options, migrate::take_look(options, context.environment.cancellation),
      context.environment.files);
}

}  // namespace

int run_gate(const Command& command, Context& context) {
  if (!command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "no repository named").next("give --repo DIR, or set BELAY_REPO");
  }
  migrate::RunOptions options;
  const bool with_command = !command.arguments().empty();
  if (with_command) {
    options.command = tool_command(command, command.arguments(), context);
    options.project = project_of(options.command, command, context);
    if (options.project) migrate::require_one_run(*options.project);
  }
  options.target = target_of(command, options.project, context);
  options.environment = command.text(Option::env);
  options.repository = command.text(Option::repo);
  options.gate =
      gate_terms(command, with_command ? &options.command : nullptr, options.project, context);
  const Reached reached = reach(options.target, command, context);
  const std::vector<std::string> may_drop = look(options, context);
  std::optional<Path> named;
  if (options.gate.named) named = command.text(Option::archive);
  ArchiveProtection archives(options.target, reached, options.repository, named, {},
                             trusted_keys(command, context), context);
  pg::Connection connection = migrate::connect(options, &context.environment.cancellation);
  const SourceIdentity identity = pg::read_identity(connection);
  const migrate::History history(
      migrate::Journal(context.environment.files, options.repository).read(),
      {identity.system_identifier, identity.database_oid, identity.database, options.environment});
  const migrate::Evaluation evaluation = migrate::evaluate(
      archives, connection, history, options.environment, options.gate, context.environment);
  print(evaluation, context.output);
  if (!may_drop.empty()) {
    context.output.line(printable(fmt::format(
        "{} may drop data: migrate tells what, with the counts, once its snapshot is proved",
        fmt::join(may_drop, ", "))));
  }
  nlohmann::ordered_json object;
  object["database"] = identity.database;
  object["mode"] = migrate::to_word(options.gate.mode);
  object["gate"] = gate_object(evaluation);
  object["may_drop"] = may_drop;
  const std::optional<Error>& refusal = evaluation.decision.refusal;
  if (refusal) {
    if (!context.output.style().json) context.output.report(*refusal);
    object["error"] = error_object(*refusal);
  }
  const int status = refusal ? refusal->exit_status() : 0;
  context.output.result(object, status);
  return status;
}

}  // namespace belay::tools
