#include "libcore/archive/damage.h"

#include <fmt/format.h>

namespace belay::archive {
namespace {
constexpr std::string_view kDamaged = "the archive is damaged";
}

void throw_damaged(const Where& where, std::string_view cause) {
  throw Error(ErrorKind::damaged, std::string(kDamaged))
      .object(where.member)
      .cause(fmt::format("at offset {}: {}", where.offset, cause));
}

void throw_damaged(std::string_view cause) {
  throw Error(ErrorKind::damaged, std::string(kDamaged)).cause(cause);
}

}  // namespace belay::archive
