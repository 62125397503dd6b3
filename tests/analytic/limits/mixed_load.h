// A mix of reads, writes, misses, page changes and invalidations of two streams.
#pragma once

#include "tests/support/memory_workload.h"
#include "tests/support/simulation.h"

namespace svasim::test {

/// Accesses and commands that the seed decides.
memory_workload mixed_load(unsigned accesses, std::uint64_t seed);
/// Closed mode, with TLBs and a system-level cache that are too small for the mix.
platforms::platform_params small_caches();

}  // namespace svasim::test
