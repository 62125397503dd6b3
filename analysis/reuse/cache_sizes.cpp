#include "analysis/reuse/cache_sizes.h"

#include <algorithm>

namespace svasim::reuse {

std::vector<std::uint64_t> cache_options::sizes(std::uint32_t set_ways) const {
  std::vector<std::uint64_t> out;
  for (std::uint64_t n = std::max<std::uint64_t>(min_entries, set_ways); n <= max_entries; n *= 2) {
    out.push_back(n);
  }
  return out;
}

std::uint64_t cache_options::set_bytes() const {
  if (ways == 0) return 0;
  std::uint64_t n = 0;
  for (const std::uint64_t entries : sizes(ways)) n += (entries + entries / ways) * 4;
  return n;
}

cache_sizes::cache_sizes(const cache_options& options) : m_options(options) {
  if (options.ways == 0) return;
  for (const std::uint64_t entries : options.sizes(options.ways)) {
    const auto sets = static_cast<std::uint32_t>(entries / options.ways);
    m_sets.push_back({entries, set_lru(sets, options.ways)});
  }
}

miss_point cache_sizes::point(std::uint64_t entries, std::uint64_t misses) const {
  miss_point p;
  p.entries = entries;
  p.misses = misses;
  p.compulsory = m_depths.compulsory();
  p.coherence = m_depths.coherence();
  const std::uint64_t full = m_depths.misses(entries);
  p.capacity = full - m_depths.floor();
  p.conflict = static_cast<std::int64_t>(misses) - static_cast<std::int64_t>(full);
  return p;
}

std::vector<miss_point> cache_sizes::fully_associative() const {
  std::vector<miss_point> out;
  for (const std::uint64_t n : m_options.sizes(0)) out.push_back(point(n, m_depths.misses(n)));
  return out;
}

std::vector<miss_point> cache_sizes::set_associative() const {
  std::vector<miss_point> out;
  for (const set_cache& s : m_sets) out.push_back(point(s.entries, s.misses));
  return out;
}

std::uint64_t cache_sizes::set_invalidated(std::uint64_t entries) const {
  for (const set_cache& s : m_sets) {
    if (s.entries == entries) return s.invalidated;
  }
  return 0;
}

}  // namespace svasim::reuse
