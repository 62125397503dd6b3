#include "uarch/fingerprints.h"

namespace svasim::uarch {

std::uint64_t fingerprints::candidates(std::uint32_t set, std::uint64_t hash) const {
  return equal(set, print(hash));
}

std::uint32_t fingerprints::free_way(std::uint32_t set) const {
  const std::uint64_t invalid = equal(set, 0);
  const std::uint32_t way = invalid == 0 ? none : way_of(invalid);
  return way < m_ways ? way : none;  // lanes beyond the last way are never used
}

}  // namespace svasim::uarch
