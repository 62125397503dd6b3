// What the numbers of a platform stand on, and which of them a run can use at all: a number of a
// part that is absent, or that only other kinds of runs have, says nothing about the result.
//
// Leaves out: parts that are there and happen not to be used (a walk cache that every walk misses).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "describe/trust.h"
#include "platforms/platform_params.h"

namespace svasim::platforms {

/// What a run had, as far as it decides which parameters it could use.
struct run_kind {
  bool software = false;  ///< cores and kernels: SVA workloads, first touch, virtio-iommu logs
  bool commands = false;  ///< invalidations in the trace
  bool faults = false;    ///< accesses that failed, or were faulted in
};

/// Can the parameter at `path` change the result of such a run?
bool reaches(const platform_params& p, const run_kind& run, const std::string& path);

using sources = std::map<std::string, std::string>;  ///< dotted path -> source

/// The numbers of the platform that the run reaches.
describe::trust_counts count_reached(const platform_params& p, const run_kind& run,
                                     const sources& from);

/// "confidence" of a result: {"platform": {"measured", "documents", "derived", "assumed", "own"},
/// "reached": the same}.
nlohmann::json confidence_json(const platform_params& p, const run_kind& run, const sources& from);

}  // namespace svasim::platforms
