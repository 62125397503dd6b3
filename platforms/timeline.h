// The way of sampled transactions through the platform, as a Perfetto timeline (ui.perfetto.dev):
// a track for each component, a slice for each stay of a transaction in one of its stages, arrows
// (flows) from the device through link, TBU, TCU and walker to memory and back, and counters of the
// queues and slots at each sample.
//
// Transactions that overlap stand in lanes: tracks of the same name, which Perfetto shows together.
// Times are rounded down to ns, Perfetto's unit; the exact stay is with each slice as `ps`. Memory
// is bounded by the lanes; what would need more than 1024 is left out and counted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platforms/lane_tracks.h"
#include "platforms/occupancy_record.h"
#include "platforms/track_events.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::platforms {

class timeline {
 public:
  /// Every `every`th request is drawn (1: all). `name`: the run. `counters` must outlive it.
  timeline(track_events::sink out, std::uint64_t every, const std::string& name,
           const occupancy_record& counters);

  /// A request whose stage log is finished at `at`; drawn if it is one of the sample.
  void finished(const tlm::tlm_generic_payload& p, base::duration at);

  std::uint64_t drawn() const { return m_drawn; }
  std::uint64_t left_out() const { return m_left_out; }

 private:
  void draw(const tlm::tlm_generic_payload& p, base::duration at, std::size_t lane);
  std::size_t component_of(kit::stage s);
  void count(base::duration at);

  track_events m_out;
  const std::uint64_t m_every;
  const occupancy_record& m_counters;
  lane_tracks m_lanes;                        // the first component holds whole transactions
  std::map<kit::stage, std::size_t> m_found;  // component of a stage
  std::uint64_t m_drawn = 0;
  std::uint64_t m_left_out = 0;
};

}  // namespace svasim::platforms
