#include <algorithm>

#include "tlm/pcie/pcie_switch.h"
#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

// The answer to a request of a port: goes back the way the request came.
void pcie_switch::answered(payload& p, duration arrival) {
  const std::uint8_t to = m_port_of[extension_of(p).requester_id];
  const link& below = *m_ports[to].below;
  const duration in = m_upstream->wire_time(m_upstream->completion_bytes(p));
  const duration out = below.wire_time(below.completion_bytes(p));
  duration ahead = std::min(in, out);
  if (!m_params.cut_through) {
    // Several completions: one of them is stored at a time.
    ahead = std::min(in - m_upstream->wire_time(m_upstream->first_completion_bytes(p)),
                     out - below.wire_time(below.first_completion_bytes(p)));
  }
  const duration eligible = later(arrival + m_params.latency - ahead, now());
  enter_stage(extension_of(p), stage::link_queue_down, std::min(arrival, eligible));
  push_down({&p, nullptr, to}, eligible);
}

tlm::tlm_sync_enum pcie_switch::message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const kit::dma_extension& ext = extension_of(p);
  const std::uint8_t to = m_port_of[ext.requester_id];
  if (to == no_port || to_link[to].size() == 0) {
    m_stats.unrouted += 1;
    p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  push_down({&m_copies.take(*ext.message, ext.requester_id), &p, to},
            now() + from_sc(t) + m_params.latency);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

// In order, whatever their latencies.
void pcie_switch::push_down(const down_entry& e, duration at) {
  m_down_last = later(m_down_last, at);
  m_down.push(e, m_down_last);
}

void pcie_switch::forward_down() {
  if (m_handed_down || m_down.empty()) return;
  const duration present = now();
  const duration due = later(m_down.front_at(), m_down_next);
  if (due > present) return m_down_due.notify(to_sc(due - present));
  const down_entry e = m_down.front();
  m_stats.head_waits += m_down_next > m_down.front_at() && e.port != m_down_port;
  m_stats.down_tlps += 1;
  m_down_port = e.port;
  m_handed_down = true;
  tlm::tlm_phase phase = e.original != nullptr ? tlm::BEGIN_REQ : tlm::BEGIN_RESP;
  sc_core::sc_time t;
  if (e.original != nullptr) {
    to_link[e.port]->nb_transport_fw(*e.p, phase, t);
  } else {
    from_link[e.port]->nb_transport_bw(*e.p, phase, t);
  }
}

// The head takes the wire of its link; the next one may go from `start` on.
void pcie_switch::left(duration start) {
  m_down.pop();
  m_handed_down = false;
  m_down_next = start;
  m_down_due.notify(to_sc(later(start, now()) - now()));
}

void pcie_switch::sent_down(payload& p, duration start, duration end) {
  m_upstream->completion_freed(p, end);
  left(start);
}

tlm::tlm_sync_enum pcie_switch::message_sent(int, payload& p, tlm::tlm_phase& phase,
                                             sc_core::sc_time& t) {
  if (phase == tlm::BEGIN_RESP) {
    m_copies.release(p);
    return tlm::TLM_COMPLETED;
  }
  payload& original = *m_down.front().original;
  left(now() + from_sc(t));
  tlm::tlm_phase done = tlm::BEGIN_RESP;
  from_upstream->nb_transport_bw(original, done, t);
  return tlm::TLM_ACCEPTED;
}

}  // namespace svasim::pcie
