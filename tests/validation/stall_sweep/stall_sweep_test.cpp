// Host SVA with stalls on Kunpeng 920: synchronous messages of 1 MiB source and 1 MiB destination,
// and the throughput with faults (S. Lu, iommu list, 9 Mar 2021; measurements.md 3.1).
//
// Spent: the four throughputs without faults, the last of which is the rate of the device and the
// other three a constant each for what the first message takes beside; how many pages fault at each
// point; and one fault service time, 10.4 us, the sum of the costs in the preset. One stall is
// outstanding at a time.
#include <catch2/catch.hpp>
#include <cstdio>
#include <map>

#include "platforms/sva/sva_platform.h"
#include "stall_sweep.h"
#include "tests/platform/presets/preset_files.h"
#include "tests/validation/rows/row.h"

namespace svasim::test {
namespace {

TEST_CASE("the device keeps its published rate where nothing faults") {
  const sweep_outcome o = simulate(sweep_points[1], true);
  CHECK(o.faults == 0);
  const row r{"no faults, a message", "ns", time_at(sweep_points[3].without, 1) * 1000,
              o.time / sweep_points[1].times * 1000, "device.dma.issue_interval"};
  print(r);
  CHECK(r.within(0.5));
}

// In us: event write, MSI and hard interrupt; thread; work-queue hop; handler; RESUME and retry.
void check_parts(platforms::platform_params p, const double (&expected)[5]) {
  using kit::hop;
  p.served = platforms::variant::stall;
  platforms::sva_platform s(p, sweep_plan(sweep_points[0]));
  s.run();
  std::map<hop, double> us;
  const kit::finished_fault* const median = s.faults().at_percentile(50);
  REQUIRE(median != nullptr);
  for (const kit::hop_time& h : median->on_path) {
    us[h.what] += static_cast<double>(h.length.value()) / 1e6;
  }
  const row parts[] = {
      {"EVTQ write, MSI, hard interrupt", "us", expected[0], us[hop::smmu_evtq], "irq_entry"},
      {"until the thread has the event", "us", expected[1], us[hop::hk_irq_thread], "thread_wake"},
      {"work-queue hop", "us", expected[2], us[hop::hk_group_work], "work_dispatch"},
      {"handler", "us", expected[3], us[hop::hk_mm], "iopf_group"},
      {"RESUME and retry", "us", expected[4],
       us[hop::hk_response] + us[hop::smmu_response] + us[hop::dev_retry], "reserve"}};
  double sum = 0, expected_sum = 0;
  for (const row& r : parts) {
    std::printf("validation:   %s: %-32s %.3f of %.1f us  by %s\n", p.name.c_str(), r.name.c_str(),
                r.simulated, r.expected, r.spent.c_str());
    sum += r.simulated;
    expected_sum += r.expected;
    INFO(r.name);
    CHECK(r.within(2));
  }
  CHECK(sum == Approx(expected_sum).epsilon(0.005));
}

platforms::platform_params one_stall(const char* name) {
  auto p = platforms::test::read_file<platforms::platform_params>(platforms::test::preset(name));
  p.smmu.tcu.stalls = 1;
  return p;
}

TEST_CASE("Kunpeng 920 serves a stall in 10.4 us, by the parts of measurements 11") {
  check_parts(sweep_platform(), {1.8, 3.0, 3.0, 2.0, 0.6});
}

TEST_CASE("N2 serves a stall in 10.4 us, by the parts of measurements 11") {
  check_parts(one_stall("neoverse-n2"), {1.8, 3.0, 3.0, 2.0, 0.6});
}

TEST_CASE("Grace serves a stall in 10 us, by the parts of measurements 11") {
  check_parts(one_stall("grace"), {1.6, 2.9, 2.9, 2.0, 0.6});
}

TEST_CASE("1 message with 512 stalls is as fast as measured within 3 %") {
  check_point(sweep_points[0]);
}
TEST_CASE("100 messages with 1024 stalls are as fast as measured within 3 %") {
  check_point(sweep_points[1]);
}
}  // namespace
}  // namespace svasim::test
