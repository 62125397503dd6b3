#include <algorithm>

#include "tlm/pcie/root_complex.h"
#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

namespace {

bool pushes_writes(const arch::ats_message& m) {
  return m.code == arch::ats_message_code::invalidate_completion;
}

}  // namespace

void root_complex::receive_ats(payload& p, duration at) {
  const pending r{&p, m_messages_received, m_writes_received, m_requests_received};
  if (!is_message(extension_of(p))) return m_translations.push(r, at);
  m_messages_received += 1;
  m_messages.push(r, at);
}

// Something posted has gone, or is in memory.
void root_complex::go_on() {
  if (m_held) m_received.rearm(now(), m_next_offer);
  m_held = false;
  m_messages.rearm(now());
  m_translations.rearm(now());
}

// --- messages up --------------------------------------------------------------------------------

void root_complex::hand_on_messages() {
  const duration present = now();
  const std::uint64_t before = m_messages_gone;
  while (!m_no_room && m_messages.due(present) && may_hand_on(m_messages.front(), present)) {
    if (!hand_on(*m_messages.front().p, m_messages.front_at())) break;
    m_messages.pop();
    m_messages_gone += 1;
  }
  if (m_messages_gone != before) return go_on();
  if (!m_no_room && !m_messages.due(present)) m_messages.rearm(present);
}

// Have the writes before it got far enough? If not, go_on() or the time they are visible wakes.
bool root_complex::may_hand_on(const pending& r, duration present) {
  if (m_writes_taken < r.writes) return false;
  if (!pushes_writes(*extension_of(*r.p).message)) return true;
  if (m_unanswered != 0) return false;
  if (m_visible <= present) return true;
  m_messages.rearm(present, m_visible);
  return false;
}

bool root_complex::hand_on(payload& p, duration arrived) {
  const kit::dma_extension& ext = extension_of(p);
  if (!on_message) {
    unsupported(p);
    return true;
  }
  arch::ats_message m = *ext.message;
  m.sid = m.request.sid = m.response.sid = ext.sid;
  if (!on_message(m)) {
    m_no_room = true;
    m_stats.message_waits += 1;
    return false;
  }
  m_stats.messages += 1;
  if (pushes_writes(m)) m_stats.push_time.add(now() - arrived);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  freed(p, now());
  answered(p, now());
  return true;
}

void root_complex::room() {
  if (!m_no_room) return;
  m_no_room = false;
  m_messages.rearm(now());
}

// --- Translation Requests -----------------------------------------------------------------------

void root_complex::offer_translations() {
  const duration present = now();
  while (!m_translation_waits && m_translations.due(present)) {
    const pending& r = m_translations.front();
    if (m_writes_taken < r.writes || m_messages_gone < r.messages) return;
    if (!offer_translation(*r.p)) return;
    m_translations.pop();
  }
  if (!m_translation_waits) m_translations.rearm(present);
}

bool root_complex::offer_translation(payload& p) {
  if (to_ats_requests.size() == 0) {
    unsupported(p);
    return true;
  }
  m_stats.translations += 1;
  enter_stage(extension_of(p), stage::tbu_wait, m_translations.front_at());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t;
  const tlm::tlm_sync_enum outcome = to_ats_requests->nb_transport_fw(p, phase, t);
  if (outcome == tlm::TLM_ACCEPTED) {
    m_translation_waits = true;
    return false;
  }
  freed(p, now());
  if (outcome == tlm::TLM_COMPLETED) answered(p, now() + from_sc(t));
  return true;
}

tlm::tlm_sync_enum root_complex::translated(payload& p, tlm::tlm_phase& phase,
                                            sc_core::sc_time& t) {
  if (m_translation_waits && &p == m_translations.front().p) {
    m_translation_waits = false;
    m_translations.pop();
    freed(p, now());
    m_translations.rearm(now());
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  answered(p, now() + from_sc(t));
  return tlm::TLM_COMPLETED;
}

void root_complex::unsupported(payload& p) {
  kit::dma_extension& ext = extension_of(p);
  m_stats.unclaimed += 1;
  if (ext.completion != nullptr) ext.completion->status = arch::ats_status::unsupported_request;
  p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  freed(p, now());
  answered(p, now());
}

// --- messages down ------------------------------------------------------------------------------

void root_complex::add_functions(std::uint16_t first, std::uint16_t last) {
  m_functions.resize(65536);
  std::fill(m_functions.begin() + first, m_functions.begin() + last + 1, true);
}

bool root_complex::has_function(base::stream_id sid) const {
  return sid.value() >> 16 == m_params.segment && !m_functions.empty() &&
         m_functions[sid.value() & 0xffff];
}

// In a thread of the SMMU.
void root_complex::send_down(payload& p, sc_core::sc_time& t) {
  const kit::dma_extension& ext = extension_of(p);
  if (!has_function(ext.sid) || to_link.size() == 0) {
    m_stats.unknown_function += 1;
    p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  sc_core::wait(t);
  t = sc_core::SC_ZERO_TIME;
  m_down_wire.lock();
  payload& copy = m_down.take(*ext.message, static_cast<std::uint16_t>(ext.sid.value()));
  m_stats.messages_down += 1;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time at_link = to_sc(m_params.down_latency);
  if (to_link->nb_transport_fw(copy, phase, at_link) == tlm::TLM_ACCEPTED) {
    sc_core::wait(m_sent_down);
  }
  m_down_wire.unlock();
  p.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum root_complex::sent_down(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase == tlm::END_REQ) {
    m_sent_down.notify(t);
    return tlm::TLM_ACCEPTED;
  }
  m_down.release(p);
  return tlm::TLM_COMPLETED;
}

}  // namespace svasim::pcie
