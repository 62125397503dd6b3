#include "platforms/occupancy_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace svasim::platforms {
namespace {

// The area up to `at`: what was last told goes on. A module that works ahead of time may have told
// more than that; its area then ends where it is.
stats::uint128 area_up_to(const stats::occupancy& what, base::duration at) {
  const stats::uint128 told = what.area();
  if (at <= what.time()) return told;
  return told + stats::uint128{what.current()} * (at - what.time()).value();
}

}  // namespace

void occupancy_record::watch(const stats::occupancy& what, std::string path, std::string label,
                             std::uint64_t capacity) {
  m_watched.push_back({&what, std::move(path), std::move(label), capacity});
}

void occupancy_record::sample(base::duration at) {
  if (!m_points.empty() && at <= m_points.back().at) return;
  if (m_points.size() == most) halve();
  point p{at, {}};
  for (std::size_t k = 0; k < m_watched.size(); ++k) {
    const stats::uint128 before = m_points.empty() ? 0 : m_points.back().areas[k];
    p.areas.push_back(std::max(before, area_up_to(*m_watched[k].what, at)));
  }
  m_points.push_back(std::move(p));
  m_next = at + m_window;
}

// Areas only grow, so leaving out every other point merges its window with the next.
void occupancy_record::halve() {
  std::size_t left = 0;
  for (std::size_t i = 1; i < m_points.size(); i += 2) m_points[left++] = std::move(m_points[i]);
  m_points.resize(left);
  m_window = m_window + m_window;
}

nlohmann::json occupancy_record::to_json(base::duration end) {
  sample(end);
  nlohmann::json ends = nlohmann::json::array();
  for (const point& p : m_points) ends.push_back(p.at.value());
  nlohmann::json series = nlohmann::json::array();
  for (std::size_t k = 0; k < m_watched.size(); ++k) {
    nlohmann::json means = nlohmann::json::array();
    point before{base::ps(0), std::vector<stats::uint128>(m_watched.size())};
    for (const point& p : m_points) {
      const stats::uint128 area = p.areas[k] - before.areas[k];
      const std::uint64_t time = (p.at - before.at).value();
      means.push_back(time == 0 ? 0 : static_cast<std::uint64_t>((area * 1000 + time / 2) / time));
      before = p;
    }
    const watched& w = m_watched[k];
    series.push_back({{"path", w.path},
                      {"label", w.label},
                      {"unit", w.what->unit()},
                      {"capacity", w.capacity},
                      {"mean_milli", means}});
  }
  return {{"window_end_ps", ends}, {"series", series}};
}

}  // namespace svasim::platforms
