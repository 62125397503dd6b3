// Throughput that the SMMU limits: slots that are held for a walk, ports that take one a cycle.
#include <catch2/catch.hpp>

#include "bound.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t n = 10000;
constexpr std::uint64_t levels = 4;

memory_workload reads_of_one_page(std::uint64_t count) {
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < count; ++i) w.read(first_page);
  return w;
}

// Every access walks four levels.
platforms::platform_params walking_platform() {
  auto p = loaded_platform();
  leave_out_tlbs(p);
  leave_out_walk_caches(p);
  return p;
}

TEST_CASE("one walk slot walks without a pause, to the picosecond") {
  auto p = walking_platform();
  p.smmu.tcu.walk_slots = 1;
  const closed_form f(p);
  simulation s(p, reads_of_one_page(n));
  s.run();
  CHECK(s.broken_rule() == "");
  // The first access reads L1STD, STE and CD. Those that wait behind it found no configuration
  // either; as many as there are TBU slots read it again.
  const std::uint64_t config_reads = s.count("smmu.walker.config_reads");
  CHECK(config_reads % 3 == 0);
  CHECK(config_reads <= 3 * p.smmu.tbu.slots);
  const duration cold = f.cold(8) + 2 * f.cold(64) + levels * f.cold(8);
  const duration warm = (config_reads - 3 + (n - 1) * levels) * f.warm();
  CHECK(s.finished_at().value() == (f.read_up() + f.dti() + f.configuration_lookup() + cold + warm +
                                    f.warm() + f.read_down(first_page, 64))
                                       .value());
  CHECK(s.model().walker().statistics().slots.max() == 1);
}

TEST_CASE("four walk slots walk four times as fast") {
  auto p = walking_platform();
  p.smmu.tcu.walk_slots = 4;
  simulation s(p, reads_of_one_page(n));
  check_bound(s, n, levels * closed_form(p).warm(), 4);
  CHECK(s.model().walker().statistics().slots.max() == 4);
}

TEST_CASE("a TBU slot is held from the lookup until the answer is back") {
  auto p = walking_platform();
  p.smmu.tbu.slots = 2;
  const closed_form f(p);
  simulation s(p, reads_of_one_page(n));
  check_bound(s, n, f.dti() + f.configuration_lookup() + levels * f.warm(), 2);
  CHECK(s.model().tbu().statistics().slots.max() == 2);
}

TEST_CASE("a TCU slot is held from the configuration lookup to the end of the walk") {
  auto p = walking_platform();
  p.smmu.tcu.slots = 3;
  const closed_form f(p);
  simulation s(p, reads_of_one_page(n));
  check_bound(s, n, f.configuration_lookup() + levels * f.warm(), 3);
  CHECK(s.model().tcu().statistics().slots.max() == 3);
}

TEST_CASE("walks leave the TCU one read a cycle") {
  auto p = walking_platform();
  p.smmu.tbu.clock = base::mhz(100);
  simulation s(p, reads_of_one_page(4 * n));
  check_bound(s, levels * 4 * n, base::ns(10));
}

TEST_CASE("the TBU sends one request a cycle") {
  auto p = loaded_platform();
  p.smmu.tbu.clock = base::mhz(100);
  simulation s(p, reads_of_one_page(5 * n));
  check_bound(s, 5 * n, base::ns(10));
}

TEST_CASE("misses of one page wait for one walk") {
  auto p = loaded_platform();
  simulation s(p, reads_of_one_page(64));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.tbu.hazards") == 63);
  CHECK(s.count("smmu.walker.walks") == 1);
}

}  // namespace
}  // namespace svasim::test
