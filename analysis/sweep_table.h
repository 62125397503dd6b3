// The points of a design sweep with their metrics, and what a report makes of them: designs (points
// that differ only in a seed are one), the Pareto front of a metric against storage, and which axis
// moves a metric most. Where the points come from is not said here (src/app reads them).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/result.h"

namespace svasim::analysis {

struct sweep_table {
  struct axis {
    std::string name;                 ///< path of the parameter
    std::vector<std::string> values;  ///< as a person writes them
    bool repeat = false;              ///< seeds of repeated runs
  };
  struct metric {
    std::string name, unit;
  };
  struct point {
    std::vector<std::uint32_t> values;                  ///< index into the values of each axis
    std::vector<std::optional<std::uint64_t>> metrics;  ///< one each; empty: not measured
  };
  std::string name, description, platform, input, sampling, svasim_version;
  std::map<std::string, std::string> fixed;  ///< parameters that differ from the files
  std::vector<std::string> constraints;
  std::vector<axis> axes;
  std::vector<metric> metrics;
  std::vector<point> points;  ///< those with a result
  std::uint64_t planned = 0;  ///< all
  /// Of the point that leans on assumed numbers most, where results say it.
  std::optional<confidence_info> confidence;
  /// A value with its unit, for people.
  std::function<std::string(std::uint64_t value, const std::string& unit)> shown;

  /// Index of a metric; empty where there is none of that name.
  std::optional<std::size_t> find(const std::string& metric_name) const;
  /// What the report is about: translation_p99 if there is one, else the first metric.
  std::optional<std::size_t> main_metric() const;
};

/// Whether more of it is better: rates. Of everything else less is.
bool more_is_better(const sweep_table::metric& m);

/// One combination of axis values, with means over its seeds, rounded half up.
struct design {
  std::vector<std::uint32_t> values;  ///< of all axes; 0 for the seeds
  std::uint64_t metric = 0;
  std::uint64_t storage = 0;
  std::uint64_t points = 0;
};

/// In the order of their first points; those without the metric, or without storage_bits where the
/// table has it, are left out.
std::vector<design> designs_of(const sweep_table& t, std::size_t metric);

/// Indices of those that no other beats in one of storage and metric without losing in the other;
/// by rising storage, the best of equals once.
std::vector<std::size_t> pareto_front(const std::vector<design>& all, bool more_is_better);

/// Means of a metric by the value of one axis.
struct axis_effect {
  std::size_t axis = 0;
  std::vector<std::optional<std::uint64_t>> means;  ///< by axis value
  std::size_t lowest = 0, highest = 0;              ///< values whose means are so
  std::uint64_t spread = 0;                         ///< highest mean less lowest
};

/// Of every axis with two or more values seen, seeds left out; largest spread first.
std::vector<axis_effect> effects_of(const sweep_table& t, const std::vector<design>& designs);

}  // namespace svasim::analysis
