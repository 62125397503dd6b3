// Host SVA with stalls on Kunpeng 920, a simulation of one point of the sweep.
#pragma once

#include <cstdint>

#include "platforms/platform_params.h"
#include "trace/sva_plan.h"

namespace svasim::test {

struct sweep_point {
  std::uint32_t times;
  std::uint32_t faults;
  double without, with;  ///< KB/s, KB of 1,024 bytes
};
/// As measured; the last one has the steady rate of the device.
inline constexpr sweep_point sweep_points[] = {{1, 512, 951'672, 163'866},
                                               {100, 1024, 8'691'961, 4'529'971},
                                               {1000, 1024, 9'158'721, 8'376'346},
                                               {5000, 1024, 9'184'532, 9'008'739}};

platforms::platform_params sweep_platform();
trace::sva_plan sweep_plan(const sweep_point& at);

/// What `times` messages take at `rate`, in us: 1 MiB counts.
inline double time_at(double rate, std::uint32_t times) {
  return times * 1024.0 / rate * 1e6;
}

struct sweep_outcome {
  double time = 0;  ///< us
  std::uint64_t faults = 0;
};
/// In a process of its own. `prefault`: no page faults.
sweep_outcome simulate(const sweep_point& at, bool prefault);

/// Prints the row of a point and checks it.
void check_point(const sweep_point& at);

}  // namespace svasim::test
