#include <algorithm>

#include "platforms/topology.h"

namespace svasim::platforms {

unsigned topology_plan::owner_of(base::stream_id sid) const {
  for (unsigned i = 0; i < devices.size(); ++i) {
    const device_plan& d = devices[i];
    if (sid.value() >= d.first_stream && sid.value() <= d.last_stream) return i;
  }
  return none;
}

unsigned topology_plan::device_named(const std::string& name) const {
  for (unsigned i = 0; i < devices.size(); ++i) {
    if (devices[i].name == name) return i;
  }
  return none;
}

unsigned topology_plan::cluster_in(unsigned socket) const {
  for (unsigned i = 0; i < clusters.size(); ++i) {
    if (clusters[i].socket == socket) return i;
  }
  return 0;
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::size_t first = std::min(list.find_first_not_of(' ', begin), end);
    const std::size_t last = list.find_last_not_of(' ', end - 1);
    out.push_back(first == end ? "" : list.substr(first, last + 1 - first));
    begin = end + 1;
  }
  return out;
}

bool topology_plan::has_ats(unsigned i) const {
  return std::any_of(devices.begin(), devices.end(),
                     [&](const device_plan& d) { return d.params.ats && ports[d.port].smmu == i; });
}

}  // namespace svasim::platforms
