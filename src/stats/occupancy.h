// How full a queue, a slot pool or a buffer is over time: present, highest, and the time-weighted
// area, from which mean occupancy = area / time follows exactly.
#pragma once

#include <cstdint>

#include "stats/group.h"
#include "stats/wide.h"

namespace svasim::stats {

/// JSON: {"current", "max", "area" (entry-ps), "time" (ps)}; mean occupancy is area / time.
class occupancy final : public statistic {
 public:
  using statistic::statistic;

  /// `delta` entries come (positive) or go (negative) at the absolute time `now`. Throws
  /// std::logic_error where time goes back or the occupancy would be negative: a defect of the
  /// model.
  void change(base::duration now, std::int64_t delta) {
    const std::uint64_t next = m_current + static_cast<std::uint64_t>(delta);
    if (now < m_last || static_cast<std::int64_t>(next) < 0) {
      fail(now, delta);
    }
    account(now);
    m_current = next;
    if (next > m_max) {
      m_max = next;
    }
  }

  /// Entries at the moment.
  std::uint64_t current() const { return m_current; }
  /// Highest occupancy in the span.
  std::uint64_t max(span which = span::whole) const;
  /// Integral of the occupancy in entry-ps, up to the last change() or settle().
  uint128 area(span which = span::whole) const;
  /// What area() covers.
  base::duration time(span which = span::whole) const;

  const char* kind() const override { return "occupancy"; }
  /// What is inside stays inside: only max, area and time start anew.
  void reset(base::duration now) override;
  void snapshot(base::duration now) override;
  void settle(base::duration now) override;
  nlohmann::json to_json(span which) const override;

 private:
  [[noreturn]] void fail(base::duration now, std::int64_t delta) const;
  void account(base::duration now) {
    m_area += uint128{m_current} * (now - m_last).value();
    m_last = now;
  }

  std::uint64_t m_current = 0;
  std::uint64_t m_max = 0;  // since the snapshot; the highest before it is m_max_before
  uint128 m_area = 0;       // since the last reset
  base::duration m_last;
  base::duration m_start;
  std::uint64_t m_max_before = 0;
  uint128 m_area_at_snapshot = 0;
  base::duration m_snapshot_time;
};

}  // namespace svasim::stats
