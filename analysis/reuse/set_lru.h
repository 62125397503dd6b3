// A set-associative cache with LRU in each set, for counting misses only: the set is the page
// number modulo the number of sets, and free ways are filled first.
#pragma once

#include <cstdint>

#include "uarch/zeroed_array.h"

namespace svasim::reuse {

class set_lru {
 public:
  /// `sets` is a power of two; `ways` at least 1. Throws std::bad_alloc.
  set_lru(std::uint32_t sets, std::uint32_t ways)
      : m_mask(sets - 1), m_ways(ways), m_line(std::size_t{sets} * ways), m_used(sets) {}

  /// True on a hit. `page` chooses the set, `id` tells pages apart.
  bool access(std::uint32_t id, std::uint64_t page) {
    const auto set = static_cast<std::uint32_t>(page) & m_mask;
    std::uint32_t* const line = &m_line[std::size_t{set} * m_ways];
    const std::uint32_t used = m_used[set];
    // Each line takes the one above it until the page is found: it is on top then.
    std::uint32_t moving = id;
    for (std::uint32_t i = 0; i < used; ++i) {
      const std::uint32_t here = line[i];
      line[i] = moving;
      if (here == id) return true;
      moving = here;
    }
    if (used < m_ways) {
      line[used] = moving;
      m_used[set] = used + 1;
    }
    return false;
  }

  /// True if it was there.
  bool remove(std::uint32_t id, std::uint64_t page) {
    const auto set = static_cast<std::uint32_t>(page) & m_mask;
    std::uint32_t* const line = &m_line[std::size_t{set} * m_ways];
    const std::uint32_t used = m_used[set];
    std::uint32_t i = 0;
    while (i < used && line[i] != id) ++i;
    if (i == used) return false;
    for (; i + 1 < used; ++i) line[i] = line[i + 1];
    m_used[set] = used - 1;
    return true;
  }

 private:
  std::uint32_t m_mask;
  std::uint32_t m_ways;
  uarch::zeroed_array<std::uint32_t> m_line;  // each set's pages, most recent first
  uarch::zeroed_array<std::uint32_t> m_used;  // ways with a page, by set
};

}  // namespace svasim::reuse
