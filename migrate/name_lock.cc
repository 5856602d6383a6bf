#include "migrate/name_lock.h"

#include "libcore/base/digest.h"

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
                   std::chrono::milliseconds wait, Clock& clock, const Cancellation& cancellation)
    : lock_(maintenance, key_of(database), pg::LockMode::exclusive, wait, clock, cancellation) {}

}  // namespace belay::migrate
