#include "tlm/pcie/ats_router.h"

namespace svasim::pcie {

ats_router::ats_router(sc_core::sc_module_name name, unsigned ports, stats::group* parent)
    : sc_module(name),
      from_ats("from_ats"),
      to_root_complex("to_root_complex", ports),
      m_stats(parent),
      m_has(ports) {
  from_ats.register_b_transport(this, &ats_router::message);
}

void ats_router::add_route(unsigned port, std::function<bool(base::stream_id)> has) {
  m_has.at(port) = std::move(has);
}

void ats_router::message(payload& p, sc_core::sc_time& t) {
  for (std::size_t i = 0; i < m_has.size(); ++i) {
    if (!m_has[i] || !m_has[i](kit::extension_of(p).sid)) continue;
    m_stats.messages += 1;
    return to_root_complex[i]->b_transport(p, t);
  }
  m_stats.unknown += 1;
  p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace svasim::pcie
