// The two charts of a latency distribution as SVG: the share of transactions within a time, and the
// share beyond it on a logarithmic scale, where the tail shows. Both have a logarithmic time axis.
// Coordinates come from integers, so that a page is the same in every build.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/result.h"

namespace svasim::analysis {

struct chart_series {
  const histogram* data = nullptr;
  const char* style = "";  ///< CSS class of the line
};

/// log2(v) in 1/65536, rounded down; v > 0.
std::uint64_t log2_fixed(std::uint64_t v);

/// F(x), 0 to 100 %. Series without samples are left out; empty when none is left.
std::string within_chart(const std::vector<chart_series>& series);
/// 1 - F(x) from 100 % down to one transaction of the largest series, at most six decades.
std::string beyond_chart(const std::vector<chart_series>& series);

/// Mean occupancy of each window over linear time; empty where there are no windows.
std::string over_time_chart(const occupancy_over_time& o);

}  // namespace svasim::analysis
