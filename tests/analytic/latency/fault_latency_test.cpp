// Unloaded latency of an access that faults, to the picosecond: it never goes to memory, and comes
// back as a completion without data.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t line_of_pages = 8 * 4096;
constexpr std::uint64_t out = 0x80000000;

// One line of leaf descriptors is mapped, the rest of the table is not.
memory_workload few_pages() {
  memory_workload w;
  w.stream(memory_workload::sid, 1).region(memory_workload::sid, first, base::kib(32), out);
  return w;
}

void check_last(simulation& s, duration expected) {
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.latencies().back().value() == expected.value());
  CHECK(s.count("device.dma.faulted") == 1);
  CHECK(s.count("smmu.event_queue.recorded") == 1);
}

TEST_CASE("a read of an unmapped page takes its walk and a completion without data") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, few_pages().read(first).read(first + line_of_pages));
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() +
                    f.walk_cache_lookup() + f.cold(8) + f.fault_down());
}

TEST_CASE("a write to an unmapped page takes its walk and no wire time back") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, few_pages().read(first).write(first + line_of_pages, 128));
  check_last(s, f.write_up(128) + f.both_tlbs() + f.dti() + f.configuration_lookup() +
                    f.walk_cache_lookup() + f.cold(8) + f.write_down());
}

TEST_CASE("a walk ends at the level at which nothing is mapped") {
  const auto p = distinct_platform();
  const closed_form f(p);
  const std::uint64_t far = std::uint64_t{1} << 42;  // another line of the level-0 table
  simulation s(p, few_pages().read(first).read(far));
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() +
                    f.walk_cache_lookup() + f.cold(8) + f.fault_down());
}

TEST_CASE("an access of an unknown stream ends with the read of its L1STD") {
  const auto p = distinct_platform();
  const closed_form f(p);
  const std::uint32_t stranger = memory_workload::sid + (8u << 8);  // another line of L1STDs
  simulation s(p, few_pages().read(first).read(first).by(stranger));
  check_last(s, f.read_up() + f.both_tlbs() + f.dti() + f.configuration_lookup() + f.cold(8) +
                    f.fault_down());
}

}  // namespace
}  // namespace svasim::test
