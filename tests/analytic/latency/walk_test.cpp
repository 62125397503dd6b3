// Unloaded latency of accesses that need a walk of one stage, to the picosecond. Descriptors are 8
// bytes, so that neighbours are in one line of 64 bytes; each structure starts a page of its own.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;  // of a region of 2 MiB
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t line_of_pages = 8 * page;  // whose descriptors share a line
constexpr std::uint64_t out = 0x80000000;

memory_workload small_region() {
  memory_workload w;
  w.stream(memory_workload::sid, 1).region(memory_workload::sid, first, base::mib(2), out);
  return w;
}

void leave_out(kit::cache_params& cache) {
  cache.entries = cache.ways = 0;
}

void leave_out_walk_caches(platforms::platform_params& p) {
  smmu::walk_cache_params& w = p.smmu.tcu.walk_cache;
  for (kit::cache_params* c : {&w.s1_l0, &w.s1_l1, &w.s1_l2, &w.s2_l0, &w.s2_l1, &w.s2_l2}) {
    leave_out(*c);
  }
}

// A read that misses both TLBs, apart from what the TCU does.
duration read_around_tcu(const closed_form& f, duration data) {
  return f.read_up() + f.both_tlbs() + f.dti() + data + f.read_down(first, 64);
}

void check_last(simulation& s, duration expected) {
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.latencies().back().value() == expected.value());
}

TEST_CASE("the first access reads L1STD, STE, CD and four descriptors, all from memory") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().read(first));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.cold(8) +
                    2 * f.cold(64) + f.walk_cache_lookup() + 4 * f.cold(8));
  CHECK(s.count("smmu.walker.config_reads") == 3);
  CHECK(s.model().walker().statistics().descriptor_reads() == 4);
}

TEST_CASE("a linear stream table saves the read of the L1STD") {
  auto p = distinct_platform();
  p.tables.two_level_stream_table = false;
  const closed_form f(p);
  simulation s(p, small_region().read(first));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + 2 * f.cold(64) +
                    f.walk_cache_lookup() + 4 * f.cold(8));
  CHECK(s.count("smmu.walker.config_reads") == 2);
}

TEST_CASE("with the level-2 table known a walk reads one descriptor") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first + line_of_pages));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.walk_cache_lookup() +
                    f.cold(8));
  CHECK(s.count("smmu.walk_cache.s1_l2.hits") == 1);
}

TEST_CASE("the descriptor of the neighbouring page is in the system-level cache") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first + page));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.walk_cache_lookup() +
                    f.warm());
}

TEST_CASE(
    "with known configuration, elsewhere in the address space, a walk reads four descriptors") {
  const auto p = distinct_platform();
  const closed_form f(p);
  const std::uint64_t far = std::uint64_t{1} << 42;  // another line of the level-0 table
  simulation s(p, small_region()
                      .region(memory_workload::sid, far, base::kib(4), out + (1u << 30))
                      .read(first)
                      .read(far));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.walk_cache_lookup() +
                    4 * f.cold(8));
}

TEST_CASE("a known level-0 table leaves three reads, a known level-1 table two") {
  const auto p = distinct_platform();
  const closed_form f(p);
  const std::uint64_t next_2m = first + 8 * (1ull << 21);
  const std::uint64_t next_1g = first + 8 * (1ull << 30);
  simulation s(p, small_region()
                      .region(memory_workload::sid, next_2m, base::kib(4), out + (1u << 30))
                      .region(memory_workload::sid, next_1g, base::kib(4), out + (2u << 30))
                      .read(first)
                      .read(next_2m)
                      .read(next_1g));
  s.run();
  CHECK(s.broken_rule() == "");
  const duration around =
      read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.walk_cache_lookup();
  CHECK(s.latencies()[1].value() == (around + 2 * f.cold(8)).value());
  CHECK(s.latencies()[2].value() == (around + 3 * f.cold(8)).value());
}

TEST_CASE(
    "without any cache in the SMMU each access reads all again, from the system-level cache") {
  auto p = distinct_platform();
  leave_out(p.smmu.tbu.utlb);
  leave_out(p.smmu.tbu.main_tlb);
  leave_out(p.smmu.tcu.configuration_cache);
  leave_out_walk_caches(p);
  const closed_form f(p);
  simulation s(p, small_region().read(first).read(first));
  check_last(s, f.read_up() + f.dti() + (3 + 4) * f.warm() + f.warm() + f.read_down(first, 64));
}

TEST_CASE("a 2 MiB block takes three reads") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, small_region().pages_of(base::mib(2)).read(first));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.cold(8) +
                    2 * f.cold(64) + f.walk_cache_lookup() + 3 * f.cold(8));
}

TEST_CASE("a 1 GiB block takes two reads") {
  const auto p = distinct_platform();
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1).pages_of(base::gib(1));
  w.region(memory_workload::sid, 1ull << 30, base::gib(1), 2ull << 30).read(1ull << 30);
  simulation s(p, w);
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() + f.cold(8) +
                    2 * f.cold(64) + f.walk_cache_lookup() + 2 * f.cold(8) + f.cold(64) +
                    f.read_down(1ull << 30, 64));
}

TEST_CASE("stage 2 alone reads no CD, and four descriptors for 48 bits of IPA") {
  auto p = distinct_platform();
  p.tables.mode = arch::table_mode::stage2;
  const closed_form f(p);
  simulation s(p, small_region().read(first));
  check_last(s, read_around_tcu(f, f.cold(64)) + f.configuration_lookup() + f.cold(8) + f.cold(64) +
                    f.walk_cache_lookup() + 4 * f.cold(8));
  CHECK(s.count("smmu.walker.config_reads") == 2);
}

}  // namespace
}  // namespace svasim::test
