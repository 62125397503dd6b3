// Results that are samples of one design: a single run, or the runs of a sweep's point with each
// seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/result.h"
#include "analysis/sweep/metric.h"
#include "analysis/sweep/plan.h"

namespace svasim::compare {

struct sample {
  std::string seed;  ///< empty for a single run
  std::vector<sweep::metric> metrics;
};

struct sample_set {
  std::string from;   ///< as given on the command line
  std::string label;  ///< what the axes of a sweep say, empty for a single run
  std::vector<sample> samples;

  /// "tlb: smmu.tbu.main_tlb.entries=64", "out/result.json"
  std::string name() const { return label.empty() ? from : from + ": " + label; }
};

/// What `path` holds: a result file, a directory with result.json, or one with sweep.json, whose
/// points are grouped by all axes but the seeds. Throws base::input_error where it holds none of
/// them, or a sweep without any result.
std::vector<sample_set> read_sets(const std::string& path);

}  // namespace svasim::compare
