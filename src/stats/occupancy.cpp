#include "stats/occupancy.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace svasim::stats {

void occupancy::fail(base::duration now, std::int64_t delta) const {
  if (now < m_last) {
    throw std::logic_error(fmt::format("occupancy {}: time goes back from {} ps to {} ps", name(),
                                       m_last.value(), now.value()));
  }
  throw std::logic_error(
      fmt::format("occupancy {}: {} entries change by {}", name(), m_current, delta));
}

std::uint64_t occupancy::max(span which) const {
  return which == span::whole ? std::max(m_max, m_max_before) : m_max;
}

uint128 occupancy::area(span which) const {
  return which == span::whole ? m_area : m_area - m_area_at_snapshot;
}

base::duration occupancy::time(span which) const {
  return m_last - (which == span::whole ? m_start : m_snapshot_time);
}

void occupancy::reset(base::duration now) {
  settle(now);
  m_max = m_current;
  m_max_before = 0;
  m_area = m_area_at_snapshot = 0;
  m_start = m_snapshot_time = now;
}

void occupancy::snapshot(base::duration now) {
  settle(now);
  m_max_before = max();
  m_max = m_current;
  m_area_at_snapshot = m_area;
  m_snapshot_time = now;
}

void occupancy::settle(base::duration now) {
  if (now < m_last) {
    fail(now, 0);
  }
  account(now);
}

nlohmann::json occupancy::to_json(span which) const {
  return {{"current", m_current},
          {"max", max(which)},
          {"area", stats::to_json(area(which))},
          {"time", time(which).value()}};
}

}  // namespace svasim::stats
