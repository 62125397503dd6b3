// Host SVA with stalls, as UADK's hisi_sec_test does it: synchronous messages of 1 MiB source and 1
// MiB destination on the same buffers. Its workload is workloads/sva_stall_sweep.json; the number
// of pages that fault is an argument.
#pragma once

#include "validate/experiment.h"

namespace svasim::validate {

class stall_sweep final : public experiment {
 public:
  stall_sweep() : experiment("synchronous 1 MiB messages whose first touches stall") {}
  void check(const job& j) const override;
  /// "kib_per_s", "time" in ps, "faults"; of the fault of median latency each part in ps: "event",
  /// "thread", "work", "handler", "retry", and "fault", their sum.
  figures run(const job& j) const override;
  std::vector<describe::parameter_info> arguments(const job& j) const override;
};

}  // namespace svasim::validate
