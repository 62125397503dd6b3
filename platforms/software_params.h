// Parameters of all software, by who runs it.
#pragma once

#include "describe/visitor.h"
#include "tlm/cpu/vm_params.h"
#include "tlm/software/arm_smmu_v3.h"
#include "tlm/software/costs.h"
#include "tlm/software/io_pgfault.h"
#include "tlm/software/process.h"
#include "tlm/software/smmu_driver.h"
#include "tlm/software/viommu_backend.h"
#include "tlm/software/viommu_driver.h"
#include "tlm/virtio/request_replay.h"

namespace svasim::platforms {

/// A kernel that serves faults: the host's, or a guest's.
struct kernel_params {
  software::kernel_costs costs;
  software::mm_costs mm;
  software::io_pgfault_params io_pgfault;
  void describe(describe::visitor& v);
};

struct host_params {
  kernel_params kernel;
  software::arm_smmu_v3_params smmu;
  software::vmm_costs vmm;
  software::viommu_backend_params viommu;
  std::uint32_t fault_ring = 512;
  void describe(describe::visitor& v);
};

struct guest_params {
  kernel_params kernel;
  software::arm_smmu_v3_params smmu;
  software::viommu_driver_params viommu;
  virtio::request_replay_params replay;
  std::uint32_t log2_commands = 8;
  std::uint32_t log2_page_requests = 8;
  void describe(describe::visitor& v);
};

/// A virtual machine.
struct vm_params {
  cpu::vm_params cpu;
  bool pinned_memory = true;
  base::byte_size memory = base::gib(4);
  void describe(describe::visitor& v);
};

struct software_params {
  software::smmu_driver_params smmu_driver;
  host_params host;
  guest_params guest;
  software::process_params process;
  base::duration watchdog = base::us(100'000);
  void describe(describe::visitor& v);
};

}  // namespace svasim::platforms
