// The part of the TBU behind the translation: on to the interconnect, and the answers back.
#include <algorithm>
#include <stdexcept>

#include "tlm/smmu/stream_keys.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tbu_access.h"

namespace svasim::smmu {

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

// Inlined into forward(), through which each hit goes.
[[gnu::always_inline]] inline base::duration tbu::send(payload& p, duration at) {
  const duration start = later(at + m_params.egress_latency, m_egress_free);
  m_egress_free = start + m_cycle;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const duration present = now();
  sc_core::sc_time t = to_sc(start - present);
  if (to_interconnect->nb_transport_fw(p, phase, t) != tlm::TLM_COMPLETED) {
    m_offered = &p;
    return kit::never;
  }
  const duration answered = present + from_sc(t);
  completed(extension_of(p), answered);
  return answered;
}

[[gnu::always_inline]] inline base::duration tbu::leave_now(payload& p, duration at) {
  if (p.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) {  // it does not go to memory
    completed(extension_of(p), at);
    return at;
  }
  enter_stage(extension_of(p), stage::tbu_egress, at);
  if (m_offered == nullptr && m_egress.empty()) return send(p, at);
  if (!m_egress.push(&p)) throw std::logic_error("TBU egress overflow");
  return kit::never;
}

// At once, or when those before it have left.
[[gnu::always_inline]] inline base::duration tbu::leave(payload& p, duration at) {
  if (m_params.release == release_rule::out_of_order) return leave_now(p, at);
  enter_stage(extension_of(p), stage::tbu_release, at);
  duration own = kit::never;
  m_order.ready(order_key(p), &p, [&](payload* q) {
    const duration answered = leave_now(*q, later(now(), extension_of(*q).log->since()));
    if (q == &p) {
      own = answered;
    } else if (answered != kit::never) {
      answer(*q, answered);
    }
  });
  return own;
}

// A transaction that had to wait for its translation; its own lookup may not be over yet.
void tbu::pass_on(payload& p, const arch::translation& t) {
  const duration answered = forward(p, t, later(now(), extension_of(p).log->since()));
  if (answered != kit::never) answer(p, answered);
}

// Returns when memory's answer is here; kit::never while that is not known.
base::duration tbu::forward(payload& p, const arch::translation& t, duration at) {
  dma_extension& ext = extension_of(p);
  const std::uint64_t offset = offset_in(t, ext.address.value());
  ext.translated = t.output + offset;
  ext.stage1_output = t.ipa + offset;
  if (on_translated) on_translated(access_of(p), t, ext.translated, ext);
  p.set_address(ext.translated.value());
  return leave(p, at);
}

void tbu::answer(payload& p, duration at) {
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(at - now());
  from_root_complex->nb_transport_bw(p, phase, t);
}

// The answer to the request that the interconnect had not taken at once; those behind it go on.
tlm::tlm_sync_enum tbu::response(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  const duration at = now() + from_sc(t);
  m_offered = nullptr;
  completed(extension_of(p), at);
  answer(p, at);
  while (m_offered == nullptr && !m_egress.empty()) {
    payload& next = *m_egress.pop();  // its lookup may not be over yet
    const duration answered = send(next, later(now(), extension_of(next).log->since()));
    if (answered != kit::never) answer(next, answered);
  }
  retry_refused();
  return tlm::TLM_COMPLETED;
}

// CD.A = 0 and CMD_RESUME may ask for RAZ/WI: the access ends well, reading zeros.
void tbu::fail(payload& p, const arch::translation_result& r) {
  m_stats.faults += 1;
  const bool zero = r.response == arch::fault_response::zero;
  if (zero) {
    m_stats.zeroed += 1;
    if (p.is_read() && !extension_of(p).timing_only) {
      std::fill_n(p.get_data_ptr(), p.get_data_length(), static_cast<unsigned char>(0));
    }
  }
  p.set_response_status(zero ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  const duration answered = leave(p, later(now(), extension_of(p).log->since()));
  if (answered != kit::never) answer(p, answered);
}

}  // namespace svasim::smmu
