// The gate as the command line asks for it, and as it is told.
#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "migrate/alembic.h"
#include "migrate/gate_facts.h"
#include "tools/commands.h"

namespace belay::tools {

// `tool`: the command that would run; null if none was given.
migrate::GateTerms gate_terms(const Command& command, const migrate::ToolCommand* tool,
                              const std::optional<migrate::AlembicProject>& project,
                              Context& context);

// Throws, or warns, before anything is asked of the server, if nobody knows what the command would
// migrate.
void check_resolved(const migrate::GateTerms& terms, Context& context);

// Members of "gate" in JSON objects.
nlohmann::ordered_json gate_object(const migrate::Evaluation& evaluation);
void print(const migrate::Evaluation& evaluation, Output& output);

}  // namespace belay::tools
