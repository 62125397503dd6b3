#include "platforms/memory_system.h"

namespace svasim::platforms {

memory_system::memory_system(const memory_params& params,
                             const memory::socket_router_params& between,
                             const std::vector<socket_plan>& sockets,
                             const std::vector<unsigned>& ports, base::sparse_memory& memory,
                             stats::group& statistics, binder& bind) {
  const auto n = static_cast<unsigned>(sockets.size());
  std::vector<memory::socket_router::home_range> homes;
  for (unsigned i = 0; i < n; ++i) {
    one_socket& s = m_at.emplace_back();
    s.name = n == 1 ? "" : sockets[i].name;
    s.names = std::make_unique<one_of_many>(s.name, statistics);
    homes.push_back({sockets[i].memory_base, sockets[i].memory_size, i});
    const one_of_many& names = *s.names;
    s.dram = std::make_unique<memory::dram>(names.module("dram").c_str(), params.dram, memory,
                                            s.names->group());
    s.slc = std::make_unique<memory::system_level_cache>(
        names.module("slc").c_str(), params.system_level_cache, memory, s.names->group());
    s.mesh = std::make_unique<memory::interconnect>(
        names.module("interconnect").c_str(), params.interconnect, ports[i], s.names->group());
    bind(s.slc->to_dram, s.dram->from_cache, names.check("slc_dram"));
  }
  if (n == 1) {
    bind(m_at[0].mesh->to_cache, m_at[0].slc->from_interconnect, "check_interconnect_slc");
    return;
  }
  m_router = std::make_unique<memory::socket_router>("socket_router", between, n, std::move(homes),
                                                     &statistics);
  for (unsigned i = 0; i < n; ++i) {
    const one_of_many& names = *m_at[i].names;
    bind(m_at[i].mesh->to_cache, m_router->from[i], names.check("interconnect_router"));
    bind(m_router->to[i], m_at[i].slc->from_interconnect, names.check("router_slc"));
  }
}

memory::interconnect::port_socket& memory_system::next_port(unsigned socket) {
  one_socket& s = m_at[socket];
  return s.mesh->from[s.used++];
}

}  // namespace svasim::platforms
