// Software that takes other times than it does: whatever comes before whatever, nothing is lost.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "random_costs.h"
#include "sva_bench.h"

namespace svasim::test {

std::string with_random_costs(char variant, std::uint64_t seed, bool delays) {
  return base::in_child([&] {
    platforms::platform_params p = variant_params(variant);
    draw_costs(p, seed);
    if (delays) draw_delays(p, seed);
    trace::sva_plan plan = small_plan();
    plan.processes = 1 + static_cast<std::uint32_t>(seed % 6);
    plan.storm_pages = seed % 2 == 0 ? 2 : 0;
    plan.cow_percent = seed % 3 == 0 ? 30 : 0;
    plan.swapped_percent = seed % 5 == 0 ? 5 : 0;
    plan.fork_after = seed % 4 == 0 ? 3 : 0;
    plan.seed = seed + 1;
    sva_bench b(p, plan);
    b.run();
    const std::string broken = b.broken_rule();
    if (!broken.empty() || b.messages_failed() == 0) return broken;
    return std::to_string(b.messages_failed()) + " messages failed";
  });
}

void check_random_costs(char variant, std::uint64_t first, std::uint64_t count, bool delays) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("seed " << seed);
    CHECK(with_random_costs(variant, seed, delays) == "");
  }
}

}  // namespace svasim::test
