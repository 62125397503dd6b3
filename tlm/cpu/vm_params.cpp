#include "tlm/cpu/vm_params.h"

namespace svasim::cpu {

void kvm_costs::describe(describe::visitor& v) {
  const base::duration none, much = base::us(100);
  v.field("exit", exit, none, much,
          "Exit to the host kernel and entry again, half of it each way (t_exit).",
          "M: hvc on Neoverse N1, measurements 5");
  v.field("kernel_mmio", kernel_mmio, none, much,
          "What a trapped register access takes in the host kernel beside the exit.",
          "M: mmio_read_vgic less hvc on Neoverse N1, measurements 5");
  v.field("user_exit", user_exit, none, much,
          "What a trapped register access takes to user space and back beside the exit.",
          "M: mmio_read_user less hvc on Neoverse N1, measurements 5");
  v.field("inject", inject, none, much,
          "An interrupt into a list register of the vCPU, before entry (t_inject).",
          "A: share of the ipi and lpi figures of measurements 5");
  v.field("kick", kick, none, much,
          "An interrupt to another core and its handling there, to make a vCPU exit.",
          "D: mean of ipi less exits, injection and guest entry on two machines, measurements 5");
  v.field("its_command", its_command, none, much,
          "An emulated ITS carries out the guest's INT command.",
          "D: mean of lpi less exits, injection and guest entry on two machines, measurements 5");
  v.field("vcpu_wake", vcpu_wake, none, much,
          "A halted vCPU after its host thread is awake, before entry (t_vcpu_wake).",
          "A: assumed");
  v.field("halt_poll", halt_poll, none, base::us(1000),
          "How long the host waits busily for an interrupt of a halted vCPU before it sleeps.",
          "A: off; Linux adapts it between 0 and 500 us (halt_poll_ns)");
}

kvm_costs kunpeng_920_kvm() {
  kvm_costs c;
  c.exit = base::ns(408);
  c.kernel_mmio = base::ns(638 - 408);
  c.user_exit = base::ns(2306 - 408);
  return c;
}

scheduling_params vm_params::guest_scheduling() {
  scheduling_params p;
  p.irq_entry = base::ns(200);
  return p;
}

void vm_params::describe(describe::visitor& v) {
  v.field("vcpus", vcpus, {1, 512}, "vCPUs", "vCPUs.", "A: assumed");
  v.choice("placement", placement,
           {{"floating", placement::floating}, {"pinned", placement::pinned}},
           "Whether each vCPU's thread stays on a core of its own choosing by the host, or on one.",
           "A: pinned, as in most measurements");
  v.field("first_core", first_core, {0, 511}, "", "Core of vCPU 0 where they are pinned.",
          "A: assumed");
  v.choice("injection", injection,
           {{"list_register", injection::list_register}, {"direct", injection::direct}},
           "How interrupts of devices get to a vCPU: by the host kernel, or directly (GICv4).",
           "A: by the host kernel");
  describe_page(v, "linear_map", linear_map, "Stage-1 pages of the guest kernel's linear map.",
                "A: Linux maps it by pages with rodata=full, its default on arm64");
  v.group("kvm", kvm, "What the hypervisor's primitives cost.");
  v.group("scheduling", scheduling, "What the guest kernel's scheduler costs.");
}

}  // namespace svasim::cpu
