// Processes that share their address space with devices and hand them messages through their work
// queues, as a plan says: an SVA workload. Each VM has functions on the devices that the plan
// names, in turn, and its processes use them in turn; bare metal has the same without VMs.
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

  void place(const topology_plan& plan) override;
  std::uint32_t functions() const override {
    return static_cast<std::uint32_t>(m_functions.size());
  }
  base::stream_id stream(std::uint32_t function) const override {
    return m_functions[function].sid;
  }
  std::uint32_t vm_of(std::uint32_t function) const override { return m_functions[function].vm; }
  trace::feed& build_feed(unsigned device, stats::group* statistics) override;
  void start(sva_platform& p) override;
  bool finished() const override { return m_running == 0; }
  std::string left() const override;

  const trace::sva_plan& plan() const { return m_plan; }
  const std::vector<std::unique_ptr<software::process>>& processes() const { return m_processes; }

 private:
  struct placed_function {
    base::stream_id sid;
    unsigned device = 0;
    std::uint32_t vm = 0;
  };
  std::vector<unsigned> chosen(const topology_plan& plan) const;
  void add(sva_platform& p, std::uint32_t vm);
  bool submit(const std::vector<std::uint32_t>& functions, bool pinned, std::uint32_t process,
              const software::message& m);

  const platform_params m_params;
  const trace::sva_plan m_plan;
  const bool m_first_touch;
  std::vector<device_params> m_devices;
  std::vector<placed_function> m_functions;
  std::vector<std::unique_ptr<device::work_queues>> m_work;  // by device
  std::vector<std::unique_ptr<software::process>> m_processes;
  std::uint32_t m_running = 0;
};

}  // namespace svasim::platforms
