#include "uarch/fingerprints.h"

namespace svasim::uarch {

std::uint64_t fingerprints::candidates(std::uint32_t set, std::uint64_t hash) const {
  return equal(set, print(hash));
}

std::uint32_t fingerprints::free_way(std::uint32_t set) const {
  const group* const groups = &m_prints[std::size_t{set} * m_groups];
  for (std::uint32_t i = 0; i < m_groups; ++i) {
    const std::uint64_t invalid = narrow(reinterpret_cast<group>(groups[i] == group{}));
    if (invalid == 0) continue;
    const std::uint32_t way = i * lanes + static_cast<std::uint32_t>(__builtin_ctzll(invalid)) / 8;
    return way < m_ways ? way : none;  // lanes beyond the last way are never used
  }
  return none;
}

}  // namespace svasim::uarch
