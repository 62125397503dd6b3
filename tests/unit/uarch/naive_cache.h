// The slowest cache that could work: vectors of ways, each policy written as its textbook says,
// sharing no code with src/uarch. The model in the property tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "uarch/geometry.h"

namespace svasim::test {

struct naive_entry {
  std::uint64_t tag = 0, address = 0;
  unsigned shift = 0;
  std::uint64_t payload = 0;
  bool operator==(const naive_entry& o) const {
    return tag == o.tag && address == o.address && shift == o.shift && payload == o.payload;
  }
};

class naive_cache {
 public:
  naive_cache(uarch::geometry shape, uarch::replacement policy, std::uint64_t seed)
      : m_policy(policy), m_ways(shape.ways), m_random(seed) {
    m_sets.resize(shape.sets());
    for (set& s : m_sets) {
      s.ways.resize(m_ways);
      s.rrpv.resize(m_ways, 3);
      s.points_right.resize(m_ways, false);
    }
  }

  std::optional<naive_entry> lookup(std::uint64_t tag, std::uint64_t address, bool use) {
    for (unsigned shift = 0; shift < 64; ++shift) {
      if (const auto found = lookup(tag, address, shift, use)) {
        return found;
      }
    }
    return std::nullopt;
  }
  std::optional<naive_entry> lookup(std::uint64_t tag, std::uint64_t address, unsigned shift,
                                    bool use) {
    if (m_sets.empty()) {
      return std::nullopt;
    }
    set& s = set_of(address, shift);
    for (unsigned w = 0; w < m_ways; ++w) {
      if (same(s.ways[w], tag, address, shift)) {
        if (use) {
          touch(s, w);
        }
        return s.ways[w];
      }
    }
    return std::nullopt;
  }

  std::optional<naive_entry> insert(const naive_entry& e) {
    if (m_sets.empty()) {
      return std::nullopt;
    }
    set& s = set_of(e.address, e.shift);
    const naive_entry aligned{e.tag, e.address >> e.shift << e.shift, e.shift, e.payload};
    for (unsigned w = 0; w < m_ways; ++w) {
      if (same(s.ways[w], e.tag, e.address, e.shift)) {
        s.ways[w] = aligned;
        touch(s, w);
        return std::nullopt;
      }
    }
    const auto free = std::find(s.ways.begin(), s.ways.end(), std::nullopt);
    const auto way =
        free != s.ways.end() ? static_cast<unsigned>(free - s.ways.begin()) : victim(s);
    const std::optional<naive_entry> evicted = s.ways[way];
    s.ways[way] = aligned;
    touch(s, way);
    s.rrpv[way] = 2;
    return evicted;
  }

  unsigned invalidate(const std::function<bool(const naive_entry&)>& doomed) {
    unsigned n = 0;
    for (set& s : m_sets) {
      for (auto& w : s.ways) {
        if (w && doomed(*w)) {
          w.reset();
          ++n;
        }
      }
    }
    return n;
  }

  std::vector<naive_entry> content() const {
    std::vector<naive_entry> out;
    for (const set& s : m_sets) {
      for (const auto& w : s.ways) {
        if (w) {
          out.push_back(*w);
        }
      }
    }
    return out;
  }

 private:
  struct set {
    std::vector<std::optional<naive_entry>> ways;
    std::list<unsigned> recent;  // most recent first
    std::vector<unsigned> rrpv;
    std::vector<bool> points_right;  // tree nodes in heap order, from 1
    unsigned pointer = 0;
  };

  set& set_of(std::uint64_t address, unsigned shift) {
    return m_sets[(address >> shift) % m_sets.size()];
  }
  static bool same(const std::optional<naive_entry>& e, std::uint64_t tag, std::uint64_t address,
                   unsigned shift) {
    return e && e->tag == tag && e->shift == shift && e->address >> shift == address >> shift;
  }

  void touch(set& s, unsigned way) {
    s.recent.remove(way);
    s.recent.push_front(way);
    s.rrpv[way] = 0;
    unsigned node = 1, low = 0, size = m_ways;
    while (size > 1 && m_policy == uarch::replacement::tree_plru) {
      size /= 2;
      const bool went_right = way >= low + size;
      s.points_right[node] = !went_right;
      low += went_right ? size : 0;
      node = 2 * node + (went_right ? 1 : 0);
    }
  }

  unsigned victim(set& s) {
    switch (m_policy) {
      case uarch::replacement::lru:
        return s.recent.back();
      case uarch::replacement::tree_plru: {
        unsigned node = 1, low = 0;
        for (unsigned size = m_ways / 2; size >= 1; size /= 2) {
          low += s.points_right[node] ? size : 0;
          node = 2 * node + (s.points_right[node] ? 1 : 0);
        }
        return low;
      }
      case uarch::replacement::round_robin:
        return s.pointer++ % m_ways;
      case uarch::replacement::shared_round_robin:
        return ++m_shared % m_ways;
      case uarch::replacement::random:
        return static_cast<unsigned>(m_random.below(m_ways));
      case uarch::replacement::srrip:
        while (true) {
          const auto distant = std::find(s.rrpv.begin(), s.rrpv.end(), 3u);
          if (distant != s.rrpv.end()) {
            return static_cast<unsigned>(distant - s.rrpv.begin());
          }
          for (unsigned& v : s.rrpv) {
            ++v;
          }
        }
    }
    return 0;
  }

  uarch::replacement m_policy;
  unsigned m_ways;
  unsigned m_shared = 0;
  base::rng m_random;
  std::vector<set> m_sets;
};

}  // namespace svasim::test
