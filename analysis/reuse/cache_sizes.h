// The caches of every size that one stream of accesses goes through: fully associative ones exactly
// by their stack, a set-associative one per size, and the sampled estimate.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/reuse/lru_stack.h"
#include "analysis/reuse/miss_counts.h"
#include "analysis/reuse/sampling.h"
#include "analysis/reuse/set_lru.h"

namespace svasim::reuse {

struct cache_options {
  static constexpr std::uint64_t min_entries = 16;
  static constexpr std::uint64_t fewest_max_entries = 4096;

  std::uint64_t max_entries = fewest_max_entries;  ///< a power of two
  std::uint32_t ways = 0;  ///< of the set-associative caches, a power of two; 0 for none
  std::optional<sample_rate> rate;

  /// The sizes of a curve: powers of two from 16, or from `set_ways` where that is more.
  std::vector<std::uint64_t> sizes(std::uint32_t set_ways) const;
  /// What the set-associative caches take, in bytes.
  std::uint64_t set_bytes() const;
};

class cache_sizes {
 public:
  explicit cache_sizes(const cache_options& options);

  /// False where no size hits. `first_touch`: `id` comes for the first time. `repeats` accesses to
  /// the same page follow at once. `sampled`: the page is in the sample.
  bool access(std::uint32_t id, std::uint64_t page, bool first_touch, std::uint64_t repeats,
              bool sampled) {
    const bool hit = count(m_stack, m_depths, id, first_touch, repeats);
    for (set_cache& s : m_sets) s.misses += s.cache.access(id, page) ? 0 : 1;
    if (sampled) count(m_sampled_stack, m_sampled_depths, id, first_touch, repeats);
    return hit;
  }
  /// A cache without limit holds the page.
  void remove(std::uint32_t id, std::uint64_t page, bool sampled) {
    m_invalidated.hit(m_stack.remove(id));
    for (set_cache& s : m_sets) s.invalidated += s.cache.remove(id, page) ? 1 : 0;
    if (sampled) m_sampled_stack.remove(id);
  }

  const depth_histogram& depths() const { return m_depths; }
  const depth_histogram& sampled_depths() const { return m_sampled_depths; }
  std::vector<miss_point> fully_associative() const;
  /// Empty without ways.
  std::vector<miss_point> set_associative() const;
  /// Entries that remove() took from a fully associative cache of `entries` entries, at least 1.
  std::uint64_t invalidated(std::uint64_t entries) const {
    return m_invalidated.accesses() - m_invalidated.misses(entries);
  }
  /// Entries that remove() took from the set-associative cache of this size; 0 where there is none.
  std::uint64_t set_invalidated(std::uint64_t entries) const;

 private:
  struct set_cache {
    std::uint64_t entries;
    set_lru cache;
    std::uint64_t misses = 0;
    std::uint64_t invalidated = 0;
  };

  static bool count(lru_stack& stack, depth_histogram& depths, std::uint32_t id, bool first_touch,
                    std::uint64_t repeats) {
    const std::uint32_t depth = stack.access(id);
    if (depth == lru_stack::absent) {
      depths.miss(first_touch, repeats);
      return false;
    }
    depths.hit(depth, repeats);
    return true;
  }
  miss_point point(std::uint64_t entries, std::uint64_t misses) const;

  cache_options m_options;
  lru_stack m_stack;
  depth_histogram m_depths;
  depth_histogram m_invalidated;  // depth of what was removed
  lru_stack m_sampled_stack;
  depth_histogram m_sampled_depths;
  std::vector<set_cache> m_sets;
};

}  // namespace svasim::reuse
