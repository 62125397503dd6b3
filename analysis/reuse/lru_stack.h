// Stack distances of fully associative LRU caches of every size at once (Mattson, Gecsei, Slutz and
// Traiger 1970), with removal of single pages. The cache of C entries holds the pages in the first
// C places of the stack.
//
// A removed page leaves a hole in its place: in every cache that held it an entry is free now. An
// access to the page in place p puts it on top. Let h be the first place with a hole.
//   h < p: the pages above h move down by one, into the hole, and p becomes a hole. Caches of less
//          than h entries evict; from h to p - 1 they fill the free entry; from p on they hit, and
//          have as many free entries as before.
//   else:  the pages above p move down by one.
// A page that is in no cache has p beyond the end. Taking the removed page out of the stack instead
// would move all below it up, into caches that evicted them long ago.
//
// A place is a slot in the order of last use (slot_ranks.h), a hole a slot without a page, so all
// of this is O(log n). Slots are renumbered when they run out; memory follows the number of pages.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/reuse/slot_ranks.h"
#include "analysis/reuse/top_set.h"

namespace svasim::reuse {

class lru_stack {
 public:
  static constexpr std::uint32_t absent = ~std::uint32_t{0};

  /// Number of a page: small and dense, since memory grows with the largest; below 2^28.
  using page_id = std::uint32_t;

  /// Makes `page` the most recent. Returns the entries a cache must have more than to hit: 0 for
  /// the page used last; `absent` where no cache hits.
  std::uint32_t access(page_id page) {
    if (page >= m_slot.size()) m_slot.resize(page + 1u, absent);
    if (m_next != 0 && m_slot[page] == m_next - 1) return 0;
    if (m_next == m_ranks.capacity()) renumber();
    const slot_ranks::slot from = m_slot[page];
    const std::uint32_t depth = from == absent ? absent : m_ranks.above(from);
    give_up(from);
    m_ranks.take(m_next);
    m_page[m_next] = page;
    m_slot[page] = m_next++;
    return depth;
  }

  /// Takes `page` out of every cache. Returns what access() would have, `absent` where no cache
  /// holds it.
  std::uint32_t remove(page_id page) {
    if (page >= m_slot.size() || m_slot[page] == absent) return absent;
    const slot_ranks::slot s = m_slot[page];
    m_holes.insert(s);
    m_slot[page] = absent;
    return m_ranks.above(s);
  }

 private:
  static constexpr slot_ranks::slot first_capacity = slot_ranks::block_slots;

  // The place that a page leaves on its way to the top, or that a page from nowhere takes.
  void give_up(slot_ranks::slot from) {
    if (!m_holes.empty()) {
      const slot_ranks::slot hole = m_holes.largest();
      if (from == absent || hole > from) {
        m_holes.erase(hole);
        m_ranks.release(hole);
        if (from != absent) m_holes.insert(from);
        return;
      }
    }
    if (from != absent) m_ranks.release(from);
  }

  void renumber();

  slot_ranks m_ranks{first_capacity};
  top_set m_holes{first_capacity};
  std::vector<page_id> m_page = std::vector<page_id>(first_capacity);  // by slot
  std::vector<slot_ranks::slot> m_slot;                                // by page; absent
  slot_ranks::slot m_next = 0;
};

}  // namespace svasim::reuse
