// For look-up by address.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "libcore/catalog/object.h"

namespace belay::catalog {

struct AddressHash {
  std::size_t operator()(const Address& address) const {
    return std::hash<std::uint64_t>()((std::uint64_t{address.classid} << 32) | address.objid);
  }
};

template <typename T>
using ByAddress = std::unordered_map<Address, T, AddressHash>;

}  // namespace belay::catalog
