// The figures of one result as a flat list: what tables, comparisons and targets speak of by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/result.h"

namespace svasim::sweep {

struct metric {
  std::string name;  ///< "translation_p99", "smmu.tbu.main_tlb.misses", "stage.tbu_lookup.mean"
  std::uint64_t value = 0;
  std::string unit;  ///< "ps", "bytes/s", "bits", "ppm", or what is counted; README.md lists them
};

/// Latencies, rates, counts, storage, then structures and stages in the order of the result. What
/// has no samples is left out.
std::vector<metric> metrics_of(const analysis::result& r);

/// Null when there is none of that name.
const metric* find_metric(const std::vector<metric>& all, const std::string& name);

/// The value for people: "482.1 ns", "3.412 GB/s", "12.5 KiB", "1.25 %", "53,210".
std::string shown(std::uint64_t value, const std::string& unit);

}  // namespace svasim::sweep
