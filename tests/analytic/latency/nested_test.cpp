// Unloaded latency of nested walks, to the picosecond. Each of the n stage-1 descriptors and the
// output need a stage-2 walk of m reads: (n + 1)(m + 1) - 1 descriptor reads.
#include <catch2/catch.hpp>

#include <set>

#include "arch/translate.h"
#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

using platforms::stage2_page;

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t out = 0x80000000;
constexpr unsigned stage1_levels = 4;

constexpr unsigned nested_reads(unsigned stage2_levels) {
  return (stage1_levels + 1) * (stage2_levels + 1) - 1;
}
static_assert(nested_reads(4) == 24 && nested_reads(3) == 19 && nested_reads(2) == 14);

void leave_out(kit::cache_params& cache) {
  cache.entries = cache.ways = 0;
}

// Nested, without walk caches.
platforms::platform_params nested_platform(stage2_page stage2) {
  auto p = distinct_platform();
  p.tables.mode = arch::table_mode::nested;
  p.tables.stage2_page_size = stage2;
  p.tables.ipa_bits = 48;
  p.smmu.tcu.walk_cache.nested = false;
  return p;
}

memory_workload two_reads(std::uint64_t second) {
  memory_workload w;
  w.stream(memory_workload::sid, 1).region(memory_workload::sid, first, base::mib(2), out);
  w.read(first).read(second);
  return w;
}

// The same page again, found by nobody but the configuration cache and the system-level cache.
void check_warm_walk(stage2_page stage2, unsigned stage2_levels) {
  auto p = nested_platform(stage2);
  leave_out(p.smmu.tbu.utlb);
  leave_out(p.smmu.tbu.main_tlb);
  const closed_form f(p);
  simulation s(p, two_reads(first));
  s.run();
  CHECK(s.broken_rule() == "");
  const duration walk = nested_reads(stage2_levels) * f.warm();
  CHECK(s.latencies()[1].value() == (f.read_up() + f.dti() + f.configuration_lookup() + walk +
                                     f.warm() + f.read_down(first, 64))
                                        .value());
  // Two walks, and once the stage-2 walk that finds the CD.
  CHECK(s.model().walker().statistics().descriptor_reads() ==
        2 * nested_reads(stage2_levels) + stage2_levels);
}

TEST_CASE("a nested walk over 4 KiB stage-2 pages takes 24 reads") {
  check_warm_walk(stage2_page::page_4k, 4);
}

TEST_CASE("a nested walk over 2 MiB stage-2 blocks takes 19 reads") {
  check_warm_walk(stage2_page::block_2m, 3);
}

TEST_CASE("a nested walk over 1 GiB stage-2 blocks takes 14 reads") {
  check_warm_walk(stage2_page::block_1g, 2);
}

// Time of the reads of a whole translation where nothing is cached but lines once read, and their
// number.
std::pair<duration, unsigned> cold_reads(simulation& s, const closed_form& f) {
  std::set<std::uint64_t> lines;
  duration time;
  unsigned reads = 0;
  arch::access_request access;
  access.sid = base::stream_id(memory_workload::sid);
  access.address = first;
  const arch::translation_result r = arch::translate(
      s.model().registers(),
      [&](const arch::fetch_request& at, std::uint64_t* words) {
        s.model().memory().read(at.address, words, at.size);
        time += lines.insert(at.address.value() / 64).second ? f.cold(at.size) : f.warm();
        ++reads;
        return true;
      },
      access);
  REQUIRE(r.outcome == arch::outcome::ok);
  return {time, reads};
}

void check_cold_walk(stage2_page stage2, unsigned stage2_levels) {
  const auto p = nested_platform(stage2);
  const closed_form f(p);
  simulation s(p, two_reads(first));
  // L1STD and STE, the CD behind its stage-2 walk, then the nested walk.
  const auto [reads_time, reads] = cold_reads(s, f);
  CHECK(reads == 2 + stage2_levels + 1 + nested_reads(stage2_levels));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.latencies()[0].value() ==
        (f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() + reads_time +
         f.cold(64) + f.read_down(first, 64))
            .value());
}

TEST_CASE("a cold nested walk reads each line from memory once: 4 KiB stage-2 pages") {
  check_cold_walk(stage2_page::page_4k, 4);
}

TEST_CASE("a cold nested walk reads each line from memory once: 2 MiB stage-2 blocks") {
  check_cold_walk(stage2_page::block_2m, 3);
}

TEST_CASE("a cold nested walk reads each line from memory once: 1 GiB stage-2 blocks") {
  check_cold_walk(stage2_page::block_1g, 2);
}

TEST_CASE("warm walk caches leave a nested walk one read a stage") {
  auto p = nested_platform(stage2_page::page_4k);
  p.smmu.tcu.walk_cache.nested = true;
  const closed_form f(p);
  // The neighbouring page: both descriptors are in lines that the first walk has read.
  simulation s(p, two_reads(first + page));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.latencies()[1].value() ==
        (f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() +
         2 * f.walk_cache_lookup() + 2 * f.warm() + f.cold(64) + f.read_down(first + page, 64))
            .value());
}

}  // namespace
}  // namespace svasim::test
