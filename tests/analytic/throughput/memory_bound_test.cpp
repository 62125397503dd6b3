// Throughput that the memory system limits.
#include <catch2/catch.hpp>

#include "bound.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t n = 20000;
constexpr std::uint64_t line = 64;

// Each access reads a line that no other reads. Blocks, so that walks are rare.
memory_workload reads_of_lines() {
  memory_workload w = one_region();
  w.pages_of(base::mib(2));
  for (std::uint64_t i = 0; i < n; ++i) w.read(first_page + i * line);
  return w;
}

memory_workload reads_of_one_line(std::uint64_t count) {
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < count; ++i) w.read(first_page);
  return w;
}

TEST_CASE("one DRAM bank takes an access each row cycle") {
  auto p = loaded_platform();
  p.memory.dram.channels = p.memory.dram.banks = 1;
  simulation s(p, reads_of_lines());
  check_bound(s, n, p.memory.dram.bank_cycle);
}

TEST_CASE("a DRAM channel moves its rate") {
  auto p = loaded_platform();
  p.memory.dram.channels = 1;
  p.memory.dram.interleave = base::bytes(line);
  p.memory.dram.channel_rate = base::gigabytes_per_s(1);
  simulation s(p, reads_of_lines());
  check_bound(s, n, base::ns(line));
}

TEST_CASE("two DRAM channels move twice the rate of one") {
  auto p = loaded_platform();
  p.memory.dram.channels = 2;
  p.memory.dram.interleave = base::bytes(line);
  p.memory.dram.channel_rate = base::gigabytes_per_s(1);
  simulation s(p, reads_of_lines());
  check_bound(s, n, base::ns(line), 2);
}

void check_misses(std::uint32_t misses) {
  auto p = loaded_platform();
  p.memory.system_level_cache.misses = misses;
  p.memory.dram.interleave = base::bytes(line);  // neighbours in different channels
  const closed_form f(p);
  simulation s(p, reads_of_lines());
  check_bound(s, n, f.cold(line) - 2 * p.memory.interconnect.latency, misses);
}

TEST_CASE("one outstanding miss lets the system-level cache miss once in each memory latency") {
  check_misses(1);
}

TEST_CASE("four outstanding misses let it miss four times in each memory latency") {
  check_misses(4);
}

TEST_CASE("a slice of the system-level cache takes a request a cycle") {
  auto p = loaded_platform();
  p.memory.system_level_cache.slices = 1;
  p.memory.system_level_cache.clock = base::mhz(100);
  simulation s(p, reads_of_one_line(2 * n));
  check_bound(s, 2 * n, base::ns(10));
}

TEST_CASE("a slice with a queue of one still takes a request a cycle") {
  auto p = loaded_platform();
  p.memory.system_level_cache.slices = 1;
  p.memory.system_level_cache.input_queue = 1;
  p.memory.system_level_cache.clock = base::mhz(100);
  simulation s(p, reads_of_one_line(2 * n));
  check_bound(s, 2 * n, base::ns(10));
  CHECK(s.count("memory.slc.refused") > 0);
}

TEST_CASE("each line read goes to memory once, and no more") {
  auto p = loaded_platform();
  simulation s(p, reads_of_lines());
  s.run();
  CHECK(s.broken_rule() == "");
  const std::uint64_t walk_reads =
      s.model().walker().statistics().descriptor_reads() + s.count("smmu.walker.config_reads");
  CHECK(s.count("memory.slc.lookups") == n + walk_reads);
  CHECK(s.count("memory.slc.misses") == s.count("memory.dram.reads"));
  CHECK(s.count("memory.dram.writes") == 0);
}

}  // namespace
}  // namespace svasim::test
