// Throughput that flow-control credits limit: a credit is used once in each round trip, from the
// first byte of a TLP over the TBU taking it until the transmitter sees the credit again.
#include <catch2/catch.hpp>

#include "bound.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t n = 10000;

memory_workload accesses(bool write, std::uint32_t length) {
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < n; ++i) {
    if (write) {
      w.write(first_page, length);
    } else {
      w.read(first_page, length);
    }
  }
  return w;
}

TEST_CASE("with one posted header a write goes in each round trip, to the picosecond") {
  auto p = loaded_platform();
  p.pcie.link.posted_headers = 1;
  const closed_form f(p);
  simulation s(p, accesses(true, 64));
  s.run();
  CHECK(s.broken_rule() == "");
  const duration round_trip = f.write_up(64) + p.pcie.link.credit_return;
  const duration last = f.write_up(64) + f.utlb() + f.warm() + f.write_down();
  CHECK(s.finished_at().value() == ((n - 1) * round_trip + last).value());
  CHECK(s.count("pcie.link.credit_stalls") == n - 1);
}

TEST_CASE("with one non-posted header a read goes in each round trip, to the picosecond") {
  auto p = loaded_platform();
  p.pcie.link.nonposted_headers = 1;
  const closed_form f(p);
  simulation s(p, accesses(false, 64));
  s.run();
  CHECK(s.broken_rule() == "");
  const duration round_trip = f.read_up() + p.pcie.link.credit_return;
  const duration last = f.read_up() + f.utlb() + f.warm() + f.read_down(first_page, 64);
  CHECK(s.finished_at().value() == ((n - 1) * round_trip + last).value());
  CHECK(s.count("pcie.link.credit_stalls") == n - 1);
}

TEST_CASE("data credits for one payload let one write go in each round trip") {
  auto p = loaded_platform();
  p.pcie.link.posted_data = 16;  // of 16 bytes each
  const closed_form f(p);
  simulation s(p, accesses(true, 256));
  check_bound(s, n, f.write_up(256) + p.pcie.link.credit_return);
}

TEST_CASE("data credits for two payloads of a smaller size let two writes go") {
  auto p = loaded_platform();
  p.pcie.link.posted_data = 16;
  const closed_form f(p);
  simulation s(p, accesses(true, 128));
  check_bound(s, n, f.write_up(128) + p.pcie.link.credit_return, 2);
}

// The fewest headers whose TLPs keep the wire of `p` busy for a round trip.
std::uint32_t headers_for_full_rate(const platforms::platform_params& p) {
  const closed_form f(p);
  const std::uint64_t round_trip = (f.write_up(64) + p.pcie.link.credit_return).value();
  const std::uint64_t wire = f.wire(24 + 64).value();
  return static_cast<std::uint32_t>((round_trip + wire - 1) / wire);
}

platforms::platform_params slow_link() {
  auto p = loaded_platform();
  p.pcie.link.generation = 3;
  p.pcie.link.lanes = 1;
  return p;
}

TEST_CASE("credits for a round trip give the full rate") {
  auto p = slow_link();
  p.pcie.link.posted_headers = headers_for_full_rate(p);
  simulation s(p, accesses(true, 64));
  check_bound(s, n, closed_form(p).wire(24 + 64));
}

TEST_CASE("one credit less than a round trip needs limits the rate") {
  auto p = slow_link();
  p.pcie.link.posted_headers = headers_for_full_rate(p) - 1;
  const closed_form f(p);
  simulation s(p, accesses(true, 64));
  check_bound(s, n, f.write_up(64) + p.pcie.link.credit_return, p.pcie.link.posted_headers);
}

TEST_CASE("reads and writes have credits of their own, and one waits for none of the other's") {
  auto p = loaded_platform();
  p.pcie.link.posted_headers = 1;
  p.device.dma.outstanding_reads = 4096;
  const closed_form f(p);
  memory_workload w = one_region();
  for (std::uint64_t i = 0; i < n; ++i) w.write(first_page).read(first_page).read(first_page);
  simulation s(p, w);
  check_bound(s, n, f.write_up(64) + p.pcie.link.credit_return);
}

}  // namespace
}  // namespace svasim::test
