// A trace or DMA workload whose pages are absent until the device touches them
// (memory.first_touch): the run, and beside it, in processes of their own, the same with every page
// there and with translation that takes no time, for the slowdown that its result gives. And a
// virtio-iommu log, whose requests are made anew.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/load.h"
#include "platforms/run_result.h"
#include "platforms/sva/sva_platform.h"
#include "trace/record.h"

namespace svasim::app {

struct traced_input {
  /// A new source at the beginning of the trace or workload.
  std::function<std::unique_ptr<trace::source>()> open;
  platforms::run_input name;
  std::string file;  ///< for messages; empty: the caller adds it
  /// Sees the platform of the run before it runs; may be empty.
  std::function<void(platforms::sva_platform&)> watch = {};
};

struct traced_outcome {
  nlohmann::json result;
  std::uint64_t requests = 0;
  std::uint64_t checked = 0;  ///< accesses, with `check`
  std::string mismatch;       ///< the first request that went elsewhere than in the log; or empty
};

/// Must be the only simulation of the process.
traced_outcome simulate_first_touch(const loaded_platform& loaded, const traced_input& input,
                                    bool check);

traced_outcome simulate_viommu_log(const loaded_platform& loaded, const traced_input& input,
                                   bool check);

}  // namespace svasim::app
