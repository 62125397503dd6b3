#include "tlm/smmu/pri_queue.h"

#include "arch/walk.h"
#include "tlm/kit/time.h"

namespace svasim::smmu {

using kit::now;

pri_queue::pri_queue(sc_core::sc_module_name name, const pri_queue_params& params,
                     const arch::register_view& regs, base::pa base, gerror& errors,
                     stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_regs(regs),
      m_log2_entries(params.log2_entries),
      m_base(base),
      m_errors(errors),
      m_stats(parent),
      m_work("work"),
      m_pending(params.pending) {
  SC_HAS_PROCESS(pri_queue);
  SC_THREAD(run);
}

bool pri_queue::take(const arch::page_request& r) {
  if (!m_pending.push(r)) return false;
  m_stats.requests += 1;
  m_stats.pending.change(now(), 1);
  if (m_hops != nullptr && r.last) {
    m_hops->enter({r.sid, r.has_ssid ? r.ssid.value() : 0, r.prg_index}, kit::hop::smmu_priq,
                  now());
  }
  m_work.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void pri_queue::place(base::pa base, unsigned log2_entries) {
  m_base = base;
  m_log2_entries = log2_entries;
}

void pri_queue::set_prod(std::uint32_t value) {
  m_prod = value & wrap_mask();
  m_overflow = (value >> 31) != 0;
}

void pri_queue::run() {
  for (;;) {
    while (m_pending.empty()) sc_core::wait(m_work);
    handle(m_pending.front());
    m_pending.pop();
    m_stats.pending.change(now(), -1);
    if (on_room) on_room();
  }
}

void pri_queue::handle(const arch::page_request& r) {
  if (!m_regs.priq_enabled || m_errors.is_active(global_error::priq_abort)) return refuse(r);
  if (unacknowledged()) return lose(r);
  if (full()) {
    m_overflow = !m_overflow;
    m_stats.overflows += 1;
    return lose(r);
  }
  if (!write(r)) {
    m_errors.raise(global_error::priq_abort);
    return refuse(r);
  }
  // Software may have emptied the queue while the request was written, and then sleeps.
  const bool was_empty = ((m_prod - m_cons) & wrap_mask()) == 0;
  m_prod = (m_prod + 1) & wrap_mask();
  m_stats.written += 1;
  if (m_on_last ? r.last : was_empty) interrupt();
}

void pri_queue::refuse(const arch::page_request& r) {
  const auto answer = arch::refusal(r);
  (answer ? m_stats.refused : m_stats.stop_markers_lost) += 1;
  if (answer && on_response) on_response(*answer);
}

void pri_queue::lose(const arch::page_request& r) {
  if (m_on_last && r.last) interrupt();
  const auto ppar = arch::needs_ppar(r, m_regs.caps) ? ppar_of(r.sid) : arch::response_pasid::with;
  const auto answer = arch::overflow_response(r, m_regs.caps, ppar);
  (answer ? m_stats.answered : r.is_stop_marker() ? m_stats.stop_markers_lost : m_stats.lost) += 1;
  if (answer && on_response) on_response(*answer);
}

void pri_queue::interrupt() {
  m_stats.interrupts += 1;
  if (on_interrupt) on_interrupt();
}

bool pri_queue::write(const arch::page_request& r) {
  const arch::pri_words words = arch::encode(r);
  const base::pa at = m_base + (m_prod & (entries() - 1)) * 16ull;
  return m_memory.write(to_memory, at, words.data(), 16);
}

// The walk knows where the STE lies; it is left as soon as that is read.
arch::response_pasid pri_queue::ppar_of(base::stream_id sid) {
  arch::translation_walk walk;
  arch::access_request any;
  any.sid = sid;
  walk.start(m_regs, any);
  while (walk.next() == arch::translation_walk::step::fetch) {
    const arch::fetch_request f = walk.fetch();
    arch::structure_words words{};
    if (!m_memory.read(to_memory, f.address, words.data(), f.size)) break;
    if (f.kind == arch::fetch_kind::ste) {
      const arch::ste s = arch::decode_ste(words);
      if (arch::check(s, m_regs.caps) != nullptr) break;
      return s.ppar ? arch::response_pasid::with : arch::response_pasid::without;
    }
    walk.supply(words.data());
  }
  return arch::response_pasid::unknown;
}

}  // namespace svasim::smmu
