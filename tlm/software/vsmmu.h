// The emulated SMMUv3 of a VMM with nested hardware translation (iommufd; vsva-flow.md 5(d)). A
// thread of the VMM reads the host's fault queue, writes each page request into the guest's PRI
// queue and interrupts the guest. The guest's register accesses exit to the VMM: a write of
// CMDQ_PROD makes its vCPU thread read the guest's commands, hand runs of invalidations to the
// kernel in one call, and answers to page requests to the fault queue; a CMD_SYNC completes when
// what stands before it has (its MSI is written to guest memory).
//
// Accepted from the guest: TLBI_NH_*, TLBI_NSNH_ALL (as NH_ALL), ATC_INV, CFGI_CD, PRI_RESP, SYNC;
// the VMID becomes the VM's. Others stop nothing and are counted. Leaves out: the guest's stream
// table, EVTQ, GERROR, StreamIDs that differ from the host's.
#pragma once

#include <functional>
#include <vector>

#include "arch/command.h"
#include "arch/pri.h"
#include "stats/counter.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/task.h"
#include "tlm/software/arm_smmu_v3.h"
#include "tlm/software/fault_ring.h"
#include "tlm/software/work_queue.h"

namespace svasim::software {

struct vsmmu_stats : stats::group {
  explicit vsmmu_stats(stats::group* parent) : group(parent, "vsmmu") {}
  stats::counter requests{this, "requests", "requests", "Page requests given to the guest."};
  stats::counter dropped{this, "dropped", "requests", "Page requests that found its PRIQ full."};
  stats::counter interrupts{this, "interrupts", "interrupts", "Interrupts injected."};
  stats::counter traps{this, "traps", "exits", "Register accesses of the guest."};
  stats::counter commands{this, "commands", "commands", "Commands of the guest."};
  stats::counter refused{this, "refused", "commands", "Commands that a guest may not give."};
  stats::counter calls{this, "calls", "calls", "Invalidation calls into the kernel."};
};

/// Rings of the guest's SMMU, by its own addresses, and where they are on the host.
struct vsmmu_rings {
  std::uint64_t priq = 0;  ///< PA of the guest's PRIQ
  std::uint32_t priq_entries = 0;
  std::uint64_t cmdq = 0;
  std::uint32_t cmdq_entries = 0;
  std::uint64_t pa_offset = 0;  ///< PA less IPA, of the guest's memory
};

class vsmmu {
 public:
  /// `host` outlives it. `inject` interrupts the guest for its PRIQ.
  vsmmu(const kernel_costs& kernel, const vmm_costs& costs, const vsmmu_rings& rings,
        base::vmid vmid, kit::machine& on, fault_ring& faults, arm_smmu_v3& host, kit::hop_log* log,
        std::function<void(kit::task&)> inject, stats::group* parent);

  /// The exit handler of the guest's register page; `offset` in the SMMU's pages.
  std::uint32_t access(kit::task& vcpu, bool write, std::uint64_t offset, std::uint32_t value);
  const vsmmu_stats& statistics() const { return m_stats; }

 private:
  void read_faults(kit::task& t);
  bool give(kit::task& t, const arch::page_request& r);
  void run_commands(kit::task& t);
  void flush(kit::task& t, std::vector<arch::command>& run);
  void complete(kit::task& t, const arch::command& sync);
  void answer(kit::task& t, const arch::command& c);

  const kernel_costs m_kernel;
  const vmm_costs m_costs;
  const vsmmu_rings m_rings;
  const base::vmid m_vmid;
  fault_ring& m_faults;
  arm_smmu_v3& m_host;
  kit::hop_log* const m_log;
  const std::function<void(kit::task&)> m_inject;
  vsmmu_stats m_stats;
  std::uint32_t m_priq_prod = 0, m_priq_cons = 0;
  std::uint32_t m_cmdq_prod = 0, m_cmdq_cons = 0;
  mutex m_commands_lock;
};

}  // namespace svasim::software
