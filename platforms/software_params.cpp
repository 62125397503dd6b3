#include "platforms/software_params.h"

namespace svasim::platforms {

void kernel_params::describe(describe::visitor& v) {
  v.group("costs", costs, "Steps of the kernel.");
  v.group("mm", mm, "Memory management.");
  v.group("io_pgfault", io_pgfault, "I/O page fault handler.");
}

void host_params::describe(describe::visitor& v) {
  v.group("kernel", kernel, "Host kernel.");
  v.group("smmu", smmu, "SMMU driver, in SVA workloads.");
  v.group("vmm", vmm, "VMM, VFIO and KVM.");
  v.group("viommu", viommu, "Back end of virtio-iommu.");
  v.field("fault_ring", fault_ring, {1, 65536}, "records",
          "Records of VFIO's DMA-fault ring, and of iommufd's fault queue.",
          "T: 512, VFIO nested stage series (vsva-flow 3)");
}

void guest_params::describe(describe::visitor& v) {
  v.group("kernel", kernel, "Guest kernel.");
  v.group("smmu", smmu, "Guest's SMMU driver (variants d and e).");
  v.group("viommu", viommu, "Guest's virtio-iommu driver (variants b, c and f).");
  v.group("replay", replay, "The driver that makes the requests of a recorded virtio-iommu log.");
  v.field("log2_commands", log2_commands, {1, 19}, "log2 entries",
          "Command queue of the guest's SMMU.", "A: as the host's");
  v.field("log2_page_requests", log2_page_requests, {0, 19}, "log2 entries",
          "PRI queue of the guest's SMMU.", "A: as the host's");
}

void vm_params::describe(describe::visitor& v) {
  v.group("cpu", cpu, "vCPUs, KVM.");
  v.field("pinned_memory", pinned_memory,
          "The host has all of the guest's memory in place (VFIO pins it); else the guest's first "
          "touch takes a stage-2 fault.",
          "T: VFIO type 1 pins (vsva-flow 0)");
  v.field("memory", memory, base::mib(1), base::gib(1024), "Guest memory.", "A: assumed");
}

void software_params::describe(describe::visitor& v) {
  v.group("smmu_driver", smmu_driver, "Host SMMU driver when a trace is replayed.");
  v.group("host", host, "Host software, in SVA workloads.");
  v.group("guest", guest, "Guest software, in SVA workloads.");
  v.group("process", process, "Processes that use the device.");
  v.field("watchdog", watchdog, base::us(10), base::us(1'000'000'000),
          "A run in which the device finishes nothing for so long is stuck, and ends.",
          "A: a thousand times a slow fault");
}

}  // namespace svasim::platforms
