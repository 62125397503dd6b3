// What a virtual machine costs and how it is set up (KVM on arm64).
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/cpu/core_tlb.h"
#include "tlm/cpu/scheduling_params.h"

namespace svasim::cpu {

/// Where the host threads of the vCPUs run.
enum class placement : std::uint8_t {
  floating,  ///< where there is room
  pinned,    ///< vCPU i on core first_core + i, modulo the cores
};

/// How an interrupt of a device gets to a vCPU.
enum class injection : std::uint8_t {
  list_register,  ///< by the host kernel; a vCPU that runs is made to exit
  direct,         ///< by the interrupt controller (GICv4); only a halted vCPU costs the host
};

/// Primitives of KVM, those that kvm-unit-tests micro-bench measures among them.
struct kvm_costs {
  base::duration exit = base::ns(292);
  base::duration kernel_mmio = base::ns(127);
  base::duration user_exit = base::ns(1317);
  base::duration inject = base::ns(250);
  base::duration kick = base::ns(628);
  base::duration its_command = base::ns(398);
  base::duration vcpu_wake = base::ns(500);
  base::duration halt_poll = base::ns(0);
  void describe(describe::visitor& v);
};
/// As measured on Neoverse N1 (the defaults) and Kunpeng 920: exit, kernel_mmio and user_exit
/// differ, the others are the same.
kvm_costs kunpeng_920_kvm();

struct vm_params {
  std::uint32_t vcpus = 4;
  cpu::placement placement = cpu::placement::pinned;
  std::uint32_t first_core = 0;
  cpu::injection injection = cpu::injection::list_register;
  map_page linear_map = map_page::page_4k;
  kvm_costs kvm;
  scheduling_params scheduling = guest_scheduling();
  void describe(describe::visitor& v);
  static scheduling_params guest_scheduling();
};

}  // namespace svasim::cpu
