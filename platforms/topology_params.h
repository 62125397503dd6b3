// The group `topology` of a platform file: what there are several of, by name, and how it is
// connected. An element begins as a copy of what the file says of one (the groups device,
// pcie.link, pcie.root_complex, smmu, cpu, vm) and overrides it. A list that is left out stands for
// one of it, and a reference that is left out for the only one there is; without any list the
// platform is one of everything.
//
//   socket <- smmu (its TBUs) <- root complex: ports <- switch <- ... <- device, which owns
//     |                                                                    | StreamIDs
//   cluster <------------------------ virtual machine <--------------------+
//
// topology.h makes indices of the names. Leaves out: several devices behind one link without a
// switch, one root complex on several SMMUs, a virtual machine on several clusters.
#pragma once

#include <string>
#include <vector>

#include "platforms/device_params.h"
#include "platforms/software_params.h"
#include "tlm/cpu/cluster.h"
#include "tlm/memory/socket_router.h"
#include "tlm/pcie/pcie_switch.h"
#include "tlm/smmu/smmu_params.h"

namespace svasim::platforms {

struct socket_item {
  std::string name;
  std::uint64_t memory_base = 0;
  base::byte_size memory_size;
  void describe(describe::visitor& v);
};

struct smmu_item {
  std::string name, socket;
  std::uint32_t tbus = 1;
  smmu::smmu_params smmu;
  void describe(describe::visitor& v);
};

struct port_item {
  std::string name;
  std::uint32_t tbu = 0;
  pcie::link_params link;
  void describe(describe::visitor& v);
};

struct root_complex_item {
  std::string name, smmu;
  pcie::root_complex_params root_complex;
  pcie::link_params link;  ///< template of its ports
  std::vector<port_item> ports;
  void describe(describe::visitor& v);
};

struct switch_item {
  std::string name, upstream;
  pcie::switch_params params;
  pcie::link_params link;
  void describe(describe::visitor& v);
};

struct device_item {
  std::string name, upstream;
  std::uint32_t first_stream = 0, last_stream = 0xffff;
  device_params device;
  pcie::link_params link;
  void describe(describe::visitor& v);
};

struct cluster_item {
  std::string name, socket;
  cpu::cluster_params cpu;
  void describe(describe::visitor& v);
};

struct vm_item {
  std::string name, cluster;
  std::string devices;  ///< names between commas
  vm_params vm;
  void describe(describe::visitor& v);
};

struct topology_params {
  memory::socket_router_params between;
  std::vector<socket_item> sockets;
  std::vector<smmu_item> smmus;
  std::vector<root_complex_item> root_complexes;
  std::vector<switch_item> switches;
  std::vector<device_item> devices;
  std::vector<cluster_item> clusters;
  std::vector<vm_item> vms;

  /// The templates: what the file says of one.
  struct templates {
    const device_params& device;
    const pcie_params& pcie;
    const smmu::smmu_params& smmu;
    const cpu::cluster_params& cpu;
    const vm_params& vm;
  };
  void describe(describe::visitor& v, const templates& like);
  bool empty() const {
    return sockets.empty() && smmus.empty() && root_complexes.empty() && switches.empty() &&
           devices.empty() && clusters.empty() && vms.empty();
  }
};

/// Where a value that an element of `topology` does not give comes from: the path of the template
/// ("topology.devices.1.link.lanes": "pcie.link.lanes"); empty where it has none.
std::string template_path(const std::string& path);

}  // namespace svasim::platforms
