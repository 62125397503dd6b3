// The PCIe hierarchies of a platform: root ports, switches, the links between them and to the
// devices, and what brings several ports to one TBU or SMMU.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "platforms/binder.h"
#include "platforms/one_of_many.h"
#include "platforms/smmu_unit.h"
#include "platforms/topology.h"
#include "tlm/pcie/arbiter.h"
#include "tlm/pcie/ats_router.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/pcie_switch.h"
#include "tlm/pcie/root_complex.h"

namespace svasim::platforms {

class pcie_fabric {
 public:
  using units = std::vector<std::unique_ptr<smmu_unit>>;
  /// All must outlive it. `ahead_of_time`: see root_complex.
  pcie_fabric(const topology_plan& plan, units& smmus, bool ahead_of_time, stats::group& statistics,
              binder& bind);

  /// Requests and messages of ATS: `smmus` tells which have the ports for it, `functions` are the
  /// StreamIDs with an ATC.
  void build_ats(const std::vector<bool>& smmus, const std::vector<base::stream_id>& functions);

  pcie::link& link_of(unsigned device) { return *m_of_device[device].link; }
  struct named_link {
    std::string name;  ///< empty where there is one
    const pcie::link* link;
  };
  std::vector<named_link> links() const;

 private:
  struct node {
    std::string name;
    std::unique_ptr<one_of_many> names;
    std::unique_ptr<pcie::root_complex> port;
    std::unique_ptr<pcie::pcie_switch> hub;
    std::unique_ptr<pcie::link> link;  // below a port; above a switch or device that is below one
    unsigned below = 0;                // of a switch: ports in use
  };
  // Of a switch or device: its link, and the number of its port at the switch above.
  struct attachment {
    pcie::link* link = nullptr;
    unsigned port = 0;
  };
  node& add(std::deque<node>& to, const std::string& name);
  void build_ports(bool ahead_of_time);
  void build_switches();
  void build_devices();
  attachment attach(const above& up, node& n, const pcie::link_params& link);
  static constexpr unsigned all_tbus = ~0u;
  std::vector<node*> ports_of(unsigned smmu, unsigned tbu);
  template <class Socket, class Target>
  void join(smmu_unit& smmu, const std::vector<node*>& ports, Socket pcie::root_complex::*socket,
            Target& target, const std::string& what);
  void join_ports();
  void take_messages(smmu_unit& smmu, const std::vector<node*>& ports);
  void connect_messages_down();
  void route(const device_plan& d, const attachment& at);

  const topology_plan& m_plan;
  units& m_smmus;
  stats::group& m_statistics;
  binder& m_bind;
  std::deque<node> m_ports, m_switches, m_devices;
  std::vector<attachment> m_of_switch, m_of_device;
  std::deque<stats::group> m_groups;  // of arbiters
  std::vector<std::unique_ptr<pcie::arbiter>> m_arbiters;
  std::vector<std::unique_ptr<pcie::ats_router>> m_routers;
};

}  // namespace svasim::platforms
