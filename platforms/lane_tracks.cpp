#include "platforms/lane_tracks.h"

namespace svasim::platforms {

std::size_t lane_tracks::add_component(std::string name) {
  m_components.push_back({std::move(name), {}});
  return m_components.size() - 1;
}

std::size_t lane_tracks::find(const std::string& name) const {
  std::size_t at = 0;
  while (at < m_components.size() && m_components[at].name != name) ++at;
  return at;
}

// The lane that has been free for the shortest time: those free for longer serve what began earlier
// and has yet to end.
bool lane_tracks::take(base::duration start, base::duration end, std::size_t& lane) {
  lane = m_ends.size();
  for (std::size_t i = 0; i < m_ends.size(); ++i) {
    if (m_ends[i] > start) continue;
    if (lane == m_ends.size() || m_ends[i] > m_ends[lane]) lane = i;
  }
  if (lane == m_ends.size()) {
    if (lane == most_lanes) return false;
    m_ends.emplace_back();
  }
  m_ends[lane] = end;
  return true;
}

std::uint64_t lane_tracks::track(track_events& out, std::size_t which, std::size_t lane) {
  const std::uint64_t uuid = m_first + which * most_lanes + lane;
  component& c = m_components[which];
  if (c.lanes.size() <= lane) c.lanes.resize(lane + 1);
  if (!c.lanes[lane]) {
    c.lanes[lane] = true;
    out.add({uuid, m_root, c.name, static_cast<std::int64_t>(which), false, false});
  }
  return uuid;
}

}  // namespace svasim::platforms
