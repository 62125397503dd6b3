// result.json of a run: canonical (sorted keys, integers only, no host clock), so that the same
// input and seed give the same bytes in any build. Format 1; analysis/result.h reads it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "platforms/confidence.h"
#include "platforms/platform.h"
#include "tlm/device/atc.h"

namespace svasim::platforms {

struct run_input {
  std::string kind;  ///< "trace" or "workload"
  std::string name;  ///< without directories
};

/// What every assembly has that a result tells of; names are empty where there is one.
struct device_part {
  std::string name;
  const device_params& params;
  const device::dma_engine& dma;
  const device::atc* atc = nullptr;  ///< null: none
};
struct smmu_part {
  std::string name;
  const smmu::smmu_params& params;
  std::vector<const smmu::tbu*> tbus;
  const smmu::tcu& tcu;
  const smmu::walker& walker;
};
struct cache_part {
  std::string name;
  const memory::system_level_cache& slc;
};
struct run_parts {
  const platform_params& params;
  std::vector<device_part> devices;
  std::vector<smmu_part> smmus;
  std::vector<cache_part> caches;
  std::vector<const pcie::link*> links;
  const stats::group& statistics;
  base::duration finished_at;
  run_kind kind = {};
};
/// Of what both assemblies are built of.
run_parts parts_of(const platform_params& params, const platform::device_list& devices,
                   const platform::smmu_list& smmus, const memory_system& caches,
                   const pcie_fabric& fabric, const stats::group& statistics,
                   base::duration finished_at);

/// "input" of a result.
nlohmann::json input_json(const trace::summary& about, const run_input& input);
/// A result without "input" and "run".
nlohmann::json common_result(const run_parts& p,
                             const std::map<std::string, std::string>& provenance);

nlohmann::json run_result(platform& p, const trace::summary& about, const run_input& input,
                          const std::map<std::string, std::string>& provenance);

/// Requests whose output is not what the trace says, a defect of tables, caches or replay: how many
/// and the first. Empty where there is none, or invalidations are not applied on purpose.
std::string mismatches(const platform& p);

/// The text of a result file: two spaces of indent, one newline at the end.
std::string canonical_text(const nlohmann::json& result);

}  // namespace svasim::platforms
