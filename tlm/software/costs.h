// What the steps of the software cost, as processor time (vsva-flow.md section 5 names them).
// Waking a thread, entering an interrupt, exits and register accesses are the processors' costs
// (tlm/cpu); reading and writing rings and tables costs what caches and memory say.
//
// Leaves out: costs that depend on the kernel's configuration or version.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::software {

/// One kernel: the host's or a guest's.
struct kernel_costs {
  base::duration work_dispatch = base::ns(50);
  base::duration fault_decode = base::ns(250);
  base::duration iopf_group = base::ns(600);
  base::duration syscall = base::ns(150);
  base::duration eventfd = base::ns(200);
  base::duration notifier = base::ns(100);
  base::duration queue_add = base::ns(150);
  base::duration queue_pop = base::ns(150);
  base::duration poll = base::ns(40);
  void describe(describe::visitor& v);
};

/// The memory management of a kernel.
struct mm_costs {
  base::duration minor = base::ns(500);
  base::duration zero_fill = base::ns(1000);
  base::duration copy_on_write = base::ns(1400);
  base::duration swap_in = base::us(60);
  std::uint32_t swap_spread_percent = 50;
  base::duration map_page = base::ns(60);
  base::duration unmap_page = base::ns(120);
  base::duration pin_page = base::ns(150);
  base::duration mmap = base::ns(800);
  base::duration fork_page = base::ns(60);
  base::duration broadcast = base::ns(300);
  void describe(describe::visitor& v);
};

/// VFIO, iommufd and the VMM.
struct vmm_costs {
  base::duration vfio = base::ns(800);
  base::duration vfio_map_page = base::ns(200);
  base::duration record = base::ns(150);
  base::duration event = base::ns(300);
  base::duration request = base::ns(300);
  base::duration inject = base::ns(600);
  base::duration stage2_fault = base::ns(700);
  void describe(describe::visitor& v);
};

}  // namespace svasim::software
