// An SMMU of a guest (variants d and e), emulated by the VMM on one SMMU of the host: its fault
// queue, its registers, the guest's driver, PRIQ thread and I/O page fault handler, and in (e) a
// command queue of the hardware that the guest writes itself.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "platforms/one_of_many.h"
#include "platforms/platform_params.h"
#include "platforms/smmu_unit.h"
#include "platforms/sva/register_bus.h"
#include "tlm/cpu/virtual_machine.h"
#include "tlm/software/fault_ring.h"
#include "tlm/software/io_pgfault.h"
#include "tlm/software/queue_threads.h"
#include "tlm/software/vsmmu.h"

namespace svasim::platforms {

class emulated_smmu {
 public:
  struct wiring {
    std::string name;         ///< of the host's SMMU; empty where the guest has one
    std::uint32_t guest = 0;  ///< number of the VM
    unsigned index = 0;       ///< among those of the guest
    unsigned number = 0;      ///< of the host's SMMU
    base::vmid vmid;
    std::vector<base::stream_id> streams;
    cpu::virtual_machine* machine = nullptr;
    kit::machine* host_machine = nullptr;  ///< of the VMM's threads
    software::arm_smmu_v3* host = nullptr;
    smmu_unit* smmu = nullptr;
    register_bus* registers = nullptr;
    kit::hop_log* log = nullptr;
    std::function<void(kit::task&, unsigned interrupt)> inject;
  };
  emulated_smmu(const platform_params& params, wiring w, stats::group& statistics);

  bool owns(base::stream_id sid) const;
  software::fault_ring& ring() { return *m_ring; }
  software::arm_smmu_v3& driver() { return *m_driver; }
  /// A process shares its address space with a function.
  void bind(base::stream_id sid, base::substream_id pasid, software::process_memory& mm);

 private:
  void build_driver();
  void build_own_queue();
  software::smmu_ring build_threads();
  void build_emulation(const software::smmu_ring& pages);
  software::command_lists::ring commands() const;
  std::uint64_t rings() const;      // IPA
  std::uint64_t registers() const;  // IPA

  const platform_params& m_params;
  const wiring m_wiring;
  one_of_many m_names;
  std::unique_ptr<software::fault_ring> m_ring;
  std::unique_ptr<software::arm_smmu_v3> m_driver;
  std::unique_ptr<software::io_pgfault> m_faults;
  std::unique_ptr<software::queue_thread> m_page_thread;
  std::unique_ptr<software::vsmmu> m_vsmmu;
};

}  // namespace svasim::platforms
