// Finds an entry of a highly associative structure in constant time: a hash set of slot numbers,
// where a slot is set * ways + way. `fingerprints` does the same for few ways.
#pragma once

#include <tsl/robin_set.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "uarch/geometry.h"
#include "uarch/zeroed_array.h"

namespace svasim::uarch {

/// All memory is allocated at construction.
class slot_index {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// entries == 0 makes an empty shell.
  explicit slot_index(const geometry& shape);

  /// The slot that was added with this hash and for which `matches(slot)`, or `none`.
  template <class Matches>
  std::uint32_t find(std::uint64_t hash, const Matches& matches) const {
    const auto it = m_slots.find(query<Matches>{matches}, static_cast<std::uint32_t>(hash));
    return it == m_slots.end() ? none : *it;
  }
  /// The lowest way of `set` that was not added, or `none`.
  std::uint32_t free_way(std::uint32_t set) const;
  void add(std::uint32_t set, std::uint32_t way, std::uint64_t hash);
  /// Another hash for a slot that was added.
  void replace(std::uint32_t slot, std::uint64_t hash) {
    m_slots.erase(slot);
    m_hashes[slot] = static_cast<std::uint32_t>(hash);
    m_slots.insert(slot);
  }
  void remove(std::uint32_t set, std::uint32_t way);

 private:
  template <class Matches>
  struct query {
    const Matches& matches;
  };
  struct hash_of_slot {
    const std::uint32_t* hashes;
    std::size_t operator()(std::uint32_t slot) const { return hashes[slot]; }
  };
  struct same {
    using is_transparent = void;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    template <class M>
    bool operator()(std::uint32_t slot, const query<M>& q) const {
      return q.matches(slot);
    }
    template <class M>
    bool operator()(const query<M>& q, std::uint32_t slot) const {
      return q.matches(slot);
    }
  };

  std::uint32_t m_ways;
  std::uint32_t m_words_per_set;
  zeroed_array<std::uint64_t> m_used;  // a bit for each way, m_words_per_set words a set
  zeroed_array<std::uint32_t> m_used_in_set;
  zeroed_array<std::uint32_t> m_hashes;
  tsl::robin_set<std::uint32_t, hash_of_slot, same, std::allocator<std::uint32_t>, true> m_slots;
};

}  // namespace svasim::uarch
