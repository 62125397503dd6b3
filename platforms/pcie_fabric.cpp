#include "platforms/pcie_fabric.h"

#include <algorithm>

namespace svasim::platforms {

pcie_fabric::pcie_fabric(const topology_plan& plan, units& smmus, bool ahead_of_time,
                         stats::group& statistics, binder& bind)
    : m_plan(plan), m_smmus(smmus), m_statistics(statistics), m_bind(bind) {
  build_ports(ahead_of_time);
  build_switches();
  build_devices();
  join_ports();
}

// Ports, switches and devices share the group "pcie", and names in it where there are several.
pcie_fabric::node& pcie_fabric::add(std::deque<node>& to, const std::string& name) {
  const bool alone = m_plan.ports.size() == 1 && m_plan.switches.empty();
  node& n = to.emplace_back();
  n.name = alone ? "" : name;
  n.names = std::make_unique<one_of_many>(n.name, m_statistics);
  return n;
}

void pcie_fabric::build_ports(bool ahead_of_time) {
  for (const port_plan& p : m_plan.ports) {
    node& n = add(m_ports, p.name);
    n.port = std::make_unique<pcie::root_complex>(n.names->module("root_complex").c_str(),
                                                  p.root_complex, ahead_of_time, n.names->group());
  }
}

// The link that belongs to what hangs there: of a root port, or a new one below a switch.
pcie_fabric::attachment pcie_fabric::attach(const above& up, node& n,
                                            const pcie::link_params& params) {
  node& owner = up.is_switch ? n : m_ports[up.index];
  owner.link = std::make_unique<pcie::link>(owner.names->module("link").c_str(), params,
                                            owner.names->group());
  pcie::link& link = *owner.link;
  if (!up.is_switch) {
    m_bind(link.to_root_complex, owner.port->from_link, owner.names->check("link_root_complex"));
    return {&link, 0};
  }
  node& hub = m_switches[up.index];
  const unsigned port = hub.below++;
  link.to_root_complex.bind(hub.hub->from_link[port]);
  hub.hub->attach_downstream(port, link);
  return {&link, port};
}

void pcie_fabric::build_switches() {
  const auto below = [this](unsigned s) {
    const auto is_below = [s](const auto& x) { return x.up.is_switch && x.up.index == s; };
    const auto n = std::count_if(m_plan.switches.begin(), m_plan.switches.end(), is_below) +
                   std::count_if(m_plan.devices.begin(), m_plan.devices.end(), is_below);
    return static_cast<unsigned>(n);
  };
  for (unsigned i = 0; i < m_plan.switches.size(); ++i) {
    const switch_plan& s = m_plan.switches[i];
    node& n = add(m_switches, s.name);
    n.hub = std::make_unique<pcie::pcie_switch>(n.names->module("switch").c_str(), s.params,
                                                below(i), n.names->group());
    m_of_switch.push_back(attach(s.up, n, s.link));
    n.hub->to_upstream.bind(m_of_switch.back().link->from_device);
    n.hub->attach_upstream(*m_of_switch.back().link);
  }
}

void pcie_fabric::build_devices() {
  for (const device_plan& d : m_plan.devices) {
    node& n = d.up.is_switch ? add(m_devices, d.name) : m_devices.emplace_back();
    m_of_device.push_back(attach(d.up, n, d.link));
    route(d, m_of_device.back());
  }
}

// Each switch on the way up knows where the functions are.
void pcie_fabric::route(const device_plan& d, const attachment& at) {
  unsigned port = at.port;
  for (above up = d.up; up.is_switch;) {
    m_switches[up.index].hub->add_route(port, static_cast<std::uint16_t>(d.first_stream),
                                        static_cast<std::uint16_t>(d.last_stream));
    port = m_of_switch[up.index].port;
    up = m_plan.switches[up.index].up;
  }
}

// Ports that share a TBU, or the port of an SMMU for Translation Requests, take turns. `what` names
// both ends.
template <class Socket, class Target>
void pcie_fabric::join(smmu_unit& smmu, const std::vector<node*>& ports,
                       Socket pcie::root_complex::*socket, Target& target,
                       const std::string& what) {
  if (ports.size() == 1) {
    m_bind(ports[0]->port.get()->*socket, target, ports[0]->names->check("root_complex_" + what));
    return;
  }
  m_groups.emplace_back(smmu.group(), what + "_ports");
  m_arbiters.push_back(std::make_unique<pcie::arbiter>(
      smmu.names().module(what + "_ports").c_str(), pcie::arbiter::target::smmu,
      static_cast<unsigned>(ports.size()), &m_groups.back()));
  pcie::arbiter& turns = *m_arbiters.back();
  for (unsigned i = 0; i < ports.size(); ++i) {
    m_bind(ports[i]->port.get()->*socket, turns.from[i],
           ports[i]->names->check("root_complex_" + what));
  }
  m_bind(turns.to, target, smmu.names().check(what + "_ports"));
}

std::vector<pcie_fabric::node*> pcie_fabric::ports_of(unsigned smmu, unsigned tbu) {
  std::vector<node*> out;
  for (unsigned i = 0; i < m_ports.size(); ++i) {
    const port_plan& p = m_plan.ports[i];
    if (p.smmu == smmu && (tbu == all_tbus || p.tbu == tbu)) out.push_back(&m_ports[i]);
  }
  return out;
}

void pcie_fabric::join_ports() {
  for (unsigned s = 0; s < m_smmus.size(); ++s) {
    smmu_unit& smmu = *m_smmus[s];
    for (unsigned t = 0; t < smmu.tbus(); ++t) {
      const std::vector<node*> ports = ports_of(s, t);
      constexpr auto from = &pcie::root_complex::to_tbu;
      if (ideal_translator* const ideal = smmu.ideal(t)) {
        join(smmu, ports, from, ideal->from_root_complex, smmu.tbu_name(t));
      } else {
        join(smmu, ports, from, smmu.tbu(t).from_root_complex, smmu.tbu_name(t));
      }
    }
  }
}

// --- ATS ----------------------------------------------------------------------------------------

void pcie_fabric::build_ats(const std::vector<bool>& smmus,
                            const std::vector<base::stream_id>& functions) {
  for (const base::stream_id sid : functions) {
    const auto function = static_cast<std::uint16_t>(sid.value());
    m_ports[m_plan.devices[m_plan.owner_of(sid)].port].port->add_functions(function, function);
  }
  connect_messages_down();
  for (unsigned s = 0; s < m_smmus.size(); ++s) {
    if (!smmus[s]) continue;
    smmu_unit& smmu = *m_smmus[s];
    const std::vector<node*> ports = ports_of(s, all_tbus);
    join(smmu, ports, &pcie::root_complex::to_ats_requests, smmu.ats_requests().from_root_complex,
         "ats");
    take_messages(smmu, ports);
    if (ports.size() == 1) {
      smmu.ats().to_device.bind(ports[0]->port->from_ats);
      continue;
    }
    m_routers.push_back(
        std::make_unique<pcie::ats_router>(smmu.names().module("ats_router").c_str(),
                                           static_cast<unsigned>(ports.size()), smmu.group()));
    smmu.ats().to_device.bind(m_routers.back()->from_ats);
    for (unsigned i = 0; i < ports.size(); ++i) {
      pcie::root_complex& port = *ports[i]->port;
      m_routers.back()->to_root_complex[i].bind(port.from_ats);
      m_routers.back()->add_route(i,
                                  [&port](base::stream_id sid) { return port.has_function(sid); });
    }
  }
}

// A page request waits at its port until there is room in the PRI queue.
void pcie_fabric::take_messages(smmu_unit& smmu, const std::vector<node*>& ports) {
  for (node* n : ports) {
    n->port->on_message = [&smmu](const arch::ats_message& m) {
      const bool request = m.code == arch::ats_message_code::page_request;
      if (request && smmu.pages() != nullptr && !smmu.pages()->has_room()) return false;
      smmu.ats().receive(m);
      return true;
    };
  }
  if (smmu.pages() == nullptr) return;
  smmu.pages()->on_room = [ports] {
    for (node* n : ports) n->port->room();
  };
}

// Link by link; the devices' ends are theirs.
void pcie_fabric::connect_messages_down() {
  for (node& n : m_ports) n.port->to_link.bind(n.link->from_root_complex);
  const auto below = [this](const above& up, const attachment& at) {
    if (!up.is_switch) return;
    m_switches[up.index].hub->to_link[at.port].bind(at.link->from_root_complex);
  };
  for (unsigned i = 0; i < m_switches.size(); ++i) {
    m_of_switch[i].link->to_device.bind(m_switches[i].hub->from_upstream);
    below(m_plan.switches[i].up, m_of_switch[i]);
  }
  for (unsigned i = 0; i < m_of_device.size(); ++i) below(m_plan.devices[i].up, m_of_device[i]);
}

std::vector<pcie_fabric::named_link> pcie_fabric::links() const {
  std::vector<named_link> out;
  for (const std::deque<node>* all : {&m_ports, &m_switches, &m_devices}) {
    for (const node& n : *all) {
      if (n.link) out.push_back({n.name, n.link.get()});
    }
  }
  return out;
}

}  // namespace svasim::platforms
