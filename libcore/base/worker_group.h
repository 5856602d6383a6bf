// Threads that live and fail together.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace belay {

// The first exception of any worker wins; the others are dropped, because they are its echo.
// Owned by one thread; the destructor stops and joins.
class WorkerGroup {
 public:
  // `stop` runs once, on the failing thread or in the destructor: it must make every worker
  // return soon (close queues, cancel statements) and must not throw.
  explicit WorkerGroup(std::function<void()> stop);
  ~WorkerGroup();
  WorkerGroup(const WorkerGroup&) = delete;
  WorkerGroup& operator=(const WorkerGroup&) = delete;

  void start(std::function<void()> work);
  // Joins all; rethrows the first failure.
  void join();
  // The owner itself failed: stop the workers. join() must still be called, or the destructor.
  void fail(std::exception_ptr error);

 private:
  std::function<void()> stop_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr first_;  // guarded by mutex_
  bool stopped_ = false;      // guarded by mutex_
};

}  // namespace belay
