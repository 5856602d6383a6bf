// What really happened: decided from evidence, never from the exit status alone. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "libcore/base/error.h"
#include "migrate/traces.h"

namespace belay::migrate {

struct Evidence {
  ChildEnd child;
  Facts before, after;
  // Rows of the version table that were to be reached; nothing: the tool is unknown.
  std::optional<std::vector<std::string>> expected;
  std::vector<std::string> revisions_after;  // of the one version table
  TransactionCount transactions;
  bool others_connected = false;  // somebody but the command and belay, at any time meanwhile
  bool backends_left = false;     // sessions of the command that have not ended
};

struct Verdict {
  // Nothing: good, exit 0. Otherwise migration_failed_unchanged (30), migration_failed_changed
  // (31), migration_not_reached (32), timed_out (34).
  std::optional<ErrorKind> failure;
  bool changed = false;  // schema, revision set, or rows
  enum class Rows { unchanged, changed, not_proved } rows = Rows::unchanged;
  std::string truth;               // what is true now, one sentence
  std::string retry;               // whether a retry is safe, one sentence
  std::vector<std::string> notes;  // "heads reached, schema as before (guarded or data only)"
};
Verdict judge(const Evidence& evidence);

}  // namespace belay::migrate
