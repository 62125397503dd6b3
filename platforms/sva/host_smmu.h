// What a host's kernel has for one SMMU: its driver, the threads of its PRI queue and its event
// queue, and, where the host serves faults itself, an I/O page fault handler.
#pragma once

#include <functional>
#include <memory>

#include "platforms/one_of_many.h"
#include "platforms/platform_params.h"
#include "platforms/topology.h"
#include "tlm/software/arm_smmu_v3.h"
#include "tlm/software/io_pgfault.h"
#include "tlm/software/queue_threads.h"

namespace svasim::platforms {

class host_smmu {
 public:
  struct wiring {
    std::string name;     ///< of the SMMU, empty where there is one
    unsigned number = 0;  ///< of the SMMU
    kit::machine* machine = nullptr;
    unsigned cpu = 0;  ///< takes the interrupts
    bool has_atc = false;
    kit::hop_log* log = nullptr;
    /// Serves page requests of guests; empty: the host serves faults.
    std::function<void(kit::task&, const arch::page_request&)> to_guest;
  };
  host_smmu(const platform_params& params, const smmu::smmu_params& smmu, const wiring& w,
            stats::group& statistics);

  software::arm_smmu_v3& driver() { return *m_driver; }
  software::io_pgfault* faults() { return m_faults.get(); }  ///< null: guests serve faults
  kit::machine& machine() { return *m_wiring.machine; }
  unsigned page_interrupt() const { return m_page_thread->interrupt(); }
  unsigned event_interrupt() const { return m_event_thread->interrupt(); }

 private:
  void build_driver(const platform_params& params, const smmu::smmu_params& smmu);
  void build_threads(const platform_params& params, const smmu::smmu_params& smmu);
  void serve_page_request(kit::task& t, const arch::page_request& r);
  void serve_event(kit::task& t, const arch::event& e);
  void log_thread(const kit::fault_key& key, const software::queue_thread& thread);

  const wiring m_wiring;
  const std::uint64_t m_window;  // of its structures and registers
  one_of_many m_names;
  std::unique_ptr<software::arm_smmu_v3> m_driver;
  std::unique_ptr<software::io_pgfault> m_faults;
  std::unique_ptr<software::queue_thread> m_page_thread;
  std::unique_ptr<software::queue_thread> m_event_thread;
};

}  // namespace svasim::platforms
