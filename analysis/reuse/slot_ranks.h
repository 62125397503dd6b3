// A row of slots, taken from the bottom up and released anywhere, that tells how many taken slots
// lie above one: the order statistics under an exact LRU stack. One bit a slot, a count in eight
// bits per 64 slots, and a Fenwick tree over blocks of 512; the block being filled stays out of the
// tree, since most accesses reach no further back than that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace svasim::reuse {

class slot_ranks {
 public:
  using slot = std::uint32_t;
  static constexpr slot block_slots = 512;

  /// All free. `capacity` is a multiple of block_slots, at least one block.
  explicit slot_ranks(slot capacity)
      : m_bits(capacity / 64), m_counts(capacity / block_slots), m_tree(m_counts.size() + 1) {}

  /// Slots that are taken.
  std::uint32_t size() const { return m_size; }
  slot capacity() const { return static_cast<slot>(m_bits.size() * 64); }

  /// Take `s`, which is free and above all that are or were taken.
  void take(slot s) {
    const std::size_t block = s / block_slots;
    while (m_open < block) close();
    m_bits[s / 64] |= std::uint64_t{1} << (s % 64);
    m_counts[block] += one_in(s);
    ++m_size;
  }

  /// `s` is taken.
  void release(slot s) {
    const std::size_t block = s / block_slots;
    m_bits[s / 64] &= ~(std::uint64_t{1} << (s % 64));
    m_counts[block] -= one_in(s);
    --m_size;
    if (block != m_open) add(block, ~std::uint32_t{0});
  }

  /// Taken slots above `s`.
  std::uint32_t above(slot s) const {
    const std::size_t block = s / block_slots;
    const std::uint32_t near =
        ones(m_bits[s / 64] >> (s % 64) >> 1) + sum(m_counts[block] >> lane(s) >> 8);
    return block == m_open ? near : near + m_size - up_to(block);
  }

  /// f(slot) for each taken slot, from the bottom.
  template <class F>
  void for_each(F f) const {
    for (std::size_t w = 0; w < m_bits.size(); ++w) {
      for (std::uint64_t left = m_bits[w]; left != 0; left &= left - 1) {
        f(static_cast<slot>(w * 64 + static_cast<unsigned>(__builtin_ctzll(left))));
      }
    }
  }

 private:
  static constexpr unsigned lane(slot s) { return s / 64 % 8 * 8; }
  static constexpr std::uint64_t one_in(slot s) { return std::uint64_t{1} << lane(s); }

  // Spelled out, because without a target option the compiler calls a function for a popcount.
  static constexpr std::uint32_t ones(std::uint64_t v) {
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return static_cast<std::uint32_t>(v * 0x0101010101010101u >> 56);
  }
  // Of the eight counts of a block, each at most 64.
  static constexpr std::uint32_t sum(std::uint64_t counts) {
    constexpr std::uint64_t even = 0x00ff00ff00ff00ffu;
    return static_cast<std::uint32_t>(
        ((counts & even) + (counts >> 8 & even)) * 0x0001000100010001u >> 48);
  }

  void close() {
    add(m_open, sum(m_counts[m_open]));
    ++m_open;
  }
  // Counts wrap around, so that adding ~0 takes one away.
  void add(std::size_t block, std::uint32_t n) {
    for (std::size_t i = block + 1; i < m_tree.size(); i += i & (0 - i)) m_tree[i] += n;
  }
  // Taken slots in the closed blocks [0, block].
  std::uint32_t up_to(std::size_t block) const {
    std::uint32_t n = 0;
    for (std::size_t i = block + 1; i != 0; i &= i - 1) n += m_tree[i];
    return n;
  }

  std::vector<std::uint64_t> m_bits;
  std::vector<std::uint64_t> m_counts;  // per block, eight counts of eight bits
  std::vector<std::uint32_t> m_tree;
  std::size_t m_open = 0;
  std::uint32_t m_size = 0;
};

}  // namespace svasim::reuse
