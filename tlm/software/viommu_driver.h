// The guest's virtio-iommu driver (Linux drivers/iommu/virtio-iommu.c with the vSVA extension;
// virtio-iommu.md sections 3, 4; vsva-flow.md 3 steps 7 to 9, 4 step 2, 5(b), 5(f)). One lock
// protects the request queue; map and unmap requests wait in the ring until something is
// synchronised; who synchronises kicks and polls the used ring with interrupts off until all
// requests are back. The event interrupt decodes records, gives the buffers back and hands page
// requests to a workqueue with one thread, which reports them to io-pgfault. While that workqueue
// is full, records stay in the event queue with its interrupt off; its thread reads on.
//
// Leaves out: attach and PROBE (set up before time starts), unrecoverable faults beyond a count.
#pragma once

#include <vector>

#include "arch/virtio_iommu.h"
#include "arch/virtio_iommu_fault.h"
#include "describe/visitor.h"
#include "stats/histogram.h"
#include "tlm/kit/virtqueue.h"
#include "tlm/software/costs.h"
#include "tlm/software/io_pgfault.h"
#include "tlm/software/iommu_ops.h"
#include "tlm/software/locks.h"
#include "tlm/software/process.h"
#include "tlm/software/work_queue.h"

namespace svasim::software {

struct viommu_driver_params {
  std::uint32_t event_buffers = 64;
  std::uint32_t page_requests = 64;
  void describe(describe::visitor& v);
};

struct viommu_driver_stats : stats::group {
  explicit viommu_driver_stats(stats::group* parent) : group(parent, "viommu_driver") {}
  stats::counter requests{this, "requests", "requests", "Requests put into the ring."};
  stats::counter failed{this, "failed", "requests", "Requests that came back with an error."};
  stats::counter syncs{this, "syncs", "times", "Times that all requests were waited for."};
  stats::counter polls{this, "polls", "turns", "Turns of that wait."};
  stats::counter events{this, "events", "events", "Event records read."};
  stats::counter other_events{this, "other_events", "events", "Those that were no page request."};
  stats::counter held_back{this, "held_back", "times",
                           "Times that records had to wait for room in the workqueue."};
  stats::histogram sync_time{this, "sync_time", "ps", "To synchronise, with interrupts off."};
};

class viommu_driver final : public iommu_ops, public dma_map_ops {
 public:
  struct wiring {
    kit::machine* machine = nullptr;
    kit::virtqueue_driver* requests = nullptr;
    kit::virtqueue_driver* events = nullptr;
    std::uint64_t request_kick = 0;  ///< registers (IPA)
    std::uint64_t event_kick = 0;
    std::uint64_t buffers = 0;  ///< IPA of memory for requests and events, buffer_bytes()
    arch::viommu_fault_layout layout = arch::viommu_fault_layout::reviewed;
    std::uint32_t domain = 1;
    unsigned cpu = 0;  ///< vCPU that takes the event interrupt
    kit::hop_log* log = nullptr;
  };
  viommu_driver(const viommu_driver_params& params, const kernel_costs& costs, const wiring& w,
                stats::group* parent);
  std::uint64_t buffer_bytes() const;

  /// Before time starts, by a task that takes none: buffers for events.
  void set_up(kit::task& t);
  /// Where page requests go; before time starts.
  void set_faults(io_pgfault& faults) { m_faults = &faults; }
  /// Of the machine; what the device's interrupt must raise.
  unsigned event_interrupt() const { return m_interrupt; }

  void respond(kit::task& t, const fault_group& group, bool success) override;
  void invalidate(kit::task& t, const invalidation_range& range) override;
  void map(kit::task& t, const process_memory& mm, std::uint64_t first,
           std::uint64_t pages) override;
  void unmap(kit::task& t, const process_memory& mm, std::uint64_t first,
             std::uint64_t pages) override;

  const viommu_driver_stats& statistics() const { return m_stats; }

 private:
  void add(kit::task& t, const arch::viommu_request& r);
  void synchronise(kit::task& t);
  void collect(kit::task& t);
  void give_buffer(kit::task& t, std::uint64_t index);
  void read_events(kit::task& t);
  void collect_events(kit::task& t, base::duration begun);
  void event(kit::task& t, const kit::virtqueue_driver::used& used, base::duration begun);
  std::uint64_t slot(std::uint64_t i) const { return m_wiring.buffers + i * slot_bytes; }
  std::uint64_t event_buffer(std::uint64_t i) const {
    return m_wiring.buffers + (m_wiring.requests->entries() + i) * slot_bytes;
  }
  static constexpr std::uint64_t slot_bytes = 128;
  static constexpr std::uint64_t tail_offset = 96;

  const viommu_driver_params m_params;
  const kernel_costs m_costs;
  const wiring m_wiring;
  viommu_driver_stats m_stats;
  io_pgfault* m_faults = nullptr;
  work_queue<arch::page_request> m_pri_queue;
  spin_lock m_lock;
  std::vector<std::uint64_t> m_free_slots;
  unsigned m_interrupt = 0;
  bool m_reading = false;     // events, by the interrupt or the workqueue's thread
  bool m_read_again = false;  // an interrupt came, or there was room, meanwhile
  bool m_waits = false;       // events, for room in the workqueue
};

}  // namespace svasim::software
