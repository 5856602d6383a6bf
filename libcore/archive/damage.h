// How the archive layer says that bytes do not hold together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libcore/base/error.h"

namespace belay::archive {

// A member, and where its content begins in the archive.
struct Where {
  std::string_view member;
  std::uint64_t offset = 0;
};

// Error{damaged} that names the member and the offset.
[[noreturn]] void throw_damaged(const Where& where, std::string_view cause);

// Runs `work`; damage that it reports without naming a member is of this one.
template <typename Work>
decltype(auto) in_member(const Where& where, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::damaged || !error.object().empty()) throw;
    throw_damaged(where, error.cause());
  }
}

// For defects found where no member is known; in_member() adds it.
[[noreturn]] void throw_damaged(std::string_view cause);

}  // namespace belay::archive
