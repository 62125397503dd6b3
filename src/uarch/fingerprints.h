// Finds the ways of a set that may hold a key, all ways at once and without a branch that depends
// on which way it is: comparing keys one by one costs a misprediction on most hits.
//
// Each way has 16 bits of a hash of its key, 0 for an invalid way. Four share a word: way w stands
// in word w % words of its set, lane w / words, so that the results of all words merge into
// one mask whose lowest bit is the lowest way. A match is a candidate; the caller compares the
// whole key.
#pragma once

#include <cstdint>

#include "base/bits.h"
#include "uarch/geometry.h"
#include "uarch/zeroed_array.h"

namespace svasim::uarch {

class fingerprints {
 public:
  /// The layout could hold 64; above 16 a slot_index measures faster.
  static constexpr std::uint32_t max_ways = 16;
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// shape.ways <= max_ways.
  explicit fingerprints(const geometry& shape)
      : m_ways(shape.ways),
        m_words(static_cast<std::uint32_t>(base::divide_up(shape.ways, lanes))),
        m_prints(std::size_t{shape.sets()} * m_words) {}

  /// The way of `set` with the fingerprint of `hash` for which `matches(way)`, or `none`.
  template <class Matches>
  std::uint32_t find(std::uint32_t set, std::uint64_t hash, const Matches& matches) const {
    return first_of(equal(set, print(hash)), matches);
  }
  /// The same for insertions, which share code rather than spread it: there are many of them beside
  /// each other in one transaction.
  template <class Matches>
  std::uint32_t find_shared(std::uint32_t set, std::uint64_t hash, const Matches& matches) const {
    return first_of(candidates(set, hash), matches);
  }
  /// The lowest invalid way of `set`, or `none`.
  std::uint32_t free_way(std::uint32_t set) const;
  void add(std::uint32_t set, std::uint32_t way, std::uint64_t hash) {
    word_of(set, way) |= print(hash) << shift_of(way);
  }
  /// Another hash for a valid way.
  void replace(std::uint32_t set, std::uint32_t way, std::uint64_t hash) {
    std::uint64_t& word = word_of(set, way);
    const unsigned shift = shift_of(way);
    word = (word & ~(base::low_mask(lane_bits) << shift)) | print(hash) << shift;
  }
  void remove(std::uint32_t set, std::uint32_t way) {
    word_of(set, way) &= ~(base::low_mask(lane_bits) << shift_of(way));
  }

 private:
  static constexpr unsigned lanes = 4;
  static constexpr unsigned lane_bits = 16;
  static constexpr std::uint64_t each_lane = 0x0001000100010001;
  static constexpr std::uint64_t below_top = 0x7fff7fff7fff7fff;

  std::uint64_t candidates(std::uint32_t set, std::uint64_t hash) const;
  template <class Matches>
  std::uint32_t first_of(std::uint64_t hits, const Matches& matches) const {
    for (; hits != 0; hits &= hits - 1) {
      const std::uint32_t way = way_of(hits);
      if (matches(way)) return way;
    }
    return none;
  }
  static std::uint64_t print(std::uint64_t hash) { return (hash >> 48) | 1; }  // never 0
  std::uint64_t equal(std::uint32_t set, std::uint64_t print) const {
    const std::uint64_t* const words = &m_prints[std::size_t{set} * m_words];
    const std::uint64_t wanted = print * each_lane;
    std::uint64_t found = 0;
    for (std::uint32_t i = 0; i < m_words; ++i) {
      const std::uint64_t differs = words[i] ^ wanted;
      // The top bit of each lane that is zero, exactly: no carry leaves a lane.
      const std::uint64_t zero = ~(((differs & below_top) + below_top) | differs | below_top);
      found |= zero >> (lane_bits - 1 - i);
    }
    return found;
  }
  std::uint32_t way_of(std::uint64_t mask) const {
    const auto at = static_cast<std::uint32_t>(__builtin_ctzll(mask));
    return at / lane_bits * m_words + at % lane_bits;
  }
  std::uint64_t& word_of(std::uint32_t set, std::uint32_t way) {
    return m_prints[std::size_t{set} * m_words + way % m_words];
  }
  unsigned shift_of(std::uint32_t way) const { return way / m_words * lane_bits; }

  std::uint32_t m_ways;
  std::uint32_t m_words;  // a set
  zeroed_array<std::uint64_t> m_prints;
};

}  // namespace svasim::uarch
