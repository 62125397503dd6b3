// Who runs the virtio-iommu device on the host: threads of the VMM in user space (kvmtool;
// vsva-flow 5(b)), or the host kernel itself (5(c)). A worker serves the request queue when the
// guest has kicked it. Page requests become event records: in user space a thread reads them off
// VFIO's fault ring, in the kernel who has them fills the event buffer at once. Without a free
// buffer a record waits; in the kernel at most `backlog` of them. Where the device drops it
// instead, the group is answered with success, so that the endpoint asks again, as an SMMU does
// whose PRI queue overflows.
//
// What the guest asks for is done by the host's SMMU driver: from user space through a VFIO call,
// answers to page requests through VFIO's response region and its workqueue of one thread.
//
// Leaves out: several request queues.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "arch/pri.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/viommu.h"
#include "tlm/software/arm_smmu_v3.h"
#include "tlm/software/costs.h"
#include "tlm/software/fault_ring.h"
#include "tlm/software/work_queue.h"
#include "uarch/ring_fifo.h"

namespace svasim::software {

struct viommu_backend_params {
  std::uint32_t backlog = 64;
  std::uint32_t responses = 512;
  void describe(describe::visitor& v);
};

struct viommu_backend_stats : stats::group {
  explicit viommu_backend_stats(stats::group* parent) : group(parent, "viommu_backend") {}
  stats::counter kicks{this, "kicks", "kicks", "Kicks of the guest."};
  stats::counter requests{this, "requests", "requests", "Requests served."};
  stats::counter events{this, "events", "events", "Event records given to the guest."};
  stats::counter event_waits{this, "event_waits", "events", "Records that found no buffer."};
  stats::counter events_lost{this, "events_lost", "events", "Records dropped for want of one."};
  stats::counter interrupts{this, "interrupts", "interrupts", "Interrupts injected."};
  stats::counter refused{this, "refused", "requests", "Page requests that found no room."};
};

class viommu_backend {
 public:
  struct wiring {
    kit::machine* machine = nullptr;  ///< the host
    kit::viommu_device* device = nullptr;
    fault_ring* ring = nullptr;  ///< where the VMM serves; null where the kernel does
    iommu_ops* host = nullptr;   ///< drivers of the host's SMMUs
    kit::hop_log* log = nullptr;
    std::function<void(kit::task&)> inject;  ///< the event interrupt; takes its time
    std::uint64_t response_region = 0;       ///< PA, 64 bytes
    /// MAP and UNMAP carried out on the host's tables; empty: none are expected.
    std::function<void(kit::task&, const arch::viommu_request&)> on_map;
    std::function<void(kit::task&, const arch::viommu_request&,
                       const std::vector<kit::viommu_mapping>&)>
        on_unmap;
  };
  viommu_backend(const viommu_backend_params& params, const kernel_costs& kernel,
                 const vmm_costs& costs, const wiring& w, stats::group* parent);

  /// The guest wrote the notification register of a queue; in the exit (ioeventfd).
  void kick_requests(kit::task& exit);
  void kick_events(kit::task& exit);
  /// The kernel has a page request (without a ring). False: no room, the caller answers.
  [[nodiscard]] bool deliver(kit::task& t, const arch::page_request& r);

  const viommu_backend_stats& statistics() const { return m_stats; }

 private:
  void set_hooks();
  void into_kernel(kit::task& t);
  arch::viommu_status page_response(kit::task& t, const arch::viommu_request& r);
  arch::viommu_status invalidate(kit::task& t, const arch::viommu_request& r);
  void serve(kit::task& t);
  void read_faults(kit::task& t);
  void send_backlog(kit::task& t);
  bool push(kit::task& t, const arch::page_request& r);
  void ask_again(kit::task& t, const arch::page_request& r);
  void to_vfio(kit::task& t, const fault_group& g);
  void interrupt(kit::task& t);
  bool user_space() const { return m_wiring.ring != nullptr; }

  const viommu_backend_params m_params;
  const kernel_costs m_kernel;
  const vmm_costs m_costs;
  const wiring m_wiring;
  viommu_backend_stats m_stats;
  kit::wakeup m_kicked;
  kit::wakeup m_event_kicked;
  mutex m_event_lock;
  std::vector<kit::fault_key> m_given;       // since the last interrupt
  std::optional<arch::page_request> m_held;  // read off the ring, no buffer yet
  uarch::ring_fifo<arch::page_request> m_backlog;
  std::unique_ptr<work_queue<fault_group>> m_responses;  // of VFIO
};

}  // namespace svasim::software
