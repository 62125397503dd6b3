// How accesses are cut into requests: by Max_Read_Request_Size or Max_Payload_Size, and at 4 KiB.
#include <catch2/catch.hpp>

#include "base/rng.h"
#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t page = 4096;

// Each page that is touched takes as many requests as its bytes fill.
std::uint64_t requests(std::uint64_t address, std::uint64_t length, std::uint64_t limit) {
  std::uint64_t n = 0;
  for (std::uint64_t p = address / page; p * page < address + length; ++p) {
    const std::uint64_t begin = std::max(address, p * page);
    const std::uint64_t end = std::min(address + length, (p + 1) * page);
    n += (end - begin + limit - 1) / limit;
  }
  return n;
}

platforms::platform_params platform_with(std::uint64_t mps, std::uint64_t mrrs) {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.pcie.link.mps = base::bytes(mps);
  p.pcie.link.mrrs = base::bytes(mrrs);
  return p;
}

void check_split(const platforms::platform_params& p) {
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  w.region(memory_workload::sid, first, base::mib(2), 0x80000000);
  base::rng random(7);
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t bytes = 0;
  for (unsigned i = 0; i < 500; ++i) {
    const std::uint64_t at = first + random.below(base::mib(1).value());
    const std::uint64_t length = 1 + random.below(random.chance(1, 2) ? 64 : 20000);
    w.read(at, static_cast<std::uint32_t>(length)).write(at, static_cast<std::uint32_t>(length));
    reads += requests(at, length, p.pcie.link.mrrs.value());
    writes += requests(at, length, p.pcie.link.mps.value());
    bytes += 2 * length;
  }
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.statistic("device.dma.read_latency")["count"] == reads);
  CHECK(s.statistic("device.dma.write_latency")["count"] == writes);
  CHECK(s.count("pcie.link.up_tlps") == reads + writes);
  CHECK(s.count("device.dma.bytes") == bytes);
}

TEST_CASE("accesses are cut at 256 B writes and 512 B reads") {
  check_split(platform_with(256, 512));
}

TEST_CASE("accesses are cut at 128 B writes and 4 KiB reads") {
  check_split(platform_with(128, 4096));
}

TEST_CASE("accesses are cut at 4 KiB writes and 128 B reads") {
  check_split(platform_with(4096, 128));
}

TEST_CASE("an access that ends at a page's end takes no request in the next page") {
  const auto p = platform_with(256, 512);
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  w.region(memory_workload::sid, first, base::kib(4), 0x80000000);
  simulation s(p, w.read(first + page - 512, 512).write(first + page - 256, 256));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.issued") == 2);
  CHECK(s.count("device.dma.faulted") == 0);
}

}  // namespace
}  // namespace svasim::test
