// The two locks of a run, and the sessions that hold them.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "libcore/base/environment.h"
#include "libcore/base/identity.h"
#include "migrate/run.h"

namespace belay::migrate {

// One in the maintenance database, keyed by the database's name, since it outlives a swap; one in
// the database, which keeps backups away.
class RunLocks {
 public:
  // Error{lock_timeout} that names who has one of them after options.wait.
  RunLocks(const RunOptions& options, const std::string& database, Environment& environment);
  ~RunLocks();

  enum class Held {
    yes,
    lost,         // somebody else has one, or the server cannot be reached
    other_server  // it was restarted, or another took its place: no session has survived
  };
  // Where a session was cut off it is made again, and its lock taken again, once.
  Held look();
  // Server processes of the sessions, which waiters for the locks wait for.
  const std::set<int>& pids() const { return pids_; }

 private:
  struct Sessions;
  std::unique_ptr<Sessions> take(std::chrono::milliseconds wait) const;
  void know();

  const RunOptions& options_;
  const std::string database_;
  Environment& environment_;
  std::unique_ptr<Sessions> sessions_;
  std::set<int> pids_;
  SourceIdentity server_;
  std::string started_;
};

}  // namespace belay::migrate
