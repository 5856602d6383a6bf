// Whether a deploy may go on: what the journal holds back, and whether services may start. Pure.
#pragma once

#include <optional>

#include "libcore/base/error.h"
#include "migrate/history.h"
#include "migrate/look.h"

namespace belay::migrate {

// Error{held} if a rollback was not finished, or a failed run holds this deploy.
std::optional<Error> held_back(const RunOptions& options, const History& history, const Look& look,
                               bool pending);

// Why services of this deploy must not start; nothing: they may. Error{held}; Error{busy} for a run
// that is at work, Error{drift} for one that was killed; Error{migration_not_reached} if the
// database is not what the deploy expects. `at_work`: somebody holds the lock of migrate.
std::optional<Error> not_ready(const RunOptions& options, const History& history, const Look& look,
                               bool at_work);

}  // namespace belay::migrate
