#include "tlm/pcie/root_complex.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
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
                           stats::group* parent)
    : sc_module(name),
      from_link("from_link"),
      to_tbu("to_tbu"),
      m_params(params),
      m_cycle(period(params.clock)),
      m_stats(parent),
      m_received("received_due", 256) {
  from_link.register_nb_transport_fw(this, &root_complex::request);
  to_tbu.register_nb_transport_bw(this, &root_complex::response);
  SC_HAS_PROCESS(root_complex);
  SC_METHOD(offer);
  sensitive << m_received.event();
  dont_initialize();
}

tlm::tlm_sync_enum root_complex::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  kit::dma_extension& ext = extension_of(p);
  ext.sid = base::stream_id(m_params.segment << 16 | ext.requester_id);
  const duration arrival = now() + from_sc(t);
  enter_stage(ext, stage::root_complex_up, arrival);
  m_received.push(&p, arrival + m_params.up_latency);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void root_complex::offer() {
  const duration present = now();
  while (!m_waiting && m_next_offer <= present && m_received.due(present)) {
    payload& p = *m_received.front();
    enter_stage(extension_of(p), stage::tbu_wait, m_received.front_at());
    m_stats.requests += 1;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time t;
    switch (to_tbu->nb_transport_fw(p, phase, t)) {
      case tlm::TLM_ACCEPTED:
        m_stats.refused += 1;
        m_waiting = true;
        return;
      case tlm::TLM_COMPLETED:
        taken(p);
        answered(p, present + from_sc(t));
        break;
      case tlm::TLM_UPDATED:
        taken(p);
        break;
    }
  }
  m_received.rearm(present, m_next_offer);
}

// The place in the receive buffer is free: tell the transmitter.
void root_complex::taken(payload& p) {
  m_received.pop();
  m_next_offer = now() + m_cycle;
  tlm::tlm_phase phase = kit::update_fc;
  sc_core::sc_time zero;
  from_link->nb_transport_bw(p, phase, zero);
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
    taken(p);
    m_received.rearm(now(), m_next_offer);
  }
  if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
  answered(p, now() + from_sc(t));
  return tlm::TLM_COMPLETED;
}

}  // namespace svasim::pcie
