// What a command has left behind, asked of the server once it has ended.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/look.h"
#include "migrate/verdict.h"

namespace belay::migrate {

struct Aftermath {
  Evidence evidence;  // but for what was seen while the command ran
  RevisionLook reached;
  std::uint32_t database_oid = 0;  // of the database of that name
};

// Ends the sessions of a command that was stopped, and waits for those of any other. Where only
// counters of rows tell that nothing changed, it waits until every session has told its own.
Aftermath look_at_aftermath(const RunOptions& options, const Look& look, const std::string& run,
                            const Facts& before, const ChildEnd& end, Environment& environment);

}  // namespace belay::migrate
