#include "platforms/sva/trace_streams.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace svasim::platforms {

void trace_streams::place(const topology_plan& plan,
                          const std::vector<trace::stream_tag>& streams) {
  m_plan = &plan;
  // The only device of a platform without lists has them all, as RequesterIDs of its segment.
  const bool only = plan.devices.size() == 1 && plan.devices[0].name.empty();
  const std::uint32_t segment = plan.ports[0].root_complex.segment;
  for (const trace::stream_tag& s : streams) {
    const std::uint32_t sid = s.sid.value();
    m_sids.emplace_back(only ? segment << 16 | (sid & 0xffff) : sid);
    if (plan.owner_of(m_sids.back()) == topology_plan::none) {
      throw base::input_error(fmt::format("no device of the platform owns StreamID {:#x}", sid));
    }
    find_vm(m_sids.back());
  }
}

void trace_streams::find_vm(base::stream_id sid) {
  const std::vector<vm_plan>& vms = m_plan->vms;
  const auto function = static_cast<std::uint32_t>(m_vms.size());
  if (vms.empty()) {
    m_vms.push_back(function);
    return;
  }
  const unsigned device = m_plan->owner_of(sid);
  std::vector<std::uint32_t> having, open;
  for (std::uint32_t i = 0; i < vms.size(); ++i) {
    const std::vector<unsigned>& own = vms[i].devices;
    if (std::find(own.begin(), own.end(), device) != own.end()) having.push_back(i);
    if (own.empty()) open.push_back(i);
  }
  const std::vector<std::uint32_t>& among = having.empty() ? open : having;
  if (among.empty()) {
    throw base::input_error(
        fmt::format("topology.vms: none has the device \"{}\", which owns "
                    "StreamID {:#x}",
                    m_plan->devices[device].name, sid.value()));
  }
  m_vms.push_back(among[function % among.size()]);
}

trace::feed& trace_streams::feed(unsigned device, trace::feed& all) {
  if (!m_feeds) m_feeds = std::make_unique<device_feeds>(all, *m_plan);
  return m_feeds->of(device);
}

}  // namespace svasim::platforms
