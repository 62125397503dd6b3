#include "tlm/software/costs.h"

namespace svasim::software {
namespace {
const base::duration none = base::ns(0);
const base::duration much = base::us(10000);
}  // namespace

void kernel_costs::describe(describe::visitor& v) {
  v.field("work_dispatch", work_dispatch, none, much,
          "A workqueue item, from queueing until a worker that is awake has it.",
          "D: 3.0 us of a fault are the work-queue hop, nearly all of it the wake-up (measurements "
          "11)");
  v.field("fault_decode", fault_decode, none, much, "Parse one PRIQ or EVTQ record.", "A: assumed");
  v.field("iopf_group", iopf_group, none, much,
          "Handle a fault group: find the mm, prepare the response.",
          "D: iopf_handle_group() 2.0 us (measurements 3.1) less a zero-filled page");
  v.field("syscall", syscall, none, much, "User to kernel and back.", "A: assumed");
  v.field("eventfd", eventfd, none, much, "Signal an eventfd.", "A: assumed");
  v.field("notifier", notifier, none, much, "Call the MMU notifiers of a range.", "A: assumed");
  v.field("queue_add", queue_add, none, much, "Add a request to a virtqueue or ring.",
          "A: assumed");
  v.field("queue_pop", queue_pop, none, much, "Take a request off a virtqueue or ring.",
          "A: assumed");
  v.field("poll", poll, none, much, "One turn of a busy poll, without its read.", "A: assumed");
}

void mm_costs::describe(describe::visitor& v) {
  v.field("minor", minor, none, much, "Fault on a page that is there.", "A: assumed");
  v.field("zero_fill", zero_fill, none, much, "Fault that takes a zeroed page.",
          "A: 1.0 us, CPU minor fault (measurements 11)");
  v.field("copy_on_write", copy_on_write, none, much, "Fault that copies a page.",
          "A: a zero-filled page and 4 KiB read");
  v.field("swap_in", swap_in, none, base::us(1000000), "Fault that reads a page from swap, median.",
          "A: 60 us for a major fault, NP-RDMA (measurements 3.3)");
  v.field("swap_spread_percent", swap_spread_percent, {0, 100}, "percent",
          "Swap-in times spread evenly by this much about the median.", "A: assumed");
  v.field("map_page", map_page, none, much, "Make a page table entry, without its store.",
          "A: assumed");
  v.field("unmap_page", unmap_page, none, much, "Clear an entry and free the page.", "A: assumed");
  v.field("pin_page", pin_page, none, much, "Pin a user page (get_user_pages).", "A: assumed");
  v.field("mmap", mmap, none, much, "mmap, munmap or fork, without their pages.", "A: assumed");
  v.field("fork_page", fork_page, none, much, "Make a page read-only and share it.", "A: assumed");
  v.field("broadcast", broadcast, none, much, "TLBI of the CPUs' TLBs and DSB.", "A: assumed");
}

void vmm_costs::describe(describe::visitor& v) {
  v.field("vfio", vfio, none, much, "Body of a VFIO or iommufd call or write.",
          "A: half of the 1.6 us VFIO handler (measurements 3.1)");
  v.field("vfio_map_page", vfio_map_page, none, much, "VFIO: pin and map one page.", "A: assumed");
  v.field("record", record, none, much, "Copy a fault record, without its stores.", "A: assumed");
  v.field("event", event, none, much, "Fill an event buffer, without its stores.", "A: assumed");
  v.field("request", request, none, much, "Parse a request of the guest, without its reads.",
          "A: assumed");
  v.field("inject", inject, none, much, "Interrupt injection ioctl or irqfd.",
          "A: share of the 1643 ns of an LPI on N1 (measurements 5)");
  v.field("stage2_fault", stage2_fault, none, much, "KVM backs a page of the guest.",
          "A: 0.7 us per 4 KiB, batched (measurements 11)");
}

}  // namespace svasim::software
