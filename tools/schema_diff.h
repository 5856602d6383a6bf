// Schemas against each other, object by object.
#pragma once

#include "tools/commands.h"
#include "tools/schema_source.h"

namespace belay::tools {

// Prints what differs between the two and returns the exit status: 0 the same, 4 different.
// Error{could_not_run} if they differ but come from servers of different majors, which word the
// same object differently.
int print_schema_diff(const SchemaSource& before, const SchemaSource& after, Output& output);
// The same for an exported script, part by part.
int print_script_diff(const SchemaSource& before, const SchemaSource& after, Output& output);

}  // namespace belay::tools
