// The sessions of a group of workers, so that the failure of one can stop what the others wait for.
#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "libcore/pg/connection.h"

namespace belay::restore {

// Thread-safe.
class Sessions {
 public:
  // Cancels what runs now; sessions that enter later are not touched.
  void cancel_all() noexcept {
    std::lock_guard lock(mutex_);
    for (pg::Connection* connection : live_) connection->cancel();
  }

  // Keeps `connection` known for its lifetime.
  class Entry {
   public:
    Entry(Sessions& sessions, pg::Connection& connection)
        : sessions_(sessions), connection_(connection) {
      std::lock_guard lock(sessions_.mutex_);
      sessions_.live_.insert(&connection_);
    }
    ~Entry() {
      std::lock_guard lock(sessions_.mutex_);
      sessions_.live_.erase(&connection_);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Sessions& sessions_;
    pg::Connection& connection_;
  };

 private:
  std::mutex mutex_;
  std::set<pg::Connection*> live_;  // guarded by mutex_
};

}  // namespace belay::restore
