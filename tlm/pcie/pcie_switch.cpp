#include "tlm/pcie/pcie_switch.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void switch_params::describe(describe::visitor& v) {
  v.field("latency", latency, base::ns(0), base::us(10), "Port to port.",
          "T: Broadcom PEX89048 as HighPoint gives it (measurements 8)");
  v.field("cut_through", cut_through,
          "A TLP goes on before it has arrived; else the switch stores it first.",
          "A: 115 ns are less than storing a TLP of 4 KiB would allow");
  v.field("posted_headers", posted_headers, {1, 4096}, "credits",
          "Header credits for posted TLPs that a port grants.", "A: as a root port");
  v.field("posted_data", posted_data, {1, 65536}, "credits of 16 B",
          "Data credits for posted TLPs that a port grants.", "A: as a root port");
  v.field("nonposted_headers", nonposted_headers, {1, 4096}, "credits",
          "Header credits for non-posted requests that a port grants.", "A: as a root port");
  v.field("completion_headers", completion_headers, {1, 4096}, "credits",
          "Header credits for completions that the upstream port grants.", "A: as for posted TLPs");
  v.field("completion_data", completion_data, {1, 65536}, "credits of 16 B",
          "Data credits for completions that the upstream port grants.", "A: as for posted TLPs");
}

link_params switch_params::below(link_params l) const {
  l.posted_headers = posted_headers;
  l.posted_data = posted_data;
  l.nonposted_headers = nonposted_headers;
  return l;
}

link_params switch_params::above(link_params l) const {
  l.down_posted_headers = posted_headers;
  l.down_posted_data = posted_data;
  l.completion_headers = completion_headers;
  l.completion_data = completion_data;
  return l;
}

pcie_switch::pcie_switch(sc_core::sc_module_name name, const switch_params& params, unsigned ports,
                         stats::group* parent)
    : sc_module(name),
      to_upstream("to_upstream"),
      from_upstream("from_upstream"),
      from_link("from_link", ports),
      to_link("to_link", ports),
      m_params(params),
      m_stats(parent),
      m_port_of(65536, no_port),
      m_up_due("up_due"),
      m_down("down_due"),
      m_down_due("down_next") {
  to_upstream.register_nb_transport_bw(this, &pcie_switch::response);
  from_upstream.register_nb_transport_fw(this, &pcie_switch::message);
  for (unsigned i = 0; i < ports; ++i) {
    m_ports.emplace_back(std::to_string(i));
    from_link[i].register_nb_transport_fw(this, &pcie_switch::request, static_cast<int>(i));
    to_link[i].register_nb_transport_bw(this, &pcie_switch::message_sent, static_cast<int>(i));
  }
  SC_HAS_PROCESS(pcie_switch);
  SC_METHOD(arbitrate);
  sensitive << m_up_due;
  for (port_state& p : m_ports) sensitive << p.posted.event() << p.nonposted.event();
  dont_initialize();
  SC_METHOD(forward_down);
  sensitive << m_down.event() << m_down_due;
  dont_initialize();
}

void pcie_switch::attach_downstream(unsigned port, link& l) {
  m_ports.at(port).below = &l;
  l.on_sent_down = [this](payload& p, duration start, duration end) { sent_down(p, start, end); };
}

void pcie_switch::add_route(unsigned port, std::uint16_t first, std::uint16_t last) {
  for (std::uint32_t id = first; id <= last; ++id) {
    if (m_port_of[id] != no_port && m_port_of[id] != port) {
      throw std::logic_error(fmt::format("{}: RequesterID {:#x} below two ports, {} and {}", name(),
                                         id, m_port_of[id], port));
    }
    m_port_of[id] = static_cast<std::uint8_t>(port);
  }
}

tlm::tlm_sync_enum pcie_switch::request(int id, payload& p, tlm::tlm_phase& phase,
                                        sc_core::sc_time& t) {
  port_state& from = m_ports[static_cast<unsigned>(id)];
  kit::dma_extension& ext = extension_of(p);
  if (m_port_of[ext.requester_id] != id) {
    add_route(static_cast<unsigned>(id), ext.requester_id, ext.requester_id);
  }
  const duration arrival = now() + from_sc(t);
  duration eligible = arrival + m_params.latency;
  if (m_params.cut_through) {
    const duration wire_in = from.below->wire_time(from.below->up_bytes(p));
    const duration wire_out = m_upstream->wire_time(m_upstream->up_bytes(p));
    eligible -= std::min(wire_in, wire_out);
  }
  enter_stage(ext, stage::link_queue_up, std::min(arrival, eligible));
  if (is_posted(p)) {
    from.posted.push({&p, 0}, eligible);
    from.posted_received += 1;
  } else {
    from.nonposted.push({&p, from.posted_received}, eligible);
  }
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void pcie_switch::arbitrate() {
  const duration present = now();
  while (m_up_next <= present && send_one(present)) {
  }
  if (m_up_next > present) return m_up_due.notify(to_sc(m_up_next - present));
  for (port_state& p : m_ports) {
    if (!p.posted.due(present)) p.posted.rearm(present);
    if (!p.nonposted.due(present)) p.nonposted.rearm(present);
  }
}

// Of the next port in turn that has something to send.
bool pcie_switch::send_one(duration present) {
  const auto n = static_cast<unsigned>(m_ports.size());
  for (unsigned i = 1; i <= n; ++i) {
    const unsigned from = (m_last + i) % n;
    // A non-posted one that may go is older than the first posted one.
    const bool nonposted = may_go(m_ports[from], false, present);
    if (!nonposted && !may_go(m_ports[from], true, present)) continue;
    m_last = from;
    send_up(from, !nonposted);
    return true;
  }
  return false;
}

bool pcie_switch::may_go(const port_state& from, bool posted, duration present) const {
  if (m_stopped[true].p != nullptr) return false;
  if (posted) return from.posted.due(present);
  return m_stopped[false].p == nullptr && from.nonposted.due(present) &&
         from.nonposted.front().posted_before <= from.posted_sent;
}

void pcie_switch::send_up(unsigned from, bool posted) {
  port_state& source = m_ports[from];
  auto& line = posted ? source.posted : source.nonposted;
  payload& p = *line.front().p;
  line.pop();
  source.posted_sent += posted;
  m_stats.up_tlps += 1;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t;
  if (to_upstream->nb_transport_fw(p, phase, t) == tlm::TLM_ACCEPTED) {
    m_stats.credit_stops += 1;
    m_stopped[posted] = {&p, from};
    return;
  }
  m_up_next = now() + from_sc(t);
  freed(from, p);
}

// Its place in the buffer of the port is free.
void pcie_switch::freed(unsigned from, payload& p) {
  tlm::tlm_phase phase = kit::update_fc;
  sc_core::sc_time t;
  from_link[from]->nb_transport_bw(p, phase, t);
}

tlm::tlm_sync_enum pcie_switch::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const duration at = now() + from_sc(t);
  if (phase == tlm::END_REQ) {
    stopped_tlp& s = m_stopped[m_stopped[true].p == &p];
    s.p = nullptr;
    m_up_next = later(m_up_next, at);
    m_up_due.notify(to_sc(m_up_next - now()));
    freed(s.port, p);
    return tlm::TLM_ACCEPTED;
  }
  answered(p, at);
  return tlm::TLM_COMPLETED;
}

}  // namespace svasim::pcie
