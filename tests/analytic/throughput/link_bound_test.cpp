// Throughput that the link or the device limits.
#include <catch2/catch.hpp>

#include "bound.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t n = 20000;

platforms::platform_params slow_link() {
  auto p = loaded_platform();
  p.pcie.link.generation = 3;
  p.pcie.link.lanes = 1;
  return p;
}

memory_workload reads(std::uint64_t count, std::uint32_t length) {
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < count; ++i) w.read(first_page, length);
  return w;
}

memory_workload writes(std::uint64_t count, std::uint32_t length) {
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < count; ++i) w.write(first_page, length);
  return w;
}

TEST_CASE("small reads come as fast as the wire down carries their completions") {
  const auto p = slow_link();
  simulation s(p, reads(n, 64));
  check_bound(s, n, closed_form(p).wire(20 + 64));
  CHECK(s.count("pcie.link.down_bytes") == n * (20 + 64));
}

TEST_CASE("a read beyond Max_Payload_Size comes as several completions with a header each") {
  auto p = slow_link();
  p.pcie.link.mps = base::bytes(128);
  simulation s(p, reads(n, 512));
  check_bound(s, n, closed_form(p).wire(4 * 20 + 512));
}

TEST_CASE("writes go as fast as the wire up carries them") {
  const auto p = slow_link();
  simulation s(p, writes(n, 256));
  check_bound(s, n, closed_form(p).wire(24 + 256));
  CHECK(s.count("pcie.link.up_bytes") == n * (24 + 256));
}

TEST_CASE("ECRC lengthens each TLP by a word") {
  auto p = slow_link();
  p.pcie.link.ecrc = true;
  simulation s(p, writes(n, 64));
  check_bound(s, n, closed_form(p).wire(28 + 64));
}

TEST_CASE("writes share the wire up with the requests of reads, not with their completions") {
  const auto p = slow_link();
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < n; ++i) w.read(first_page).write(first_page);
  simulation s(p, w);
  check_bound(s, n, closed_form(p).wire(24) + closed_form(p).wire(24 + 64));
}

TEST_CASE("the wire is in use for the whole of a run that it limits") {
  const auto p = slow_link();
  simulation s(p, writes(n, 256));
  s.run();
  CHECK(s.count("pcie.link.up_busy") == n * closed_form(p).wire(24 + 256).value());
  CHECK(s.finished_at().value() <= s.count("pcie.link.up_busy") / 100 * 101);
}

TEST_CASE("the engine's own interval limits its requests") {
  auto p = loaded_platform();
  p.device.dma.issue_interval = base::ps(40009);
  const closed_form f(p);
  simulation s(p, reads(n, 64));
  s.run();
  CHECK(s.broken_rule() == "");
  const duration last = f.read_up() + f.utlb() + f.warm() + f.read_down(first_page, 64);
  CHECK(s.finished_at().value() == ((n - 1) * p.device.dma.issue_interval + last).value());
  // Reads wait for nothing once they are made, and no more are under way than their latency holds.
  const std::uint64_t p50 = s.statistic("device.dma.read_latency")["p50"];
  CHECK(p50 >= last.value());
  CHECK(p50 <= last.value() + last.value() / 128);  // a quantile is an upper bucket edge
  const std::uint64_t at_once = last.value() / p.device.dma.issue_interval.value() + 1;
  const std::uint64_t cold = s.statistic("device.dma.read_latency")["max"];
  CHECK(s.model().dma().statistics().in_flight.max() >= at_once);
  CHECK(s.model().dma().statistics().in_flight.max() <=
        cold / p.device.dma.issue_interval.value() + 1);
}

// By Little's law: `tags` requests in each latency.
void check_tags(std::uint32_t tags) {
  auto p = loaded_platform();
  p.device.dma.outstanding_reads = tags;
  const closed_form f(p);
  simulation s(p, reads(n, 64));
  check_bound(s, n, f.read_up() + f.utlb() + f.warm() + f.read_down(first_page, 64), tags);
  CHECK(s.model().dma().statistics().in_flight.max() == tags);
}

TEST_CASE("one tag allows one read in each latency") {
  check_tags(1);
}

TEST_CASE("eight tags allow eight reads in each latency") {
  check_tags(8);
}

TEST_CASE("write tags limit writes") {
  auto p = loaded_platform();
  p.device.dma.outstanding_writes = 3;
  const closed_form f(p);
  simulation s(p, writes(n, 64));
  check_bound(s, n, f.write_up(64) + f.utlb() + f.warm() + f.write_down(), 3);
  CHECK(s.model().dma().statistics().in_flight.max() == 3);
}

TEST_CASE("the root complex hands over one request a cycle of its clock") {
  auto p = loaded_platform();
  p.pcie.root_complex.clock = base::mhz(100);
  simulation s(p, reads(2 * n, 64));
  check_bound(s, 2 * n, base::ns(10));
}

}  // namespace
}  // namespace svasim::test
