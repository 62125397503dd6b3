// Tracks of a timeline for things that overlap: each has a lane of its own from its start to its
// end, and in each component that it passes the track of that lane. Tracks of one component have
// the same name, which Perfetto shows together. At most 1024 lanes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "platforms/track_events.h"

namespace svasim::platforms {

class lane_tracks {
 public:
  static constexpr std::size_t most_lanes = 1024;

  /// Tracks are children of `root` and have the UUIDs from `first` up.
  lane_tracks(std::uint64_t root, std::uint64_t first) : m_root(root), m_first(first) {}

  /// In the order in which they are shown. Its index.
  std::size_t add_component(std::string name);
  std::size_t components() const { return m_components.size(); }
  /// The component of that name; components() where there is none.
  std::size_t find(const std::string& name) const;

  /// A lane for what lasts from `start` to `end`. Ends must not go back. False where all are taken.
  bool take(base::duration start, base::duration end, std::size_t& lane);
  /// Its track in a component, which is announced to `out` before its first use.
  std::uint64_t track(track_events& out, std::size_t component, std::size_t lane);

 private:
  struct component {
    std::string name;
    std::vector<bool> lanes;  // whose track has been announced
  };
  const std::uint64_t m_root, m_first;
  std::vector<component> m_components;
  std::vector<base::duration> m_ends;  // of the last one of each lane
};

}  // namespace svasim::platforms
