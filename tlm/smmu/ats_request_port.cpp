#include "tlm/smmu/ats_request_port.h"

#include <algorithm>

#include "arch/ats_entries.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {

namespace {
constexpr unsigned stu_shift = 12;  // the smallest granule is the STU of all devices (IHI 0070 3.9)
}

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::now;
using kit::stage;
using kit::to_sc;

ats_request_port::ats_request_port(sc_core::sc_module_name name, std::uint32_t slots,
                                   base::duration dti_latency, stats::group* parent)
    : sc_module(name),
      from_root_complex("from_root_complex"),
      to_tcu("to_tcu"),
      m_dti_latency(dti_latency),
      m_stats(parent),
      m_slots(slots),
      m_answers("answer_due", slots) {
  for (std::uint32_t i = slots; i-- > 0;) m_free.push_back(i);
  from_root_complex.register_nb_transport_fw(this, &ats_request_port::request);
  to_tcu.register_nb_transport_bw(this, &ats_request_port::translated);
  SC_HAS_PROCESS(ats_request_port);
  SC_METHOD(answers);
  sensitive << m_answers.event();
  dont_initialize();
}

tlm::tlm_sync_enum ats_request_port::request(payload& p, tlm::tlm_phase& phase,
                                             sc_core::sc_time& t) {
  if (m_free.empty()) {
    m_stats.refused += 1;
    m_refused = &p;
    return tlm::TLM_ACCEPTED;
  }
  take(p, now() + from_sc(t));
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void ats_request_port::take(payload& p, base::duration at) {
  const std::uint32_t index = m_free.back();
  m_free.pop_back();
  m_stats.requests += 1;
  m_stats.slots.change(now(), 1);
  slot& s = m_slots[index];
  s.origin = &p;
  s.asked = std::max(p.get_data_length() / 8, 1u);
  s.done = 0;
  ask(index, at);
}

// The next translation lies behind what the one before covers.
void ats_request_port::ask(std::uint32_t index, base::duration at) {
  slot& s = m_slots[index];
  const dma_extension& origin = extension_of(*s.origin);
  base::iova address = origin.address;
  if (s.done != 0) {
    const unsigned shift = origin.completion->size_shift;
    address = base::iova(((address.value() >> shift) + s.done) << shift);
  }
  s.request = &m_pool.take(s.origin->get_command(), address.value(), 8);
  dma_extension& ext = extension_of(*s.request);
  ask_for(ext, origin, address, index, s.result);
  ext.at = arch::transaction_kind::translation_request;
  ext.completion = origin.completion + s.done;
  enter_stage(ext, stage::tbu_dti_up, at);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(at + m_dti_latency - now());
  to_tcu->nb_transport_fw(*s.request, phase, t);
}

tlm::tlm_sync_enum ats_request_port::translated(payload& p, tlm::tlm_phase& phase,
                                                sc_core::sc_time& t) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const base::duration at = now() + from_sc(t);
  enter_stage(extension_of(p), stage::tbu_dti_down, at);
  m_answers.push(extension_of(p).record_slot, at + m_dti_latency);
  return tlm::TLM_COMPLETED;
}

void ats_request_port::answers() {
  const base::duration present = now();
  while (m_answers.due(present)) {
    const std::uint32_t index = m_answers.front();
    m_answers.pop();
    slot& s = m_slots[index];
    s.request->release();
    if (goes_on(s)) {
      ask(index, present);
      continue;
    }
    payload& origin = *s.origin;
    if (s.done < s.asked) arch::end_entries(extension_of(origin).completion[s.done]);
    m_free.push_back(index);
    m_stats.slots.change(now(), -1);
    origin.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time t;
    from_root_complex->nb_transport_bw(origin, phase, t);
    retry_refused();
  }
  m_answers.rearm(present);
}

// Counts the translation that has come, and tells whether another one is to be asked for.
bool ats_request_port::goes_on(slot& s) const {
  const dma_extension& origin = extension_of(*s.origin);
  const arch::ats_completion& first = *origin.completion;
  const arch::ats_completion& c = origin.completion[s.done];
  const bool fits =
      c.status == arch::ats_status::success && c.granted() && c.size_shift == first.size_shift;
  if (s.done == 0 || fits) ++s.done;
  if (!fits || s.done == s.asked) return false;
  const std::uint64_t start = origin.address.value();
  const std::uint64_t next = ((start >> first.size_shift) + s.done) << first.size_shift;
  return next < start + (std::uint64_t{s.asked} << stu_shift);
}

void ats_request_port::retry_refused() {
  if (m_refused == nullptr || m_free.empty()) return;
  payload& p = *m_refused;
  m_refused = nullptr;
  take(p, now());
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t;
  from_root_complex->nb_transport_bw(p, phase, t);
}

}  // namespace svasim::smmu
