// Cancellation on request: one flag, and the places that must hear of it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

namespace belay {

// Thread-safe. Once requested it stays requested.
class Cancellation {
 public:
  // From any thread (not from a signal handler; tools has a thread that waits for signals).
  // Runs every registered callback once.
  void request();
  bool requested() const { return requested_.load(std::memory_order_acquire); }
  // Throws Error{cancelled} if requested.
  void check() const;

  // Keeps `on_request` registered for its lifetime; runs it at once if already requested. The
  // callback runs on the requesting thread and must not throw or register callbacks.
  class Registration {
   public:
    Registration(Cancellation& cancellation, std::function<void()> on_request);
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    Cancellation& cancellation_;
    int key_ = 0;
  };

 private:
  std::atomic<bool> requested_{false};
  std::mutex mutex_;
  std::map<int, std::function<void()>> callbacks_;  // guarded by mutex_
  int next_key_ = 1;                                // guarded by mutex_
};

}  // namespace belay
