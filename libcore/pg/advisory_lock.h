// Session-level advisory locks, polled: a waiter never holds a snapshot that a CREATE INDEX
// CONCURRENTLY would wait for.
#pragma once

#include <chrono>
#include <cstdint>

#include "libcore/base/cancellation.h"
#include "libcore/base/clock.h"
#include "libcore/pg/connection.h"

namespace belay::pg {

inline constexpr std::int32_t kLockClass = 0x62656C61;  // "bela"
inline constexpr std::int32_t kDatabaseLock = 1;        // backups shared, migrate exclusive

enum class LockMode { shared, exclusive };

// Held until destroyed; `connection` must outlive it and stay otherwise idle or in autocommit.
class AdvisoryLock {
 public:
  // Polls until `wait` has passed; then Error{lock_timeout} that names the holders (pid,
  // application name, address, since when).
  AdvisoryLock(Connection& connection, std::int32_t key, LockMode mode,
               std::chrono::milliseconds wait, Clock& clock, const Cancellation& cancellation);
  ~AdvisoryLock();
  AdvisoryLock(const AdvisoryLock&) = delete;
  AdvisoryLock& operator=(const AdvisoryLock&) = delete;

  // True if the session still exists and still holds it.
  bool still_held();

 private:
  Connection& connection_;
  std::int32_t key_;
  LockMode mode_;
};

// True if any session holds it in the database of `connection`.
bool lock_is_taken(Connection& connection, std::int32_t key, LockMode mode);

}  // namespace belay::pg
