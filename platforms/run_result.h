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

/// What every assembly has that a result tells of.
struct run_parts {
  const platform_params& params;
  const device::dma_engine& dma;
  const smmu::tbu& tbu;
  const smmu::tcu& tcu;
  const smmu::walker& walker;
  const memory::system_level_cache& slc;
  const pcie::link& link;
  const stats::group& statistics;
  base::duration finished_at;
  const device::atc* atc = nullptr;  ///< null: none
  run_kind kind = {};
};
/// "input" of a result.
nlohmann::json input_json(const trace::summary& about, const run_input& input);
/// A result without "input" and "run".
nlohmann::json common_result(const run_parts& p,
                             const std::map<std::string, std::string>& provenance);

nlohmann::json run_result(platform& p, const trace::summary& about, const run_input& input,
                          const std::map<std::string, std::string>& provenance);

/// The text of a result file: two spaces of indent, one newline at the end.
std::string canonical_text(const nlohmann::json& result);

}  // namespace svasim::platforms
