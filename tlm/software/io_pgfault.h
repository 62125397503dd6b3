// The kernel's I/O page fault handler (Linux drivers/iommu/io-pgfault.c; vsva-flow.md section 7):
// requests of a group are kept until its Last, then the group goes to a workqueue; its requests are
// served one after the other by the mm of the PASID, one failure fails the group, and the IOMMU
// driver answers. Groups run in parallel, as many as there are workers.
//
// A group that the workqueue has no room for, and requests beyond `partial` kept ones, are answered
// as failed or dropped, and counted. Leaves out: fault cookies, SVA domains' own handlers.
#pragma once

#include <map>

#include "describe/visitor.h"
#include "tlm/kit/hop_log.h"
#include "tlm/software/iommu_ops.h"
#include "tlm/software/process_memory.h"
#include "tlm/software/work_queue.h"

namespace svasim::software {

struct io_pgfault_params {
  std::uint32_t workers = 16;
  std::uint32_t groups = 512;
  std::uint32_t partial = 512;
  void describe(describe::visitor& v);
};

struct io_pgfault_stats : stats::group {
  explicit io_pgfault_stats(stats::group* parent) : group(parent, "io_pgfault") {}
  stats::counter requests{this, "requests", "requests", "Page requests reported."};
  stats::counter groups{this, "groups", "groups", "Groups that were served."};
  stats::counter failed{this, "failed", "groups", "Groups answered as failed."};
  stats::counter refused{this, "refused", "groups", "Groups the workqueue had no room for."};
  stats::counter partial_dropped{this, "partial_dropped", "requests",
                                 "Requests of unfinished groups that were dropped."};
};

class io_pgfault {
 public:
  struct hops {
    kit::hop queued;  ///< from the report of the Last until a worker has the group
    kit::hop mm;
  };
  /// `log` may be null; all references must outlive it. `who` works on `on`, where `queue` is the
  /// name of the workqueue.
  io_pgfault(const io_pgfault_params& params, const kernel_costs& costs, kit::machine& on,
             kit::actor who, iommu_ops& answers, kit::hop_log* log, hops names,
             stats::group* parent, const std::string& queue = "iopf_queue");

  /// Whose memory the faults of a PASID are for.
  void bind(base::substream_id pasid, process_memory& mm) { m_memories[pasid.value()] = &mm; }

  /// A page request of a device; stop markers are ignored.
  void report(kit::task& t, const arch::page_request& r);
  /// A group by itself: a stalled transaction.
  void report(kit::task& t, fault_group group);
  /// The queue overflowed: requests of unfinished groups will be asked again.
  void discard_partial();

  const io_pgfault_stats& statistics() const { return m_stats; }

 private:
  void queue(kit::task& t, fault_group&& group);
  void serve(kit::task& t, fault_group& group);

  const io_pgfault_params m_params;
  const kernel_costs m_costs;
  iommu_ops& m_answers;
  kit::hop_log* const m_log;
  const hops m_hops;
  io_pgfault_stats m_stats;
  std::map<std::uint32_t, process_memory*> m_memories;
  std::map<kit::fault_key, fault_group> m_partial;
  std::uint32_t m_partial_count = 0;
  work_queue<fault_group> m_queue;
};

}  // namespace svasim::software
