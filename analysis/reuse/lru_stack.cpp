#include "analysis/reuse/lru_stack.h"

#include <utility>

namespace svasim::reuse {

// Keeps the order. Three in four slots are free afterwards, so that an access pays for at most a
// third of a move. Holes below the last page go: free entries there are without end anyway.
void lru_stack::renumber() {
  slot_ranks::slot capacity = m_ranks.capacity();
  while (m_ranks.size() > capacity / 4) capacity *= 2;
  slot_ranks ranks(capacity);
  top_set holes(capacity);
  std::vector<page_id> pages(capacity);
  slot_ranks::slot next = 0;
  m_ranks.for_each([&](slot_ranks::slot s) {
    const bool hole = m_holes.contains(s);
    if (hole && next == 0) return;
    ranks.take(next);
    if (hole) {
      holes.insert(next);
    } else {
      pages[next] = m_page[s];
      m_slot[m_page[s]] = next;
    }
    ++next;
  });
  m_ranks = std::move(ranks);
  m_holes = std::move(holes);
  m_page = std::move(pages);
  m_next = next;
}

}  // namespace svasim::reuse
