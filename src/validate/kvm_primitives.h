// The primitives of KVM as kvm-unit-tests' micro-bench measures them, run on the CPU model: two
// vCPUs pinned to two cores, one of which runs the test while the other one spins. With the
// platform's cores and costs of KVM.
#pragma once

#include "base/units.h"
#include "tlm/cpu/cluster.h"
#include "tlm/cpu/vm_params.h"

namespace svasim::validate {

struct kvm_primitives {
  base::duration hvc;             ///< a hypercall that does nothing
  base::duration mmio_read_vgic;  ///< a register read that the kernel serves
  base::duration mmio_read_user;  ///< a register read that user space serves
  base::duration ipi;  ///< an SGI for the other vCPU, which spins, until its handler runs
  base::duration lpi;  ///< an INT command (write CWRITER, read CREADR) until its handler has run
};

/// Each the mean of `times`. The only simulation of its process.
kvm_primitives measure_kvm(cpu::cluster_params cluster, const cpu::kvm_costs& costs,
                           unsigned times = 100);

}  // namespace svasim::validate
