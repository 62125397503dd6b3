// Shape of a set-associative structure, as a platform gives it.
#pragma once

#include <cstdint>

namespace svasim::uarch {

/// Which way of a full set makes room for a new entry. Invalid ways are always filled first, lowest
/// way first, and re-inserting an entry counts as a hit.
enum class replacement : std::uint8_t {
  lru,                 ///< least recently used, exact
  tree_plru,           ///< a binary tree of bits a set; ways must be a power of two
  round_robin,         ///< one pointer a set, advanced after each replacement, starts at way 0
  shared_round_robin,  ///< one pointer for all sets, advanced before each replacement: gem5's
                       ///< SMMUv3
  random,              ///< uniform, from the seed given at construction
  srrip,  ///< static re-reference interval prediction, 2 bits: insert at 2, a hit sets 0
};

/// entries == 0: the structure is absent, every lookup misses. ways == entries: fully associative.
struct geometry {
  static constexpr std::uint32_t max_entries = 1u << 26;
  static constexpr std::uint32_t max_ways = 1u << 16;

  std::uint32_t entries = 0;
  std::uint32_t ways = 0;
  /// Lowest address bit of the set index, for pages smaller than it; 0: that of each page.
  std::uint32_t index_bit = 0;

  std::uint32_t sets() const { return entries == 0 ? 0 : entries / ways; }
  /// Throws base::input_error where the shape cannot be built: "64 entries are no multiple of 5
  /// ways", "tree_plru needs a power of two of ways, not 12", "ways must be 1 to 65536, not 0",
  /// "entries must be at most 67108864, not 67108865".
  void check(replacement policy) const;
};

/// "lru", "tree_plru" ... as in platform files.
const char* to_string(replacement policy);

}  // namespace svasim::uarch
