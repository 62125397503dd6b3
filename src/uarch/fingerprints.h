// Finds the ways of a set that may hold a key, all ways at once and without a branch that depends
// on which way it is: comparing keys one by one costs a misprediction on most hits.
//
// Each way has 16 bits of a hash of its key, 0 for an invalid way, and eight ways are compared at a
// time (the compiler's vectors: SSE2, NEON). A match is a candidate; the caller compares the whole
// key.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bits.h"
#include "uarch/geometry.h"
#include "uarch/zeroed_array.h"

namespace svasim::uarch {

class fingerprints {
 public:
  static constexpr std::uint32_t max_ways = 64;
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// shape.ways <= max_ways.
  explicit fingerprints(const geometry& shape)
      : m_ways(shape.ways),
        m_groups(static_cast<std::uint32_t>(base::divide_up(shape.ways, lanes))),
        m_prints(std::size_t{shape.sets()} * m_groups) {}

  /// The way of `set` with the fingerprint of `hash` for which `matches(way)`, or `none`. At most
  /// one way may match.
  template <class Matches>
  std::uint32_t find(std::uint32_t set, std::uint64_t hash, const Matches& matches) const {
    return one_of(equal(set, print(hash)), matches);
  }
  /// The same for insertions, which share code rather than spread it: there are many of them beside
  /// each other in one transaction.
  template <class Matches>
  std::uint32_t find_shared(std::uint32_t set, std::uint64_t hash, const Matches& matches) const {
    return one_of(candidates(set, hash), matches);
  }
  /// The lowest invalid way of `set`, or `none`.
  std::uint32_t free_way(std::uint32_t set) const;
  /// `hash` is that of the key in this way from now on.
  void put(std::uint32_t set, std::uint32_t way, std::uint64_t hash) {
    store(set, way, print(hash));
  }
  void remove(std::uint32_t set, std::uint32_t way) { store(set, way, 0); }

 private:
  static constexpr unsigned lanes = 8;
  using group [[gnu::vector_size(16)]] = std::uint16_t;  // of ways 8 * i to 8 * i + 7
  using mask [[gnu::vector_size(8)]] = std::uint8_t;

  std::uint64_t candidates(std::uint32_t set, std::uint64_t hash) const;
  // `hits` has a byte for each lane, in it a bit for each group.
  template <class Matches>
  static std::uint32_t one_of(std::uint64_t hits, const Matches& matches) {
    for (; hits != 0; hits &= hits - 1) {
      const auto at = static_cast<std::uint32_t>(__builtin_ctzll(hits));
      const std::uint32_t way = at % lanes * lanes + at / lanes;
      if (matches(way)) return way;
    }
    return none;
  }
  static std::uint16_t print(std::uint64_t hash) {
    return static_cast<std::uint16_t>(hash >> 48 | 1);  // never 0
  }
  static std::uint64_t narrow(group g) {
    const mask m = __builtin_convertvector(g, mask);
    std::uint64_t out;
    std::memcpy(&out, &m, sizeof out);
    return out;
  }
  std::uint64_t equal(std::uint32_t set, std::uint16_t print) const {
    const group* const groups = &m_prints[std::size_t{set} * m_groups];
    const group wanted = group{} + print;
    group found{};
    for (std::uint32_t i = m_groups; i-- > 0;) {
      found = found + found - reinterpret_cast<group>(groups[i] == wanted);  // equal is -1
    }
    return narrow(found);
  }
  void store(std::uint32_t set, std::uint32_t way, std::uint16_t print) {
    m_prints[std::size_t{set} * m_groups + way / lanes][way % lanes] = print;
  }

  std::uint32_t m_ways;
  std::uint32_t m_groups;  // a set
  zeroed_array<group> m_prints;
};

}  // namespace svasim::uarch
