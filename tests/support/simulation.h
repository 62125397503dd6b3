// One platform with one workload, both checkers on, for tests in-process: SystemC has one kernel,
// so there is one of these in a TEST_CASE.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "memory_workload.h"
#include "platforms/platform.h"

namespace svasim::test {

class simulation {
 public:
  /// `isolation`: compare every access with a functional walk; off where tables are changed by
  /// hand.
  simulation(const platforms::platform_params& params, memory_workload workload,
             bool isolation = true);

  void run();

  platforms::platform& model() { return m_platform; }
  /// Mode serial, one request an access: the latency of each access in order.
  const std::vector<base::duration>& latencies() const { return m_latencies; }
  /// A statistic by its path, as in a result: "smmu.tbu.utlb.hits".
  nlohmann::json statistic(const std::string& path);
  /// A counter.
  std::uint64_t count(const std::string& path);
  /// Everything that was measured, as text.
  std::string statistics() { return m_platform.statistics().to_json().dump(); }
  /// Latency of all requests together, in ps.
  std::uint64_t total_latency();
  base::duration finished_at() const { return m_platform.finished_at(); }

  /// Holds what is true of every run: nothing lost, nothing left over, the parts sum to the whole.
  /// Returns what is not, empty if all is well.
  std::string broken_rule();

 private:
  void note_access(bool after_access);

  memory_workload m_workload;
  memory_source m_source;
  platforms::platform m_platform;
  std::vector<base::duration> m_latencies;
  std::uint64_t m_total = 0;  // latency of the accesses noted
};

}  // namespace svasim::test
