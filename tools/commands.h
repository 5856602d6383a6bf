// The verbs: each parses its Command into the library's options, calls the library, and prints its
// Summary. Returns the exit status; a failure is an Error.
#pragma once

#include "libcore/base/environment.h"
#include "tools/command.h"
#include "tools/output.h"

namespace belay::tools {

// References only; everything outlives the verb.
struct Context {
  Environment& environment;
  Output& output;
  const Variables& variables;
};

int run_backup(const Command& command, Context& context);
int run_verify(const Command& command, Context& context);
int run_restore(const Command& command, Context& context);
int run_schema(const Command& command, Context& context);
int run_compare(const Command& command, Context& context);
int run_inspect(const Command& command, Context& context);
int run_export(const Command& command, Context& context);
int run_doctor(const Command& command, Context& context);
int run_migrate(const Command& command, Context& context);
int run_gate(const Command& command, Context& context);
int run_rollback(const Command& command, Context& context);
int run_runs(const Command& command, Context& context);
int run_release(const Command& command, Context& context);
int run_ready(const Command& command, Context& context);
int run_alembic(const Command& command, Context& context);
int run_rescue(const Command& command, Context& context);
int run_gc(const Command& command, Context& context);
int run_list(const Command& command, Context& context);
int run_status(const Command& command, Context& context);
int run_prune(const Command& command, Context& context);

// By Verb.
int run(const Command& command, Context& context);

}  // namespace belay::tools
