#include "tlm/cpu/scheduling_params.h"

namespace svasim::cpu {

void scheduling_params::describe(describe::visitor& v) {
  v.field("time_slice", time_slice, base::us(1), base::us(1000000),
          "How long a normal thread keeps its processor while others of its priority wait.",
          "T: Linux base slice, 0.75 ms times 4 from 8 CPUs on");
  v.field("irq_entry", irq_entry, base::ns(0), base::us(100),
          "Processor time from taking an interrupt until its handler runs (t_irq_entry).",
          "A: share of 1.8 us for queue write, MSI and hard IRQ, measurements 11");
  v.field("thread_wake", thread_wake, base::ns(0), base::us(1000),
          "From waking a sleeping thread until it is in a run queue; takes no processor.",
          "A: share of 3.0 us for a threaded IRQ's wake-up (t_thread_wake), measurements 11");
  v.field("thread_wake_cost", thread_wake_cost, base::ns(0), base::us(1000),
          "Processor time of a thread that was woken, before it goes on.",
          "A: share of 3.0 us for a threaded IRQ's wake-up (t_thread_wake), measurements 11");
  v.field("context_switch", context_switch, base::ns(0), base::us(1000),
          "Processor time to get a processor that another thread had before.",
          "A: share of 3.0 us for a threaded IRQ's wake-up (t_thread_wake), measurements 11");
}

}  // namespace svasim::cpu
