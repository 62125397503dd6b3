// `svasim run` of an SVA workload.
#pragma once

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/load.h"

namespace svasim::app {

/// `band`: "uncertainty" of the result; null without.
int run_sva(const run_options& o, const nlohmann::json& band);
/// Runs a trace or DMA workload at first touch, or a virtio-iommu log.
int run_traced(const run_options& o, const loaded_platform& loaded, const nlohmann::json& band);

}  // namespace svasim::app
