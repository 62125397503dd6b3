// The streams of a trace as functions of the devices that own them, and its records dealt out to
// those: what users of a trace share (trace_user.h, viommu_user.h).
#pragma once

#include <memory>
#include <vector>

#include "platforms/device_feeds.h"
#include "platforms/topology.h"
#include "trace/record.h"

namespace svasim::platforms {

class trace_streams {
 public:
  /// Throws base::input_error where nobody owns a stream.
  void place(const topology_plan& plan, const std::vector<trace::stream_tag>& streams);
  std::uint32_t count() const { return static_cast<std::uint32_t>(m_sids.size()); }
  base::stream_id stream(std::uint32_t function) const { return m_sids[function]; }
  /// That of `all` for one device.
  trace::feed& feed(unsigned device, trace::feed& all);
  /// What a feed threw.
  std::exception_ptr failure() const { return m_feeds ? m_feeds->failure() : nullptr; }

 private:
  const topology_plan* m_plan = nullptr;
  std::vector<base::stream_id> m_sids;
  std::unique_ptr<device_feeds> m_feeds;
};

}  // namespace svasim::platforms
