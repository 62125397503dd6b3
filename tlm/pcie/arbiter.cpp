#include "tlm/pcie/arbiter.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::to_sc;

arbiter::arbiter(sc_core::sc_module_name name, target kind, unsigned ports, stats::group* parent)
    : sc_module(name),
      from("from", ports),
      to("to"),
      from_link("from_link"),
      to_function("to_function", ports),
      m_target(kind),
      m_stats(parent),
      m_waiting(ports),
      m_due("due") {
  for (unsigned i = 0; i < ports; ++i) {
    from[i].register_nb_transport_fw(this, &arbiter::request, static_cast<int>(i));
    to_function[i].register_nb_transport_bw(this, &arbiter::taken, static_cast<int>(i));
  }
  to.register_nb_transport_bw(this, &arbiter::response);
  from_link.register_nb_transport_fw(this, &arbiter::message);
  SC_HAS_PROCESS(arbiter);
  SC_METHOD(arbitrate);
  sensitive << m_due;
  dont_initialize();
}

std::size_t arbiter::kind_of(const payload& p) const {
  return m_target == target::link && is_posted(p) ? 1 : 0;
}

std::uint32_t arbiter::id_of(const payload& p) const {
  const kit::dma_extension& ext = extension_of(p);
  return m_target == target::link ? ext.requester_id : ext.sid.value();
}

void arbiter::add_route(unsigned port, std::uint32_t id) {
  const auto [it, added] = m_port_of.try_emplace(id, port);
  if (added || it->second == port) return;
  throw std::logic_error(
      fmt::format("{}: {:#x} is behind two ports, {} and {}", name(), id, it->second, port));
}

tlm::tlm_sync_enum arbiter::request(int id, payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  const auto port = static_cast<unsigned>(id);
  add_route(port, id_of(p));
  const std::size_t kind = kind_of(p);
  m_waiting[port][kind] = {&p, now() + from_sc(t), kind == 0 && m_waiting[port][1].p != nullptr};
  m_due.notify(t);
  return tlm::TLM_ACCEPTED;
}

void arbiter::arbitrate() {
  const duration present = now();
  duration next = kit::never;
  while (m_next <= present && send_one(present, next)) {
    next = kit::never;
  }
  if (m_next > present) next = m_next;
  if (next != kit::never) m_due.notify(to_sc(next - present));
}

// False where nothing can go now; then `next` is when something has arrived.
bool arbiter::send_one(duration present, duration& next) {
  const auto n = static_cast<unsigned>(m_waiting.size());
  for (unsigned i = 1; i <= n; ++i) {
    const unsigned port = (m_last + i) % n;
    for (const std::size_t kind : {std::size_t{0}, std::size_t{1}}) {
      const waiting& w = m_waiting[port][kind];
      if (w.p == nullptr || w.behind || m_stopped[kind].p != nullptr) continue;
      if (w.at > present) {
        next = std::min(next, w.at);
        continue;
      }
      send(port, kind);
      return true;
    }
  }
  return false;
}

void arbiter::send(unsigned port, std::size_t kind) {
  const waiting w = m_waiting[port][kind];
  m_waiting[port][kind].p = nullptr;
  if (kind == 1) m_waiting[port][0].behind = false;
  m_last = port;
  m_stats.requests += 1;
  m_stats.contended += w.at != now();
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t;
  const tlm::tlm_sync_enum outcome = to->nb_transport_fw(*w.p, phase, t);
  if (outcome == tlm::TLM_ACCEPTED) {
    m_stopped[kind] = {w.p, port};
    return;
  }
  // Only a link says when it takes the next one.
  if (outcome == tlm::TLM_UPDATED && m_target == target::link) m_next = now() + from_sc(t);
  phase = outcome == tlm::TLM_COMPLETED ? tlm::BEGIN_RESP : tlm::END_REQ;
  from[port]->nb_transport_bw(*w.p, phase, t);
}

tlm::tlm_sync_enum arbiter::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const unsigned port = m_port_of.find(id_of(p))->second;
  for (stopped& s : m_stopped) {
    if (s.p != &p || phase == kit::update_fc) continue;
    s.p = nullptr;
    if (m_target == target::link) m_next = later(m_next, now() + from_sc(t));
    m_due.notify(to_sc(later(m_next, now()) - now()));
  }
  return from[port]->nb_transport_bw(p, phase, t);
}

tlm::tlm_sync_enum arbiter::message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const auto it = m_port_of.find(extension_of(p).requester_id);
  if (it == m_port_of.end() || to_function[it->second].size() == 0) {
    m_stats.unrouted += 1;
    p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  return to_function[it->second]->nb_transport_fw(p, phase, t);
}

tlm::tlm_sync_enum arbiter::taken(int, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  return from_link->nb_transport_bw(p, phase, t);
}

}  // namespace svasim::pcie
