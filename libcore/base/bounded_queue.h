// Hands values from one thread to another and makes the faster one wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace belay {

// Thread-safe. push() blocks while `capacity` values wait; pop() blocks while none does.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False if the queue was closed: the value was not taken and its producer should stop.
  [[nodiscard]] bool push(T value) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [&] { return closed_ || values_.size() < capacity_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    not_empty_.notify_one();
    return true;
  }

  // Nothing once the queue is finished and empty, or closed.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return closed_ || finished_ || !values_.empty(); });
    if (closed_ || values_.empty()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    not_full_.notify_one();
    return value;
  }

  // No more values will come; what waits is still handed out.
  void finish() {
    std::lock_guard lock(mutex_);
    finished_ = true;
    not_empty_.notify_all();
  }

  // Something failed: drops what waits and releases everybody.
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    values_.clear();
    not_empty_.notify_all();
    not_full_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<T> values_;   // guarded by mutex_
  bool finished_ = false;  // guarded by mutex_
  bool closed_ = false;    // guarded by mutex_
};

}  // namespace belay
