#include "platforms/sva/trace_streams.h"

#include <fmt/format.h>

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
    if (plan.owner_of(m_sids.back()) != topology_plan::none) continue;
    throw base::input_error(fmt::format("no device of the platform owns StreamID {:#x}", sid));
  }
}

trace::feed& trace_streams::feed(unsigned device, trace::feed& all) {
  if (!m_feeds) m_feeds = std::make_unique<device_feeds>(all, *m_plan);
  return m_feeds->of(device);
}

}  // namespace svasim::platforms
