// How the host kernel hands page requests to a VMM: records in a ring in memory that both see, and
// an eventfd. It is VFIO's DMA-fault region (one writer, the VMM moves the tail) and, with a copy
// on reading, iommufd's fault queue (vsva-flow.md sections 3 step 5, 5(d) step 8).
//
// A ring that is full refuses; the caller answers for the request. Leaves out: the region's header
// layout (head and tail have a line each), records of unrecoverable faults.
#pragma once

#include <optional>

#include "arch/pri.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/task.h"
#include "tlm/software/costs.h"
#include "tlm/software/locks.h"

namespace svasim::software {

struct fault_ring_stats : stats::group {
  fault_ring_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter written{this, "written", "records", "Records written."};
  stats::counter refused{this, "refused", "records", "Records that found the ring full."};
  stats::occupancy used{this, "used", "records", "Records that the VMM has not read."};
};

class fault_ring {
 public:
  static constexpr std::uint32_t record_bytes = 64;
  /// At the PA `base`, 128 bytes and 64 for each of `entries`. `signal` is raised for each record.
  fault_ring(const char* name, std::uint64_t base, std::uint32_t entries,
             const kernel_costs& kernel, const vmm_costs& costs, stats::group* parent);

  /// By the kernel. False where it is full.
  [[nodiscard]] bool push(kit::task& t, const arch::page_request& r);
  /// By the VMM: the next record, if there is one.
  std::optional<arch::page_request> pop(kit::task& t);
  kit::wakeup& signal() { return m_signal; }
  const fault_ring_stats& statistics() const { return m_stats; }

 private:
  std::uint64_t place(std::uint32_t index) const {
    return m_base + 128 + index % m_entries * std::uint64_t{record_bytes};
  }

  const std::uint64_t m_base;
  const std::uint32_t m_entries;
  const kernel_costs m_kernel;
  const vmm_costs m_costs;
  fault_ring_stats m_stats;
  kit::wakeup m_signal;
  mutex m_lock;
  std::uint32_t m_head = 0;
  std::uint32_t m_tail = 0;
};

}  // namespace svasim::software
