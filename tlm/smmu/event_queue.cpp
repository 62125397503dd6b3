#include "tlm/smmu/event_queue.h"

#include <stdexcept>

namespace svasim::smmu {

event_queue::event_queue(sc_core::sc_module_name name, const event_queue_params& params,
                         const arch::register_view& regs, base::pa base, gerror& errors,
                         stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_params(params),
      m_regs(regs),
      m_log2_entries(params.log2_entries),
      m_base(base),
      m_errors(errors),
      m_stats(parent),
      m_work("work"),
      m_progress("progress"),
      m_pending(params.pending),
      m_stalls(params.stalls) {
  errors.when_acknowledged(global_error::eventq_abort, [this] { wake(); });
  SC_HAS_PROCESS(event_queue);
  SC_THREAD(run);
}

void event_queue::record(const arch::event& e, bool mev) {
  if (m_params.merge && is_merged(e, mev)) {
    m_stats.merged += 1;
    return;
  }
  if (!m_pending.push({e, mev, m_numbers++})) {
    m_stats.discarded_pending += 1;
    return;
  }
  ++m_accepted;
  wake();
}

void event_queue::record_stall(const arch::event& e) {
  if (!m_stalls.push({e, false, m_numbers++})) {
    throw std::logic_error("more stall records than places");
  }
  wake();
}

// Both records must allow it, or be of a type that may always be merged.
bool event_queue::is_merged(const arch::event& e, bool mev) const {
  for (std::uint32_t i = 0; i < m_pending.size(); ++i) {
    if (arch::may_merge(m_pending[i].event, e, mev && m_pending[i].mev)) return true;
  }
  const bool unread = ((m_prod ^ m_cons) & (2 * entries() - 1)) != 0;
  return (m_writing || (m_last_known && unread)) &&
         arch::may_merge(m_last.event, e, mev && m_last.mev);
}

void event_queue::write_cons(std::uint32_t value) {
  m_cons = value;
  wake();
}

void event_queue::place(base::pa base, unsigned log2_entries) {
  m_base = base;
  m_log2_entries = log2_entries;
  m_last_known = false;
}

void event_queue::set_prod(std::uint32_t value) {
  m_prod = value & (2 * entries() - 1);
  m_overflow = (value >> 31) != 0;
  m_last_known = false;
}

bool event_queue::blocked() const {
  return !m_regs.eventq_enabled || m_errors.is_active(global_error::eventq_abort);
}

bool event_queue::full() const {
  return ((m_prod - m_cons) & (2 * entries() - 1)) == entries();
}

void event_queue::run() {
  for (;;) {
    const bool writable = !blocked() && !full();
    if (writable && !(m_pending.empty() && m_stalls.empty())) {
      write_next();
    } else if (!writable && !m_pending.empty()) {
      discard();
    } else {
      sc_core::wait(m_work);
    }
  }
}

// The oldest record without stall; those that stall wait.
void event_queue::discard() {
  m_pending.pop();
  ++m_settled;
  m_progress.notify(sc_core::SC_ZERO_TIME);
  if (blocked()) {
    m_stats.discarded_disabled += 1;
    return;
  }
  m_stats.discarded_full += 1;
  if (m_overflow == ((m_cons >> 31) != 0)) {
    m_overflow = !m_overflow;
    m_stats.overflows += 1;
  }
}

void event_queue::write_next() {
  const bool stall = !m_stalls.empty() &&
                     (m_pending.empty() || m_stalls.front().number < m_pending.front().number);
  if (!stall) {
    if (!write(m_pending.pop())) m_stats.discarded_disabled += 1;
    ++m_settled;
    m_progress.notify(sc_core::SC_ZERO_TIME);
  } else if (write(m_stalls.front())) {
    m_stalls.pop();
    if (on_stall_room) on_stall_room();
  }
}

// False for an external abort; PROD then stays where it is.
bool event_queue::write(const item& i) {
  const std::uint32_t wrap_mask = 2 * entries() - 1;
  const arch::event_words words = arch::encode(i.event);
  m_writing = true;
  m_last = i;
  const bool good =
      m_memory.write(to_memory, m_base + (m_prod & (entries() - 1)) * 32ull, words.data(), 32);
  m_writing = false;
  m_last_known = good;
  if (!good) {
    m_errors.raise(global_error::eventq_abort);
    return false;
  }
  // Software may have emptied the queue while the record was written, and then sleeps.
  const bool was_empty = ((m_prod - m_cons) & wrap_mask) == 0;
  m_prod = (m_prod + 1) & wrap_mask;
  m_stats.recorded += 1;
  if (!was_empty) return true;
  m_stats.interrupts += 1;
  if (on_interrupt) on_interrupt();
  return true;
}

}  // namespace svasim::smmu
