#include "stall_sweep.h"

#include <catch2/catch.hpp>
#include <cstdio>

#include "base/child_process.h"
#include "platforms/sva/sva_platform.h"
#include "tests/platform/presets/preset_files.h"
#include "tests/validation/rows/row.h"
#include "workloads/sva_workload.h"

namespace svasim::test {

platforms::platform_params sweep_platform() {
  auto p = platforms::test::read_file<platforms::platform_params>(
      platforms::test::preset("kunpeng-920"));
  p.served = platforms::variant::stall;
  p.smmu.tcu.stalls = 1;  // one fault outstanding
  // 2,048 reads and 4,096 writes take 111.49 us with what software adds.
  p.device.dma.issue_interval = base::ps(17'180);
  return p;
}

trace::sva_plan sweep_plan(const sweep_point& at) {
  trace::sva_plan p =
      workloads::read_sva_workload(SVASIM_SOURCE_DIR "/workloads/sva_stall_sweep.json");
  p = workloads::stall_sweep_point(p, at.times, at.faults);
  p.end = trace::buffer_end::keep;  // what follows the last message is not measured
  return p;
}

sweep_outcome simulate(const sweep_point& at, bool prefault) {
  platforms::sva_options options;
  options.prefault = prefault;
  const std::string text = base::in_child([&] {
    platforms::sva_platform s(sweep_platform(), sweep_plan(at), options);
    s.run();
    return std::to_string(s.finished_at().value()) + " " +
           std::to_string(s.faults().resolved.value());
  });
  unsigned long long time = 0, faults = 0;
  REQUIRE(std::sscanf(text.c_str(), "%llu %llu", &time, &faults) == 2);
  return {static_cast<double>(time) / 1e6, faults};
}

void check_point(const sweep_point& at) {
  const double message = time_at(sweep_points[3].without, 1);
  const double first = time_at(at.without, at.times) - at.times * message;
  const sweep_outcome o = simulate(at, false);
  const row r{"stalls, " + std::to_string(at.times) + " times", "KB/s", at.with,
              at.times * 1024.0 / (o.time + first) * 1e6,
              "no-fault rate; 10.4 us a fault, once for all points"};
  print(r);
  std::printf("validation:   %llu faults; first message's constant %.0f us\n",
              static_cast<unsigned long long>(o.faults), first);
  CHECK(o.faults == at.faults);
  CHECK(r.within(3));
}

}  // namespace svasim::test
