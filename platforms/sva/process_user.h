// Processes that share their address space with the device and hand it messages through its work
// queues, as a plan says: an SVA workload.
#pragma once

#include <memory>
#include <vector>

#include "platforms/platform_params.h"
#include "platforms/sva/device_user.h"
#include "tlm/device/work_queues.h"
#include "tlm/software/process.h"
#include "trace/sva_plan.h"

namespace svasim::platforms {

class process_user final : public device_user {
 public:
  process_user(const platform_params& params, const trace::sva_plan& plan, bool first_touch)
      : m_params(params), m_plan(plan), m_first_touch(first_touch) {}

  std::uint32_t functions() const override { return m_plan.vms; }
  std::uint16_t requester_id(std::uint32_t function) const override;
  trace::feed& build_feed(stats::group* device) override;
  void start(sva_platform& p) override;
  bool finished() const override { return m_running == 0; }
  std::string left() const override;

  const trace::sva_plan& plan() const { return m_plan; }
  const std::vector<std::unique_ptr<software::process>>& processes() const { return m_processes; }

 private:
  void add(sva_platform& p, std::uint32_t function);

  const platform_params m_params;
  const trace::sva_plan m_plan;
  const bool m_first_touch;
  std::unique_ptr<device::work_queues> m_work;
  std::vector<std::unique_ptr<software::process>> m_processes;
  std::uint32_t m_running = 0;
};

}  // namespace svasim::platforms
