// The tags of a cache of equal lines: one word a line, so that a set lies in two cache lines of the
// host and a 64 MiB cache costs 8 MiB. uarch::set_associative_cache holds entries of mixed sizes
// with a payload and takes five times that, which every access of the simulation would feel.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "uarch/geometry.h"
#include "uarch/replacement_state.h"
#include "uarch/zeroed_array.h"

namespace svasim::memory {

/// Lines are known by their number, address / line size, below 2^61. The number of sets need not be
/// a power of two.
class line_store {
 public:
  struct evicted_line {
    bool valid = false;
    bool dirty = false;
    std::uint64_t number = 0;
  };
  /// Throws base::input_error where geometry::check does.
  line_store(const uarch::geometry& shape, uarch::replacement policy, std::uint64_t seed = 1);

  /// If the line is here: true, `ready` is raised to when its data is, and with `write` it becomes
  /// dirty.
  bool access(std::uint64_t number, bool write, base::duration present, base::duration& ready);
  bool holds(std::uint64_t number) const { return find(set_of(number), number) != none; }
  /// Enter a line that is not here, with data from `ready` on. Returns the line that had to leave.
  evicted_line insert(std::uint64_t number, bool dirty, base::duration ready);

 private:
  static constexpr std::uint64_t valid_bit = 1, dirty_bit = 2, pending_bit = 4;
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  std::uint32_t set_of(std::uint64_t number) const {
    return static_cast<std::uint32_t>(m_mask != 0 ? number & m_mask : number % m_sets);
  }
  std::uint32_t find(std::uint32_t set, std::uint64_t number) const {
    const std::uint64_t* row = &m_words[std::uint64_t{set} * m_ways];
    const std::uint64_t wanted = number << 3 | valid_bit;
    for (std::uint32_t way = 0; way < m_ways; ++way) {
      if ((row[way] & ~(dirty_bit | pending_bit)) == wanted) return way;
    }
    return none;
  }

  std::uint32_t m_ways;
  std::uint32_t m_sets;
  std::uint64_t m_mask;  // 0 where the number of sets is no power of two (or is one)
  uarch::zeroed_array<std::uint64_t> m_words;
  uarch::zeroed_array<base::duration> m_ready;  // of lines whose pending bit is set
  uarch::replacement_state m_replacement;
};

}  // namespace svasim::memory
