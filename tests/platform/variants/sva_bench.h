// One run of an SVA platform with the checker on, every fault of it, and what must be true of every
// such run.
#pragma once

#include <string>
#include <vector>

#include "platforms/sva/sva_platform.h"

namespace svasim::test {

/// 'a' to 'g'.
platforms::variant variant_of(char letter);
/// The default platform as this variant.
platforms::platform_params variant_params(char letter);
/// workloads/NAME.json.
trace::sva_plan sva_workload(const std::string& name);
/// Two processes, two buffers of 16 pages.
trace::sva_plan small_plan();

class sva_bench {
 public:
  sva_bench(const platforms::platform_params& params, const trace::sva_plan& plan,
            bool check = true);
  void run() { m_platform.run(); }

  platforms::sva_platform& model() { return m_platform; }
  const std::vector<kit::finished_fault>& faults() const { return m_faults; }
  /// A counter by its path, "device.atc.pri.groups".
  std::uint64_t count(const std::string& path);
  /// Of all devices, or all SMMUs: sum("device", "atc.pri.groups").
  std::uint64_t sum(const std::string& group, const std::string& path);
  /// Messages that ended with an error.
  std::uint64_t messages_failed() const;

  /// What must be true after every run and is not; empty if all is well.
  std::string broken_rule();

 private:
  std::string broken_fault_rule();
  std::string broken_group_rule();
  const trace::sva_plan m_plan;
  std::vector<kit::finished_fault> m_faults;
  platforms::sva_platform m_platform;
};

/// Answers that are late: other work on the cores comes in between, page faults of storage take
/// anything up to twice their time, the device gives up early. To be called behind draw_costs().
void draw_delays(platforms::platform_params& p, std::uint64_t seed);
/// Many sizes of queues at one, costs of software at random, from a seed.
void draw_costs(platforms::platform_params& p, std::uint64_t seed);

}  // namespace svasim::test
