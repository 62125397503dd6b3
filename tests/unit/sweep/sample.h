// Parameters to test sweeps with, without a platform.
#pragma once

#include "analysis/sweep/parameter.h"

namespace svasim::test {

/// entries (0 to 4096, 64), ways (1 to 64, 4), latency (0 to 1 us, 5 ns), size (1 B to 1 TiB,
/// 4 KiB), clock (1 GHz), rate (1 GB/s), fast (true), policy (lru or random, lru), name ("a"), and
/// workload.seed (1).
sweep::parameter_table sample_parameters();

}  // namespace svasim::test
