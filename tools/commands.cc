#include "tools/commands.h"

#include <array>

namespace belay::tools {

int run(const Command& command, Context& context) {
  // In the order of Verb.
  static constexpr std::array kRuns = {
      run_backup,  run_verify,  run_restore, run_schema,   run_compare, run_inspect, run_export,
      run_doctor,  run_migrate, run_gate,    run_rollback, run_runs,    run_release, run_ready,
      run_alembic, run_rescue,  run_gc,      run_list,     run_status,  run_prune};
  return kRuns.at(static_cast<std::size_t>(command.verb()))(command, context);
}

}  // namespace belay::tools
