#include "tlm/memory/line_store.h"

#include "base/bits.h"

namespace svasim::memory {

line_store::line_store(const uarch::geometry& shape, uarch::replacement policy, std::uint64_t seed)
    : m_ways((shape.check(policy), shape.ways)),
      m_sets(shape.sets()),
      m_mask(base::is_power_of_two(m_sets) ? m_sets - 1 : 0),
      m_words(shape.entries),
      m_ready(shape.entries),
      m_replacement(shape, policy, seed) {}

bool line_store::access(std::uint64_t number, bool write, base::duration present,
                        base::duration& ready) {
  const std::uint32_t set = set_of(number);
  const std::uint32_t way = find(set, number);
  if (way == none) return false;
  m_replacement.touch(set, way);
  const std::uint64_t slot = std::uint64_t{set} * m_ways + way;
  std::uint64_t& word = m_words[slot];
  if (write) word |= dirty_bit;
  if ((word & pending_bit) != 0) {
    if (ready < m_ready[slot]) ready = m_ready[slot];
    if (m_ready[slot] <= present) word &= ~pending_bit;
  }
  return true;
}

line_store::evicted_line line_store::insert(std::uint64_t number, bool dirty,
                                            base::duration ready) {
  const std::uint32_t set = set_of(number);
  std::uint64_t* const row = &m_words[std::uint64_t{set} * m_ways];
  std::uint32_t way = 0;
  while (way < m_ways && (row[way] & valid_bit) != 0) ++way;
  evicted_line out;
  if (way == m_ways) {
    way = m_replacement.victim(set);
    out = {true, (row[way] & dirty_bit) != 0, row[way] >> 3};
  }
  row[way] = number << 3 | valid_bit | pending_bit | (dirty ? dirty_bit : 0);
  m_ready[std::uint64_t{set} * m_ways + way] = ready;
  m_replacement.fill(set, way);
  return out;
}

}  // namespace svasim::memory
