#include "migrate/name_lock.h"

#include <fmt/format.h>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"

namespace belay::migrate {
namespace {

// 31 bits of the name's hash, with the sign bit set: pg::kDatabaseLock and its like are positive.
std::int32_t key_of(std::string_view database) {
  const std::string hex = sha256(database).hex();
  const auto bits = static_cast<std::uint32_t>(std::stoul(hex.substr(0, 8), nullptr, 16));
  return static_cast<std::int32_t>(bits | 0x80000000U);
}

}  // namespace

NameLock::NameLock(pg::Connection& maintenance, std::string_view database,
                   std::chrono::milliseconds wait, Clock& clock,
                   const Cancellation& cancellation) try
    : lock_(maintenance, key_of(database), pg::LockMode::exclusive, wait, clock, cancellation) {
} catch (Error& error) {
  // The lock is about that database, whichever it lies in.
  if (error.kind() == ErrorKind::lock_timeout) error.object(fmt::format("database {}", database));
  throw;
}

}  // namespace belay::migrate
