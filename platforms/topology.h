// A topology with indices in the place of names: what the assemblies build from. One without lists
// is one of each, with empty names.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platforms/topology_params.h"
#include "tlm/memory/interconnect.h"

namespace svasim::platforms {

/// What is above a switch or device.
struct above {
  bool is_switch = false;
  unsigned index = 0;  ///< of the switch or root port
};

struct socket_plan {
  std::string name;
  std::uint64_t memory_base = 0;
  base::byte_size memory_size;
};

struct smmu_plan {
  std::string name;
  unsigned socket = 0;
  unsigned tbus = 1;
  smmu::smmu_params params;
};

struct port_plan {
  std::string name;
  unsigned smmu = 0, tbu = 0;
  pcie::root_complex_params root_complex;
  pcie::link_params link;
};

struct switch_plan {
  std::string name;
  above up;
  pcie::switch_params params;
  pcie::link_params link;  ///< of its upstream port
};

struct device_plan {
  std::string name;
  above up;
  unsigned port = 0;  ///< root port that it is below
  std::uint32_t first_stream = 0, last_stream = ~0u;
  device_params params;
  pcie::link_params link;
  base::byte_size mps, mrrs;  ///< least on its way
};

/// `field` is a path inside `topology`.
struct wiring_problem {
  std::string field, message;
};

struct topology_plan {
  std::vector<socket_plan> sockets;
  std::vector<smmu_plan> smmus;
  std::vector<port_plan> ports;
  std::vector<switch_plan> switches;  ///< each behind the one above it
  std::vector<device_plan> devices;
  std::vector<wiring_problem> problems;  ///< empty, or the rest is of no use

  static constexpr unsigned none = ~0u;
  /// Which device owns a StreamID.
  unsigned owner_of(base::stream_id sid) const;
  unsigned device_named(const std::string& name) const;
  /// Whether a device behind SMMU `i` has an ATC where `device.ats` says so.
  bool has_ats(unsigned i) const;
  unsigned smmu_of(unsigned device) const { return ports[devices[device].port].smmu; }
};

/// "a, b" in parts.
std::vector<std::string> names_in(const std::string& list);

topology_plan wire(const topology_params& t, const topology_params::templates& like);

}  // namespace svasim::platforms
