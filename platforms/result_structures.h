// The members "structures" and "walks" of a result: what each cache of translations, descriptors,
// configuration and data did, and what the walkers read.
#pragma once

#include <nlohmann/json.hpp>

#include "platforms/run_result.h"

namespace svasim::platforms {

nlohmann::json structures_json(const run_parts& p);
/// Summed over SMMUs.
nlohmann::json walks_json(const run_parts& p);

}  // namespace svasim::platforms
