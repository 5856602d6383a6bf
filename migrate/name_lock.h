// One run of migrate, rollback or swap for each database name of a server.
#pragma once

#include <chrono>
#include <string_view>

#include "libcore/pg/advisory_lock.h"

namespace belay::migrate {

// An advisory lock in the maintenance database, keyed by the database's name: it outlives the
// database that has the name, as a swap needs. Never the key of the lock inside a database.
// Contract as pg::AdvisoryLock.
class NameLock {
 public:
  NameLock(pg::Connection& maintenance, std::string_view database, std::chrono::milliseconds wait,
           Clock& clock, const Cancellation& cancellation);
  bool still_held() { return lock_.still_held(); }

 private:
  pg::AdvisoryLock lock_;
};

}  // namespace belay::migrate
