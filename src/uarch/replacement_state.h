// The state of a replacement policy for all sets of a structure. One class with a switch instead of
// one class a policy: a hit costs a predictable branch, not an indirect call.
//
// LRU up to 16 ways is one word a set, four bits a way, most recent lowest; above that a linked
// list. SRRIP keeps its two bits as bit planes, so that searching and ageing go 64 ways at a time.
#pragma once

#include <array>
#include <cstdint>

#include "base/rng.h"
#include "uarch/geometry.h"
#include "uarch/zeroed_array.h"

namespace svasim::uarch {

class replacement_state {
 public:
  /// `shape` has passed check(policy). `seed` matters for replacement::random only.
  replacement_state(const geometry& shape, replacement policy, std::uint64_t seed);

  /// A hit in `way` of `set`.
  void touch(std::uint32_t set, std::uint32_t way) {
    switch (m_engine) {
      case engine::lru_word:
        return touch_word(m_words[set], way);
      case engine::lru_list:
        return touch_list(set, way);
      case engine::tree_plru:
        return touch_tree(set, way);
      case engine::srrip:
        return set_interval(set, way, 0);
      case engine::round_robin:
      case engine::shared_round_robin:
      case engine::random:
        return;
    }
  }
  /// A hit in slot set * ways + way. Not inline: it stands in every lookup, and the host's
  /// instruction cache limits a walk.
  void touch_slot(std::uint32_t slot);
  /// `way` of `set` received a new entry.
  void fill(std::uint32_t set, std::uint32_t way) {
    if (m_engine == engine::srrip) {
      set_interval(set, way, 2);
    } else {
      touch(set, way);
    }
  }
  /// The way that makes room. Every way of `set` holds an entry. Advances pointers and ages.
  std::uint32_t victim(std::uint32_t set);

 private:
  enum class engine : std::uint8_t {
    lru_word,
    lru_list,
    tree_plru,
    round_robin,
    shared_round_robin,
    random,
    srrip
  };
  struct link {
    std::uint32_t newer, older;
  };
  static constexpr std::uint32_t max_word_ways = 16;
  static constexpr unsigned no_shift = 32;
  static constexpr std::uint64_t each_nibble = 0x1111111111111111;
  // Words are kept xor this, so that zeroed memory reads as ways in descending order of recency
  // 0..15.
  static constexpr std::uint64_t initial_order = 0xfedcba9876543210;

  static engine choose(const geometry& shape, replacement policy);
  static void touch_word(std::uint64_t& word, std::uint32_t way);
  void touch_list(std::uint32_t set, std::uint32_t way);
  void touch_tree(std::uint32_t set, std::uint32_t way);
  void set_interval(std::uint32_t set, std::uint32_t way, unsigned interval);
  std::uint32_t tree_victim(std::uint32_t set) const;
  std::uint32_t srrip_victim(std::uint32_t set);

  std::uint64_t* plane(std::uint32_t set, unsigned bit) {
    return &m_words[(std::uint64_t{set} * 2 + bit) * m_words_per_set];
  }

  // What a touch of a way does to the bits of its tree, for trees of one word.
  struct path {
    std::uint64_t keep, away;
  };

  engine m_engine;
  std::uint32_t m_ways;
  unsigned m_way_shift;  // log2 of the ways, no_shift where they are no power of two
  std::uint32_t m_words_per_set;
  std::uint32_t m_shared_pointer = 0;
  zeroed_array<std::uint64_t> m_words;     // order words, trees or planes
  zeroed_array<std::uint32_t> m_pointers;  // round robin: next victim; LRU list: most recent way
  zeroed_array<link> m_links;
  std::array<path, 64> m_paths{};
  base::rng m_rng;
};

inline void replacement_state::touch_word(std::uint64_t& word, std::uint32_t way) {
  const std::uint64_t order = word ^ initial_order;
  const std::uint64_t differs = order ^ (each_nibble * way);
  // The lowest nibble of `differs` that is zero; borrows only disturb nibbles above it.
  const std::uint64_t zeros = (differs - each_nibble) & ~differs & (each_nibble << 3);
  const std::uint64_t up_to_way = (zeros & (~zeros + 1)) * 2 - 1;
  word = ((order & ~up_to_way) | ((order << 4) & up_to_way) | way) ^ initial_order;
}

inline void replacement_state::touch_list(std::uint32_t set, std::uint32_t way) {
  const std::uint32_t newest = m_pointers[set];
  if (way == newest) {
    return;
  }
  link* const links = &m_links[std::uint64_t{set} * m_ways];  // a ring: newest.newer is the oldest
  const std::uint32_t oldest = links[newest].newer;
  if (way != oldest) {
    links[links[way].newer].older = links[way].older;
    links[links[way].older].newer = links[way].newer;
    links[way] = {oldest, newest};
    links[oldest].older = way;
    links[newest].newer = way;
  }
  m_pointers[set] = way;
}

inline void replacement_state::touch_tree(std::uint32_t set, std::uint32_t way) {
  if (m_words_per_set == 1) {
    const path& p = m_paths[way];
    m_words[set] = (m_words[set] & p.keep) | p.away;
    return;
  }
  std::uint64_t* const tree = &m_words[std::uint64_t{set} * m_words_per_set];
  // Leaves are nodes ways..2*ways-1; each inner node is left pointing away from the touched side.
  for (std::uint32_t node = way + m_ways; node > 1; node /= 2) {
    const std::uint32_t parent = node / 2;
    const std::uint64_t mask = std::uint64_t{1} << (parent % 64);
    std::uint64_t& word = tree[parent / 64];
    word = node % 2 == 0 ? word | mask : word & ~mask;
  }
}

inline void replacement_state::set_interval(std::uint32_t set, std::uint32_t way,
                                            unsigned interval) {
  const std::uint64_t mask = std::uint64_t{1} << (way % 64);
  for (unsigned bit = 0; bit < 2; ++bit) {
    std::uint64_t& word = plane(set, bit)[way / 64];
    word = (interval >> bit & 1) != 0 ? word | mask : word & ~mask;
  }
}

}  // namespace svasim::uarch
