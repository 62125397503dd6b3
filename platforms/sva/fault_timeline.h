// The way of sampled faults through hardware and software, as a Perfetto timeline
// (ui.perfetto.dev): a track for each actor, a slice for each hop of a fault, an arrow (flow) from
// the device through SMMU and kernels and back, and counters of the SMMU's queues in memory.
//
// Faults that overlap stand in lanes (lane_tracks.h). Times are rounded down to ns; the exact time
// is with each slice as `ps`. Leaves out: work beside the path of a fault, of which only the length
// is known; requests of the device that do not fault; what would need more lanes, which is counted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platforms/lane_tracks.h"
#include "platforms/sva/sva_platform.h"
#include "platforms/track_events.h"

namespace svasim::platforms {

class fault_timeline {
 public:
  /// Watches `p`, before it runs, and must live until it has; every `every`th fault is drawn (1:
  /// all). `name`: the run.
  fault_timeline(track_events::sink out, std::uint64_t every, const std::string& name,
                 sva_platform& p);
  fault_timeline(const fault_timeline&) = delete;
  fault_timeline& operator=(const fault_timeline&) = delete;

  std::uint64_t drawn() const { return m_drawn; }
  std::uint64_t left_out() const { return m_left_out; }

 private:
  void finished(const kit::finished_fault& f);
  void draw(const kit::finished_fault& f, std::size_t lane);
  void count();

  track_events m_out;
  const std::uint64_t m_every;
  const sva_platform& m_platform;
  const variant m_variant;
  lane_tracks m_lanes;                  // the first component holds whole faults
  std::vector<std::uint32_t> m_counts;  // as last written
  std::uint64_t m_seen = 0;
  std::uint64_t m_drawn = 0;
  std::uint64_t m_left_out = 0;
};

}  // namespace svasim::platforms
