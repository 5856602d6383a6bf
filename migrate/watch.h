// What is looked at while the command runs.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "libcore/pg/connection.h"
#include "migrate/run.h"
#include "migrate/run_locks.h"
#include "migrate/verdict.h"

namespace belay::migrate {

// Who else is connected, whether the locks are still held, and for whom the command waits.
class Watch {
 public:
  // Everything outlives it. `step` is told who keeps the command waiting.
  Watch(const RunOptions& options, const std::string& run, RunLocks& locks,
        Environment& environment, const Step& step);

  // About every 50 ms. False: the command must be stopped, for the reason of stop().
  bool look();

  Stop stop() const { return stop_; }
  bool others_connected() const { return others_connected_; }
  // Who kept it waiting when that was looked at last; empty: nobody.
  const std::string& waits_for() const { return waits_for_; }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  bool due(Moment& last, std::chrono::milliseconds interval);
  void look_for_others();
  void look_at_locks();
  void look_at_waits();

  const std::string run_;
  RunLocks& locks_;
  Environment& environment_;
  const Step& step_;
  pg::Connection connection_;   // with the command's role: another may not see its sessions
  std::set<int> there_before_;  // sessions that cannot be the command's
  Moment sessions_at_, locks_at_, waits_at_, told_at_;
  Stop stop_ = Stop::none;
  bool others_connected_ = false;
  std::string waits_for_;
};

}  // namespace belay::migrate
