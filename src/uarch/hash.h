// A fast mixing function for the indexes of this folder. Not for anything that ends up in a result.
#pragma once

#include <cstdint>

namespace svasim::uarch {

/// 64 well-mixed bits of two words: one widening multiply.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(a ^ 0xa0761d6478bd642fu) * (b ^ 0xe7037ed1a0b428dbu);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace svasim::uarch
