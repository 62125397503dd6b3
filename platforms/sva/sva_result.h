// What a run of an SVA platform comes to: figures of its variant, and the whole result.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

/// {"faults", "fault_p50_ps", "fault_p99_ps", "unmap_p50_ps", "bytes_per_s", "cpu_ps": {actor: ps},
/// "hops": [{"step", "actor", "what", "on_path", "ps"}], ...}: what the variant does not have is
/// null. The hops are those of the fault whose latency is fault_p50_ps; the ones on the path sum to
/// it.
nlohmann::json variant_figures(const sva_platform& p);

/// result.json of a run (platforms/run_result.h), with the figures under "sva".
nlohmann::json sva_run_result(const sva_platform& p, const std::string& workload,
                              const std::string& digest,
                              const std::map<std::string, std::string>& provenance);

/// The same of a trace or DMA workload at first touch.
nlohmann::json first_touch_result(const sva_platform& p, const trace::summary& about,
                                  const run_input& input,
                                  const std::map<std::string, std::string>& provenance);

/// The same of a virtio-iommu log.
nlohmann::json viommu_log_result(const sva_platform& p, const trace::summary& about,
                                 const run_input& input,
                                 const std::map<std::string, std::string>& provenance);

/// Adds to "sva" what the run took longer than the same run with every page there (`prefaulted`),
/// and than one whose translation takes no time besides (`ideal`): their variant_figures().
void add_slowdown(nlohmann::json& figures, const nlohmann::json& prefaulted,
                  const nlohmann::json& ideal);

}  // namespace svasim::platforms
