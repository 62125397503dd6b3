#include "tlm/smmu/event_queue.h"

#include <cstring>

namespace svasim::smmu {

using kit::extension_of;
using kit::to_sc;

event_queue::event_queue(sc_core::sc_module_name name, const event_queue_params& params,
                         base::pa base, stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_params(params),
      m_base(base),
      m_stats(parent),
      m_work("work"),
      m_pending(params.pending) {
  SC_HAS_PROCESS(event_queue);
  SC_THREAD(run);
}

void event_queue::record(const arch::event& e) {
  if (!m_pending.push(e)) {
    m_stats.discarded_pending += 1;
    return;
  }
  m_work.notify(sc_core::SC_ZERO_TIME);
}

void event_queue::run() {
  const std::uint32_t wrap_mask = 2 * entries() - 1;
  for (;;) {
    while (m_pending.empty()) sc_core::wait(m_work);
    const arch::event_words words = arch::encode(m_pending.pop());
    if (((m_prod - m_cons) & wrap_mask) == entries()) {
      m_stats.discarded_full += 1;
      if (m_overflow == ((m_cons >> 31) != 0)) m_overflow = !m_overflow;
      continue;
    }
    m_writing = true;
    tlm::tlm_generic_payload& p = m_pool.take(
        tlm::TLM_WRITE_COMMAND, (m_base + (m_prod & (entries() - 1)) * 32ull).value(), 32);
    extension_of(p).kind = kit::traffic::queue;
    extension_of(p).log = nullptr;
    std::memcpy(p.get_data_ptr(), words.data(), 32);
    sc_core::sc_time t;
    to_memory->b_transport(p, t);
    sc_core::wait(t);
    p.release();
    m_writing = false;
    // Software may have emptied the queue while the record was written, and then sleeps.
    const bool was_empty = ((m_prod - m_cons) & wrap_mask) == 0;
    m_prod = (m_prod + 1) & wrap_mask;
    m_stats.recorded += 1;
    if (was_empty && on_interrupt) on_interrupt();
  }
}

}  // namespace svasim::smmu
