#include "libcore/base/cancellation.h"

#include <utility>

#include "libcore/base/error.h"

namespace belay {

void Cancellation::request() {
  // The callbacks run under the lock: when ~Registration returns, its callback is not running and
  // never will, so what it refers to may go.
  std::lock_guard lock(mutex_);
  if (requested_.exchange(true, std::memory_order_acq_rel)) return;
  for (const auto& [key, on_request] : callbacks_) on_request();
  callbacks_.clear();
}

void Cancellation::check() const {
  if (requested()) throw Error(ErrorKind::cancelled, "cancelled");
}

Cancellation::Registration::Registration(Cancellation& cancellation,
                                         std::function<void()> on_request)
    : cancellation_(cancellation) {
  {
    std::lock_guard lock(cancellation_.mutex_);
    if (!cancellation_.requested()) {
      key_ = cancellation_.next_key_++;
      cancellation_.callbacks_.emplace(key_, std::move(on_request));
      return;
    }
  }
  on_request();
}

Cancellation::Registration::~Registration() {
  std::lock_guard lock(cancellation_.mutex_);
  cancellation_.callbacks_.erase(key_);
}

}  // namespace belay
