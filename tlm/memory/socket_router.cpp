#include "tlm/memory/socket_router.h"

namespace svasim::memory {

using kit::from_sc;
using kit::later;
using kit::now;
using kit::to_sc;

void socket_router_params::describe(describe::visitor& v) {
  v.field("hop", hop, base::ns(0), base::us(10), "One way between two sockets.",
          "A: remote DRAM reads of two-socket Arm servers take 100 to 200 ns more than local ones");
}

socket_router::socket_router(sc_core::sc_module_name name, const socket_router_params& params,
                             unsigned sockets, std::vector<home_range> homes, stats::group* parent)
    : sc_module(name),
      from("from", sockets),
      to("to", sockets),
      m_hop(params.hop),
      m_homes(std::move(homes)),
      m_stats(parent),
      m_at(sockets) {
  for (unsigned i = 0; i < sockets; ++i) {
    from[i].register_nb_transport_fw(this, &socket_router::request, static_cast<int>(i));
    from[i].register_b_transport(this, &socket_router::blocking, static_cast<int>(i));
    to[i].register_nb_transport_bw(this, &socket_router::response, static_cast<int>(i));
  }
}

unsigned socket_router::home_of(const payload& p) const {
  for (const home_range& h : m_homes) {
    if (p.get_address() - h.base < h.size.value()) return h.socket;
  }
  return 0;
}

sc_core::sc_time socket_router::hop(unsigned from_socket, unsigned home) const {
  return from_socket == home ? sc_core::SC_ZERO_TIME : to_sc(m_hop);
}

void socket_router::count(unsigned from_socket, unsigned home) {
  (from_socket == home ? m_stats.local : m_stats.remote) += 1;
}

tlm::tlm_sync_enum socket_router::request(int socket, payload& p, tlm::tlm_phase& phase,
                                          sc_core::sc_time& t) {
  const auto source = static_cast<unsigned>(socket);
  const unsigned home = home_of(p);
  home_state& h = m_at[home];
  count(source, home);
  t += hop(source, home);
  if (h.offered.p != nullptr || !h.waiting.empty()) {
    m_stats.held += 1;
    h.waiting.push_back({&p, source, now() + from_sc(t)});
    return tlm::TLM_ACCEPTED;
  }
  if (to[home]->nb_transport_fw(p, phase, t) == tlm::TLM_ACCEPTED) {
    m_stats.held += 1;
    h.offered = {&p, source, now()};
    return tlm::TLM_ACCEPTED;
  }
  t += hop(source, home);
  return tlm::TLM_COMPLETED;
}

// The cache answers a request it had not taken at once.
tlm::tlm_sync_enum socket_router::response(int socket, payload&, tlm::tlm_phase& phase,
                                           sc_core::sc_time& t) {
  const auto home = static_cast<unsigned>(socket);
  const held_request done = m_at[home].offered;
  m_at[home].offered.p = nullptr;
  answer(done, home, phase, t);
  offer_waiting(home);
  return tlm::TLM_COMPLETED;
}

void socket_router::answer(const held_request& r, unsigned home, tlm::tlm_phase& phase,
                           sc_core::sc_time& t) {
  t += hop(r.from, home);
  from[r.from]->nb_transport_bw(*r.p, phase, t);
}

void socket_router::offer_waiting(unsigned home) {
  home_state& h = m_at[home];
  while (h.offered.p == nullptr && !h.waiting.empty()) {
    const held_request next = h.waiting.front();
    h.waiting.pop_front();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time t = to_sc(later(next.at, now()) - now());
    if (to[home]->nb_transport_fw(*next.p, phase, t) == tlm::TLM_ACCEPTED) {
      h.offered = next;
      return;
    }
    phase = tlm::BEGIN_RESP;
    answer(next, home, phase, t);
  }
}

void socket_router::blocking(int socket, payload& p, sc_core::sc_time& t) {
  const auto source = static_cast<unsigned>(socket);
  const unsigned home = home_of(p);
  count(source, home);
  t += hop(source, home);
  to[home]->b_transport(p, t);
  t += hop(source, home);
}

}  // namespace svasim::memory
