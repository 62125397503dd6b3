// Unloaded latency of accesses that find their translation, to the picosecond.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;  // of a region of 2 MiB
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t out = 0x80000000;

memory_workload small_region() {
  memory_workload w;
  w.stream(memory_workload::sid, 1).region(memory_workload::sid, first, base::mib(2), out);
  return w;
}

// One entry: every other page sends it away.
void make_tiny(kit::cache_params& cache) {
  cache.entries = cache.ways = 1;
}

void check_last(simulation& s, duration expected) {
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.latencies().back().value() == expected.value());
}

TEST_CASE("a read that hits the uTLB takes link, uTLB lookup and memory") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first));
  check_last(s, f.read_up() + f.utlb() + f.warm() + f.read_down(first, 64));
  CHECK(s.count("smmu.tbu.utlb.hits") == 1);
}

TEST_CASE("a write that hits the uTLB carries its data up and nothing down") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().write(first, 256).write(first, 256));
  check_last(s, f.write_up(256) + f.utlb() + f.warm() + f.write_down());
}

TEST_CASE("a write to lines that no cache holds waits for no memory when it allocates") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().write(first).write(first + 512));
  check_last(s, f.write_up(64) + f.utlb() + f.warm() + f.write_down());
}

TEST_CASE("a write that does not allocate waits for memory") {
  auto p = distinct_platform();
  p.memory.system_level_cache.allocate_dma_writes = false;
  const closed_form f(p);
  simulation s(p, small_region().write(first, 128).write(first + 512, 128));
  check_last(s, f.write_up(128) + f.utlb() + f.cold(128) + f.write_down());
}

TEST_CASE("a read of lines that no cache holds waits for memory and the transfer") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first + 1024, 256));
  check_last(s, f.read_up() + f.utlb() + f.cold(256) + f.read_down(first + 1024, 256));
}

TEST_CASE("a hit in the main TLB takes both lookups") {
  auto p = distinct_platform();
  make_tiny(p.smmu.tbu.utlb);
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first + page).read(first));
  check_last(s, f.read_up() + f.both_tlbs() + f.warm() + f.read_down(first, 64));
  CHECK(s.count("smmu.tbu.main_tlb.hits") == 1);
}

TEST_CASE("a TLB that is left out takes no lookup time") {
  auto p = distinct_platform();
  p.smmu.tbu.utlb.entries = p.smmu.tbu.utlb.ways = 0;
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first));
  check_last(s, f.read_up() + p.smmu.tbu.main_tlb.latency + f.warm() + f.read_down(first, 64));
}

TEST_CASE("a hit in the TCU TLB takes TBU lookups, DTI both ways, configuration and TLB lookup") {
  auto p = distinct_platform();
  make_tiny(p.smmu.tbu.utlb);
  make_tiny(p.smmu.tbu.main_tlb);
  p.smmu.tcu.tlb.entries = p.smmu.tcu.tlb.ways = 16;
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first + page).read(first));
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() +
                    f.tcu_tlb_lookup() + f.warm() + f.read_down(first, 64));
  CHECK(s.count("smmu.tcu.tlb.hits") == 1);
}

TEST_CASE("a bypassed stream asks the TCU each time and reads no table") {
  auto p = distinct_platform();
  p.tables.mode = arch::table_mode::bypass;
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1).read(first).read(first);
  simulation s(p, w);
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() + f.warm() +
                    f.read_down(first, 64));
  CHECK(s.count("smmu.walker.config_reads") == 2);  // L1STD and STE, of the first access
}

TEST_CASE("a stream whose ASID the TBU does not know asks the TCU, then shares entries") {
  auto p = distinct_platform();
  p.smmu.tbu.tag = smmu::tlb_tag::asid;
  const closed_form f(p);
  memory_workload w;
  w.stream(8, 1).stream(9, 1).region(8, first, base::mib(2), out);
  // Stream 9 learns its ASID with another page; the page of stream 8 is then a hit.
  w.read(first).by(8).read(first + page).by(9).read(first).by(9);
  simulation s(p, w);
  check_last(s, f.read_up() + f.utlb() + f.warm() + f.read_down(first, 64));
  CHECK(s.count("smmu.tbu.translations") == 2);
}

}  // namespace
}  // namespace svasim::test
