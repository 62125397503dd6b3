// What the ATC asks for ahead of time: further translations of a request, and prefetches.
#include <utility>

#include "tlm/device/atc.h"

namespace svasim::device {

using kit::later;
using kit::now;

// The STUs behind it that the request asks for as well: up to the first that is known or being
// asked for. Nobody waits for them yet. Returns for how many it asks.
std::uint32_t atc::take_riders(std::uint32_t index) {
  const std::uint32_t most = m_params.translations_per_request;
  if (most == 1 || m_pages[index].speculative) return 1;
  std::uint32_t count = 1;
  std::uint32_t last = index;
  for (std::uint64_t number = m_pages[index].number + 1; number % most != 0; ++number) {
    const page& w = m_pages[index];
    if (m_params.coalesce && m_asked.find(page_id{w.key.tag(), number}) != m_asked.end()) break;
    if (m_store.holds(w.key, number << m_stu_shift, w.write)) break;
    const std::uint32_t rider = new_page(w.key, number);
    page& r = m_pages[rider];
    r.now = state::asked;
    r.speculative = true;
    r.write = w.write;
    r.address = number << m_stu_shift;
    m_pages[last].next_rider = rider;
    last = rider;
    m_stats.prefetches += 1;
    ++count;
  }
  if (count == 1) return 1;
  m_pages[index].entries = m_free_entries.back();
  m_free_entries.pop_back();
  return count;
}

// Each has the entry that covers it; all are of one size. What the completion does not reach, or
// does not grant, is asked for by itself where somebody waits for it.
void atc::riders_completed(std::uint32_t rider, const several& of) {
  const arch::ats_completion* const entries = &m_entries[of.place];
  const unsigned shift = entries->size_shift;
  const std::uint64_t first = of.address >> shift;
  while (rider != none) {
    page& w = m_pages[rider];
    const std::uint32_t index = std::exchange(rider, w.next_rider);
    const std::uint64_t n = (w.address >> shift) - first;
    const bool covered = entries->status == arch::ats_status::success && n < of.count;
    w.path = {later(of.path.missed, w.missed), later(of.path.on_link, w.missed),
              later(of.path.at_smmu, w.missed), later(of.path.walked, w.missed), now()};
    if (covered) w.completion = entries[n];
    const bool stale = covered && is_stale(w);
    if (stale) m_stats.stale += 1;
    if (!covered || !w.completion.granted() || stale) {
      w.asked_before = true;
      w.first == none ? conclude(index, true) : ask(index);
      continue;
    }
    if (!m_store.holds(w.key, w.address, w.completion.write)) {
      m_store.fill(w.key, w.address, w.completion);
    }
    serve(index);
  }
  m_free_entries.push_back(of.place);
}

void atc::prefetch_behind(const page& w) {
  for (std::uint32_t n = 1; n <= m_params.prefetch && m_requests < m_params.requests; ++n) {
    const std::uint64_t number = w.number + n;
    if (m_params.coalesce && m_asked.find(page_id{w.key.tag(), number}) != m_asked.end()) continue;
    if (m_store.holds(w.key, number << m_stu_shift, false)) continue;
    const std::uint32_t index = new_page(w.key, number);
    m_pages[index].speculative = true;
    m_stats.prefetches += 1;
    ask(index);
  }
}

}  // namespace svasim::device
