// `svasim run` of an SVA workload.
#pragma once

#include "app/commands.h"
#include "app/load.h"

namespace svasim::app {

int run_sva(const run_options& o);
/// Runs a trace or DMA workload at first touch, or a virtio-iommu log.
int run_traced(const run_options& o, const loaded_platform& loaded);

}  // namespace svasim::app
