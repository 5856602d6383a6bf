// belay: an index. What each command does is in cmd_*.cc, what it takes in options.cc.
#include <exception>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/run_reports.h"
#include "tools/usage.h"

using namespace belay;
using namespace belay::tools;

namespace {

int invoke(const std::string& program, const std::vector<std::string>& words, Process& process,
           Output& output) {
  const Variables variables = Process::variable;
  output.set_style({.json = asks_for_json(words, variables)});
  const Invocation invocation = recognize(program, words);
  if (invocation.verb) output.set_command(describe(*invocation.verb).name);
  if (invocation.kind != Invocation::Kind::run) {
    output.bytes(text_for(invocation));
    return 0;
  }
  const Command command = parse(invocation, variables, real_file_system());
  output.set_style(
      {.json = command.on(Option::json),
       .quiet = command.on(Option::quiet),
       .verbose = command.on(Option::verbose),
       .stdout_is_taken = ((command.verb() == Verb::backup || command.verb() == Verb::export_) &&
                           command.text(Option::file) == "-") ||
                          (command.verb() == Verb::rescue &&
                           (!command.given(Option::file) || command.text(Option::file) == "-")) ||
                          RunReports::take_stdout(command),
       .redraw = Process::stderr_is_terminal()});
  Environment environment{real_file_system(), system_clock(), output, process.cancellation()};
  Context context{environment, output, variables};
  return run(command, context);
}

}  // namespace

int main(int argc, char** argv) {
  Process process;
  Output output;
  try {
    const std::string program = argc > 0 ? Path(argv[0]).filename().native() : "belay";
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const int status = invoke(program, words, process, output);
    output.flush();
    return status;
  } catch (const Error& error) {
    output.report(error);
    return error.exit_status();
  } catch (const std::exception& error) {
    output.report(Error(ErrorKind::internal, "internal error").cause(error.what()));
    return 1;
  }
}
