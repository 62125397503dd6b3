// The experiment that needs no code: a platform with a trace, DMA workload or SVA workload, as
// `svasim run` simulates it. Its figures are those that sweeps know (analysis/sweep/README.md), and
// every number of result.json by its dotted path. Leaves out: first touch, virtio-iommu logs.
#pragma once

#include "validate/experiment.h"

namespace svasim::validate {

class run_experiment final : public experiment {
 public:
  run_experiment() : experiment("platform and workload or trace, as svasim run") {}
  void check(const job& j) const override;
  figures run(const job& j) const override;
  std::vector<describe::parameter_info> arguments(const job&) const override { return {}; }
};

}  // namespace svasim::validate
