// CMD_SYNC waits for the transactions that the TBU took before it, and for no others (IHI
// 0070 4.7.3).
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;

// From time zero, when the replay hands the command over, until the CMD_SYNC is decoded.
duration decoded(const platforms::platform_params& p) {
  const closed_form f(p);
  const software::smmu_driver_params& d = p.software.smmu_driver;
  return d.prepare_command + f.warm() + d.mmio_write + f.warm() + p.smmu.command_queue.decode;
}

TEST_CASE("a CMD_SYNC waits until memory has answered what was taken before it") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.pcie.link.latency = base::ns(1);
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1).read(first).sync();
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  const duration taken = f.read_up();
  const duration arrived = decoded(p) + p.smmu.tbu.dti_latency;  // the CMD_SYNC, at the TBU
  const duration answered = taken + f.both_tlbs() + f.dti() + f.configuration_lookup() + f.cold(8) +
                            2 * f.cold(64) + f.walk_cache_lookup() + 4 * f.cold(8) + f.cold(64);
  REQUIRE(taken < arrived);
  REQUIRE(arrived < answered);
  const nlohmann::json sync = s.statistic("smmu.command_queue.sync_time");
  CHECK(sync["count"] == 1);
  CHECK(sync["sum"] == (answered + p.smmu.tbu.dti_latency - decoded(p)).value());
}

TEST_CASE("a CMD_SYNC does not wait for what is taken after it") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.pcie.link.latency = base::us(2);
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1).read(first).sync();
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  REQUIRE(decoded(p) + p.smmu.tbu.dti_latency < f.read_up());
  CHECK(s.statistic("smmu.command_queue.sync_time")["sum"] == f.dti().value());
}

TEST_CASE("a stream of transactions does not hold a CMD_SYNC up") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.device.dma.issue_interval = base::ns(20);
  const closed_form f(p);
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  for (unsigned i = 0; i < 2000; ++i) w.read(first + i % 8 * 4096);
  w.sync();
  for (unsigned i = 0; i < 2000; ++i) w.read(first + i % 8 * 4096);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  // All translations are known by then: what it waits for is a memory access at most.
  const nlohmann::json sync = s.statistic("smmu.command_queue.sync_time");
  CHECK(sync["count"] == 1);
  CHECK(sync["sum"] <= (f.dti() + f.both_tlbs() + f.warm()).value());
}

}  // namespace
}  // namespace svasim::test
