#include "tlm/software/fault_ring.h"

#include "tlm/kit/time.h"

namespace svasim::software {

fault_ring::fault_ring(const char* name, std::uint64_t base, std::uint32_t entries,
                       const kernel_costs& kernel, const vmm_costs& costs, stats::group* parent)
    : m_base(base),
      m_entries(entries),
      m_kernel(kernel),
      m_costs(costs),
      m_stats(parent, name),
      m_signal(sc_core::sc_gen_unique_name(name)) {}

bool fault_ring::push(kit::task& t, const arch::page_request& r) {
  m_lock.lock(t);
  std::uint32_t tail = 0;
  t.read(m_base + 64, &tail, sizeof tail);
  const bool room = m_head - tail < m_entries;
  if (room) {
    t.compute(m_costs.record);
    const arch::pri_words words = arch::encode(r);
    t.write(place(m_head), words.data(), sizeof words);
    ++m_head;
    t.write(m_base, &m_head, sizeof m_head);
    m_stats.written += 1;
    m_stats.used.change(kit::now(), 1);
  } else {
    m_stats.refused += 1;
  }
  m_lock.unlock();
  if (room) {
    t.compute(m_kernel.eventfd);
    m_signal.raise();
  }
  return room;
}

std::optional<arch::page_request> fault_ring::pop(kit::task& t) {
  std::uint32_t head = 0;
  t.read(m_base, &head, sizeof head);
  if (head == m_tail) return std::nullopt;
  arch::pri_words words{};
  t.read(place(m_tail), words.data(), sizeof words);
  t.compute(m_costs.record);
  ++m_tail;
  t.write(m_base + 64, &m_tail, sizeof m_tail);
  m_stats.used.change(kit::now(), -1);
  return arch::decode_page_request(words);
}

}  // namespace svasim::software
