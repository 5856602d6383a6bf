#include "libcore/base/worker_group.h"

#include <utility>

namespace belay {

WorkerGroup::WorkerGroup(std::function<void()> stop) : stop_(std::move(stop)) {}

WorkerGroup::~WorkerGroup() {
  if (threads_.empty()) return;
  fail(nullptr);
  for (std::thread& thread : threads_) thread.join();
}

void WorkerGroup::start(std::function<void()> work) {
  threads_.emplace_back([this, work = std::move(work)] {
    try {
      work();
    } catch (...) {
      fail(std::current_exception());
    }
  });
}

void WorkerGroup::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  std::lock_guard lock(mutex_);
  if (first_) std::rethrow_exception(first_);
}

void WorkerGroup::fail(std::exception_ptr error) {
  {
    std::lock_guard lock(mutex_);
    if (!first_) first_ = std::move(error);
    if (std::exchange(stopped_, true)) return;
  }
  // Outside the lock: what it stops may fail at once, on threads that then come here.
  stop_();
}

}  // namespace belay
