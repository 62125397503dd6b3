// A platform with two devices, each behind an SMMU of its own, and what its faults are.
#pragma once

#include <string>
#include <vector>

#include "sva_bench.h"

namespace svasim::test {

/// The default platform as this variant, with `topology` as a platform file has it.
platforms::platform_params with_topology(char variant, const std::string& topology);

/// "left" owns StreamIDs 0 to 15, "right" 16 to 31; SMMUs "a" and "b".
extern const char* const two_smmus;

}  // namespace svasim::test
