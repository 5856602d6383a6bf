// A clock that moves only when told to, or when somebody sleeps on it.
#pragma once

#include <mutex>

#include "libcore/base/clock.h"

namespace belay::testing {

// Thread-safe.
class FakeClock : public Clock {
 public:
  explicit FakeClock(std::string_view start = "2026-01-02T03:04:05.000006Z")
      : now_(from_iso8601(start)) {}

  Moment now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::steady_clock::time_point steady() const override {
    std::lock_guard lock(mutex_);
    return steady_;
  }
  void sleep(std::chrono::milliseconds duration) override { advance(duration); }

  void advance(std::chrono::microseconds duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
    steady_ += duration;
  }
  // The wall clock jumps, as after NTP; the steady one does not.
  void set(std::string_view moment) {
    std::lock_guard lock(mutex_);
    now_ = from_iso8601(moment);
  }

 private:
  mutable std::mutex mutex_;
  Moment now_;                                      // guarded by mutex_
  std::chrono::steady_clock::time_point steady_{};  // guarded by mutex_
};

}  // namespace belay::testing
