// result.json of a run: canonical (sorted keys, integers only, no host clock), so that the same
// input and seed give the same bytes in any build. Format 1; analysis/result.h reads it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "platforms/platform.h"

namespace svasim::platforms {

struct run_input {
  std::string kind;  ///< "trace" or "workload"
  std::string name;  ///< without directories
};

nlohmann::json run_result(platform& p, const trace::summary& about, const run_input& input,
                          const std::map<std::string, std::string>& provenance);

/// The text of a result file: two spaces of indent, one newline at the end.
std::string canonical_text(const nlohmann::json& result);

}  // namespace svasim::platforms
