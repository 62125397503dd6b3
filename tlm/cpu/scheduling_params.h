// What a kernel's scheduler costs and how it shares a processor: the host's and a guest's.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::cpu {

struct scheduling_params {
  base::duration time_slice = base::us(3000);
  base::duration irq_entry = base::ns(800);
  base::duration thread_wake = base::ns(2200);
  base::duration thread_wake_cost = base::ns(500);
  base::duration context_switch = base::ns(300);
  void describe(describe::visitor& v);
};

}  // namespace svasim::cpu
