// How full queues and slots were over a run, in at most 128 windows. The length of a run is not
// known beforehand: when the windows run out, neighbours are merged and those to come are twice as
// long. A window's mean comes from the time-weighted area, so that no change is missed however long
// it is; only what modules announce ahead of its time may fall into the window before.
// There is no process for it: whoever sees transactions finish asks `due` and calls `sample`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "stats/occupancy.h"

namespace svasim::platforms {

class occupancy_record {
 public:
  static constexpr std::size_t most = 128;  ///< windows

  /// Watch `what`, which must outlive this; `capacity` 0 where there is no limit. Before time
  /// starts.
  void watch(const stats::occupancy& what, std::string path, std::string label,
             std::uint64_t capacity);

  bool due(base::duration at) const { return at >= m_next; }
  /// Ends a window at `at`; nothing where that is not after the last.
  void sample(base::duration at);

  struct watched {
    const stats::occupancy* what;
    std::string path, label;
    std::uint64_t capacity;
  };
  const std::vector<watched>& all() const { return m_watched; }

  /// {"window_end_ps": [..], "series": [{"path", "label", "unit", "capacity", "mean_milli": [..]}]}
  /// with the mean of each window in 1/1000 entries. Samples once more at `end`, the end of the
  /// run.
  nlohmann::json to_json(base::duration end);

 private:
  struct point {
    base::duration at;
    std::vector<stats::uint128> areas;
  };
  void halve();

  std::vector<watched> m_watched;
  std::vector<point> m_points;
  base::duration m_window = base::ns(100);
  base::duration m_next = base::ns(100);
};

}  // namespace svasim::platforms
