#include "uarch/slot_index.h"

#include "base/bits.h"

namespace svasim::uarch {

slot_index::slot_index(const geometry& shape)
    : m_ways(shape.ways),
      m_words_per_set(static_cast<std::uint32_t>(base::divide_up(shape.ways, 64))),
      m_used(std::size_t{shape.sets()} * m_words_per_set),
      m_used_in_set(shape.sets()),
      m_hashes(shape.entries),
      m_slots(0, hash_of_slot{m_hashes.data()}, same{}) {
  m_slots.reserve(shape.entries);
}

std::uint32_t slot_index::free_way(std::uint32_t set) const {
  if (m_used_in_set[set] == m_ways) {
    return none;
  }
  const std::uint64_t* const words = &m_used[std::size_t{set} * m_words_per_set];
  std::uint32_t i = 0;
  while (words[i] == ~std::uint64_t{0}) {
    ++i;
  }
  return 64 * i + static_cast<std::uint32_t>(__builtin_ctzll(~words[i]));
}

void slot_index::add(std::uint32_t set, std::uint32_t way, std::uint64_t hash) {
  m_used[std::size_t{set} * m_words_per_set + way / 64] |= std::uint64_t{1} << (way % 64);
  ++m_used_in_set[set];
  const std::uint32_t slot = set * m_ways + way;
  m_hashes[slot] = static_cast<std::uint32_t>(hash);
  m_slots.insert(slot);
}

void slot_index::remove(std::uint32_t set, std::uint32_t way) {
  m_used[std::size_t{set} * m_words_per_set + way / 64] &= ~(std::uint64_t{1} << (way % 64));
  --m_used_in_set[set];
  m_slots.erase(set * m_ways + way);
}

}  // namespace svasim::uarch
