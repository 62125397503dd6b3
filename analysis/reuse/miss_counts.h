// Miss counts of every cache size from one pass, and what the misses are due to (the 3 C of Hill
// and Smith 1989, and the coherence misses that invalidations add).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace svasim::reuse {

/// Accesses by the depth at which lru_stack found them.
class depth_histogram {
 public:
  /// One access that hits in caches of more than `depth` entries, and `repeats` more right behind
  /// it to the same page.
  void hit(std::uint32_t depth, std::uint64_t repeats = 0) {
    if (depth >= m_hits.size()) m_hits.resize(depth + std::size_t{1});
    ++m_hits[depth];
    m_accesses += 1 + repeats;
    m_immediate += repeats;
  }
  /// One that hits nowhere: the first to its page, or the first since the page was invalidated.
  void miss(bool first_touch, std::uint64_t repeats = 0) {
    ++(first_touch ? m_compulsory : m_coherence);
    m_accesses += 1 + repeats;
    m_immediate += repeats;
  }

  std::uint64_t accesses() const { return m_accesses; }
  std::uint64_t compulsory() const { return m_compulsory; }
  std::uint64_t coherence() const { return m_coherence; }
  /// Misses of a cache without limit: no size has fewer.
  std::uint64_t floor() const { return m_compulsory + m_coherence; }
  /// Misses with `entries` entries, at least 1.
  std::uint64_t misses(std::uint64_t entries) const {
    std::uint64_t n = m_accesses - m_immediate;
    const auto shown = std::min<std::uint64_t>(entries, m_hits.size());
    for (std::size_t d = 0; d < shown; ++d) n -= m_hits[d];
    return n;
  }
  /// The fewest entries with at most `misses` misses, which is at least floor(); at least 1.
  std::uint64_t entries_for(std::uint64_t misses) const {
    std::uint64_t n = m_accesses - m_immediate;
    std::size_t d = 0;
    while (d < m_hits.size() && (n > misses || d == 0)) n -= m_hits[d++];
    return std::max<std::uint64_t>(d, 1);
  }

 private:
  std::vector<std::uint64_t> m_hits;  // by depth
  std::uint64_t m_accesses = 0;
  std::uint64_t m_immediate = 0;
  std::uint64_t m_compulsory = 0;
  std::uint64_t m_coherence = 0;
};

/// Misses of one size. The causes add up to the misses.
struct miss_point {
  std::uint64_t entries = 0;
  std::uint64_t misses = 0;
  std::uint64_t compulsory = 0;  ///< first accesses to a page
  std::uint64_t coherence = 0;   ///< more that a cache without limit has: pages invalidated
  std::uint64_t capacity = 0;    ///< more that a fully associative cache of this size has
  /// The rest. Below 0 where the sets do better than LRU over all entries, as with cyclic accesses.
  std::int64_t conflict = 0;
};

}  // namespace svasim::reuse
