#include "libcore/pg/advisory_lock.h"

#include <algorithm>
#include <random>
#include <string>

#include "libcore/base/error.h"
#include "libcore/pg/embedded_sql.h"

namespace belay::pg {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{2000};
constexpr milliseconds kNap{200};  // how often a waiter looks for a cancellation

std::vector<Parameter> lock_parameters(std::int32_t key) {
  return {std::to_string(kLockClass), std::to_string(key)};
}

bool try_lock(Connection& connection, std::int32_t key, LockMode mode) {
  const char* sql = mode == LockMode::shared
                        ? "SELECT pg_catalog.pg_try_advisory_lock_shared($1::int4, $2::int4)"
                        : "SELECT pg_catalog.pg_try_advisory_lock($1::int4, $2::int4)";
  return connection.query(sql, lock_parameters(key)).boolean(0, 0);
}

// A question to pg_locks whose answer is yes or no.
bool ask_about(Connection& connection, std::string_view question, std::int32_t key, LockMode mode) {
  std::vector<Parameter> parameters = lock_parameters(key);
  parameters.emplace_back(mode == LockMode::shared ? "ShareLock" : "ExclusiveLock");
  return connection
      .query(select_sql(embedded_sql(), question, connection.server_major()), std::move(parameters))
      .boolean(0, 0);
}

std::string describe_holders(Connection& connection, std::int32_t key) {
  const Result holders = connection.query(
      select_sql(embedded_sql(), "advisory_lock_holders", connection.server_major()),
      lock_parameters(key));
  std::string text;
  for (int row = 0; row < holders.rows(); ++row) {
    if (!text.empty()) text += "; ";
    text += "process " + holders.string(row, holders.column("pid"));
    const std::string name = holders.string(row, holders.column("application_name"));
    const std::string address = holders.string(row, holders.column("address"));
    const std::string since = holders.string(row, holders.column("since"));
    if (!name.empty()) text += " (" + name + ")";
    if (!address.empty()) text += " from " + address;
    if (!since.empty()) text += ", connected since " + since;
  }
  return text;
}

}  // namespace

AdvisoryLock::AdvisoryLock(Connection& connection, std::int32_t key, LockMode mode,
                           std::chrono::milliseconds wait, Clock& clock,
                           const Cancellation& cancellation)
    : connection_(connection), key_(key), mode_(mode) {
  const std::chrono::steady_clock::time_point deadline = clock.steady() + wait;
  // Several waiters must not come back in step.
  std::minstd_rand random(static_cast<unsigned>(connection.backend_pid()));
  milliseconds pause = kFirstPause;
  for (;;) {
    cancellation.check();
    if (try_lock(connection_, key_, mode_)) return;
    if (clock.steady() >= deadline) {
      const std::string holders = describe_holders(connection_, key_);
      throw Error(ErrorKind::lock_timeout, "another run holds the lock")
          .object("database " + connection_.database())
          .cause(holders.empty() ? "it was let go just now" : holders)
          .next("wait for that run to end, or try longer with --wait");
    }
    const std::int64_t spread = pause.count() / 4;
    milliseconds left =
        pause + milliseconds(std::uniform_int_distribution<std::int64_t>(-spread, spread)(random));
    left = std::clamp(left, kFirstPause, kLongestPause);
    while (left > milliseconds(0) && clock.steady() < deadline) {
      cancellation.check();
      const milliseconds nap = std::min(left, kNap);
      clock.sleep(nap);
      left -= nap;
    }
    pause = std::min(pause * 3 / 2, kLongestPause);
  }
}

AdvisoryLock::~AdvisoryLock() {
  if (!connection_.alive()) return;
  try {
    connection_.query(mode_ == LockMode::shared
                          ? "SELECT pg_catalog.pg_advisory_unlock_shared($1::int4, $2::int4)"
                          : "SELECT pg_catalog.pg_advisory_unlock($1::int4, $2::int4)",
                      lock_parameters(key_));
  } catch (const Error&) {
    // Cancelled or lost: the lock goes with the session.
  }
}

bool AdvisoryLock::still_held() {
  if (!connection_.alive()) return false;
  try {
    return ask_about(connection_, "advisory_lock_held", key_, mode_);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unreachable) return false;
    throw;
  }
}

bool lock_is_taken(Connection& connection, std::int32_t key, LockMode mode) {
  return ask_about(connection, "advisory_lock_taken", key, mode);
}

}  // namespace belay::pg
