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

void root_complex_params::describe(describe::visitor& v) {
  v.field("segment", segment, {0, 65535}, "number", "StreamID bits above the RequesterID.",
          "T: IHI 0070 16.4");
  v.field("up_latency", up_latency, base::ns(0), base::us(1), "Receive path, port to TBU.",
          "A: part of the 195 ns of measurements 1.2");
  v.field("down_latency", down_latency, base::ns(0), base::us(1), "Transmit path, TBU to port.",
          "A: part of the 195 ns of measurements 1.2");
  v.field("clock", clock, base::mhz(100), base::mhz(10000),
          "Clock of the port; it hands a request a cycle to the TBU.", "A: assumed");
}

root_complex::root_complex(sc_core::sc_module_name name, const root_complex_params& params,
                           bool ahead_of_time, stats::group* parent)
    : sc_module(name),
      from_link("from_link"),
      to_tbu("to_tbu"),
      to_ats_requests("to_ats_requests"),
      from_ats("from_ats"),
      to_link("to_link"),
      m_params(params),
      m_ahead_of_time(ahead_of_time),
      m_cycle(period(params.clock)),
      m_stats(parent),
      m_received("received_due", 256),
      m_messages("message_due"),
      m_translations("translation_due"),
      m_down_wire("down_wire"),
      m_sent_down("sent_down") {
  from_link.register_nb_transport_fw(this, &root_complex::request);
  to_tbu.register_nb_transport_bw(this, &root_complex::response);
  to_ats_requests.register_nb_transport_bw(this, &root_complex::translated);
  from_ats.register_b_transport(this, &root_complex::send_down);
  to_link.register_nb_transport_bw(this, &root_complex::sent_down);
  SC_HAS_PROCESS(root_complex);
  SC_METHOD(offer);
  sensitive << m_received.event();
  dont_initialize();
  SC_METHOD(hand_on_messages);
  sensitive << m_messages.event();
  dont_initialize();
  SC_METHOD(offer_translations);
  sensitive << m_translations.event();
  dont_initialize();
}

// Is there a message before the next request, or does it push writes that have no answer yet?
[[gnu::always_inline]] inline bool root_complex::held_back(const payload& p) const {
  return (!m_messages.empty() && m_requests_taken >= m_messages.front().requests) ||
         (m_unanswered != 0 && is_msi && is_msi(p));
}

tlm::tlm_sync_enum root_complex::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  kit::dma_extension& ext = extension_of(p);
  ext.sid = base::stream_id(m_params.segment << 16 | ext.requester_id);
  const duration arrival = now() + from_sc(t);
  enter_stage(ext, stage::root_complex_up, arrival);
  const duration at = arrival + m_params.up_latency;
  phase = tlm::END_REQ;
  if (is_message(ext) || is_translation_request(ext)) {
    receive_ats(p, at);
    return tlm::TLM_UPDATED;
  }
  m_requests_received += 1;
  m_writes_received += p.is_write();
  if (!m_ahead_of_time || !m_received.empty() || is_msi || held_back(p) ||
      !offer_one(p, at, later(at, m_next_offer))) {
    m_received.push(&p, at);
  }
  return tlm::TLM_UPDATED;
}

void root_complex::offer() {
  const duration present = now();
  while (!m_waiting && !m_received.empty()) {
    payload& p = *m_received.front();
    if (held_back(p)) {  // until go_on()
      m_held = true;
      return;
    }
    duration due = later(m_received.front_at(), m_next_offer);
    if (is_msi && is_msi(p)) due = later(due, m_visible);
    if (due > present && !m_ahead_of_time) return m_received.rearm(present, due);
    if (!offer_one(p, m_received.front_at(), later(due, present))) return;
    m_received.pop();
  }
}

// Offers a request at the time `at`; false while the TBU does not take it.
bool root_complex::offer_one(payload& p, duration received, duration at) {
  enter_stage(extension_of(p), stage::tbu_wait, received);
  m_stats.requests += 1;
  m_unanswered += p.is_write();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(at - now());
  const tlm::tlm_sync_enum outcome = to_tbu->nb_transport_fw(p, phase, t);
  if (outcome == tlm::TLM_ACCEPTED) {
    m_waiting = true;
    m_offered_at = at;
    return false;
  }
  taken(p, at);
  if (outcome == tlm::TLM_COMPLETED) {
    const duration end = now() + from_sc(t);
    if (p.is_write()) write_answered(end);
    answered(p, end);
  }
  return true;
}

// The place in the receive buffer is free: tell the transmitter.
void root_complex::freed(payload& p, duration at) {
  tlm::tlm_phase phase = kit::update_fc;
  sc_core::sc_time t = to_sc(at - now());
  from_link->nb_transport_bw(p, phase, t);
}

// The TBU has it: the next one may go, and what came behind a write.
void root_complex::taken(payload& p, duration at) {
  m_next_offer = at + m_cycle;
  m_requests_taken += 1;
  if (p.is_write()) {
    m_writes_taken += 1;
    if (some_wait()) go_on();
  }
  freed(p, at);
}

void root_complex::write_answered(duration at) {
  m_visible = later(m_visible, at);
  m_unanswered -= 1;
  if (m_unanswered == 0 && some_wait()) go_on();
}

void root_complex::answered(payload& p, duration at) {
  enter_stage(extension_of(p), stage::root_complex_down, at);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(at + m_params.down_latency - now());
  from_link->nb_transport_bw(p, phase, t);
}

tlm::tlm_sync_enum root_complex::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const bool takes_head = m_waiting && &p == m_received.front();
  if (takes_head) {
    m_waiting = false;
    m_stats.refused += now() != m_offered_at;
    m_received.pop();
    taken(p, now());
    m_ahead_of_time ? offer() : m_received.rearm(now(), m_next_offer);
  }
  if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
  if (p.is_write()) write_answered(now() + from_sc(t));
  answered(p, now() + from_sc(t));
  return tlm::TLM_COMPLETED;
}

}  // namespace svasim::pcie
