#include "migrate/afterwards.h"

#include <memory>

#include <fmt/format.h>

#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

void not_good(const std::string& what, RunResult& result) {
  const bool ran = !result.run.empty();
  result.failure = ErrorKind::verify_command_failed;
  result.truth = fmt::format("{}; {}", what, ran ? result.truth : "nothing was migrated");
  result.retry =
      ran ? "not safe: the migration has been done, and is not good" : "safe: nothing was changed";
}

// What is wrong with the schema; what was not looked at is not good. Empty: nothing.
std::string fault_of_schema(const RunOptions& options, RunResult& result) {
  try {
    const SchemaCheck& check = result.schema_check.emplace(options.check_schema());
    if (!check.differences.empty()) {
      const std::size_t more = check.differences.size() - 1;
      return fmt::format("the schema is not the expected one: {}{}", check.differences.front(),
                         more == 0 ? "" : fmt::format(" and {} more", more));
    }
    if (check.tables == 0 || check.columns == 0) {
      return "the schema was checked, and there is no table in it";
    }
    return "";
  } catch (const Error& error) {
    return fmt::format("the schema could not be checked: {}", error.what());
  }
}

}  // namespace

void check_afterwards(const RunOptions& options, ChildProcesses& processes,
                      Environment& environment, const Step& step, RunResult& result) {
  if (options.check_schema && !result.schema_check) {
    step("comparing the schema with the one that is expected");
    environment.progress.stage("compare the schema", 0, 0);
    const std::string fault = fault_of_schema(options, result);
    if (!fault.empty()) return not_good(fault, result);
  }
  if (options.verify_command.empty() || !result.verify_exit.empty()) return;
  step("running the verify command");
  environment.progress.stage("run the verify command", 0, 0);
  ChildCommand command;
  command.argv = options.verify_command;
  if (options.stdout_is_taken) command.out.to = ChildOutput::To::standard_error;
  const std::unique_ptr<Child> child = processes.start(command);
  const ChildEnd end = wait_or_stop(*child, environment.cancellation, options.timeout);
  result.verify_exit = end.exit.text();
  if (!end.exit.success()) {
    not_good(fmt::format("the verify command failed with {}", end.exit.text()), result);
  }
}

}  // namespace belay::migrate
