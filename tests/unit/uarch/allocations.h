// Counts what this test program allocates through operator new.
#pragma once

#include <cstdint>

namespace svasim::test {

/// Calls of operator new so far.
std::uint64_t allocations();

}  // namespace svasim::test
