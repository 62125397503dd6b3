#pragma once

#include <cstdint>
#include <string>

namespace svasim::test {

/// What broke in a run of the variant with software costs drawn from the seed; empty: nothing.
/// `delays`: and with answers that are late at random.
std::string with_random_costs(char variant, std::uint64_t seed, bool delays);
void check_random_costs(char variant, std::uint64_t first, std::uint64_t count,
                        bool delays = false);

}  // namespace svasim::test
