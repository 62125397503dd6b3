// The host kernel's SMMUv3 driver as others in the kernel use it: answers to page requests and
// stalls, and invalidation of a process's pages in the SMMU and in the devices' ATCs, with the
// commands and in the order of Linux (vsva-flow.md sections 4, 8): TLBI batch and CMD_SYNC, then
// ATC_INV for each stream and CMD_SYNC. Without range invalidation more than `asid_pages` pages are
// one TLBI by ASID; ATC_INV covers the smallest aligned power of two around the range.
//
// Leaves out: stage-2 invalidation by IPA, lazy flushing (SVA notifiers must not).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "arch/command.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/hop_log.h"
#include "tlm/software/command_lists.h"
#include "tlm/software/iommu_ops.h"

namespace svasim::software {

struct arm_smmu_v3_params {
  command_lists_params commands;
  bool range_invalidation = true;
  bool broadcast = false;
  std::uint32_t ecmdqs = 0;
  std::uint32_t asid_pages = 512;
  void describe(describe::visitor& v);
};

struct arm_smmu_v3_stats : stats::group {
  explicit arm_smmu_v3_stats(stats::group* parent) : group(parent, "arm_smmu_v3") {}
  stats::counter responses{this, "responses", "groups", "Groups and stalls answered."};
  stats::counter invalidations{this, "invalidations", "ranges", "Ranges invalidated."};
  stats::counter tlbi{this, "tlbi", "commands", "TLB invalidations written."};
  stats::counter atc_inv{this, "atc_inv", "commands", "ATC invalidations written."};
  stats::histogram invalidation_time{this, "invalidation_time", "ps",
                                     "From the first command until the last CMD_SYNC was seen."};
};

class arm_smmu_v3 final : public iommu_ops {
 public:
  /// `log` may be null. `response`: the hop of writing an answer. `has_atc`: processes' devices
  /// have ATCs.
  arm_smmu_v3(const arm_smmu_v3_params& params, const command_lists::ring& ring, bool has_atc,
              kit::hop_log* log, kit::hop response, stats::group* parent);

  /// Invalidations take turns among these queues from now on: ECMDQs, a guest's own command queue.
  void add_queue(const command_lists::ring& ring);
  /// Streams with an ATC that hold translations of the PASID.
  void bind(base::substream_id pasid, base::stream_id sid, base::vmid vmid);

  void respond(kit::task& t, const fault_group& group, bool success) override;
  void invalidate(kit::task& t, const invalidation_range& range) override;
  /// A flush of everything that has the VMID.
  void invalidate_vmid(kit::task& t, base::vmid vmid);
  /// A page or range of a stream without processes.
  void invalidate_stream(kit::task& t, base::stream_id sid, base::asid asid, base::vmid vmid,
                         std::uint64_t first, std::uint64_t pages, bool has_atc);
  /// Commands of a guest, their VMID already the host's: chunks with a CMD_SYNC each.
  void issue_for_guest(kit::task& t, const std::vector<arch::command>& commands);

  const command_lists& commands() const { return m_commands; }
  const arm_smmu_v3_stats& statistics() const { return m_stats; }

  /// TLBIs for a range of pages (0: the whole ASID), without CMD_SYNC.
  static std::vector<arch::command> tlbi_for(const arm_smmu_v3_params& params, base::asid asid,
                                             base::vmid vmid, std::uint64_t first,
                                             std::uint64_t pages);
  /// The ATC_INV for the range of one stream.
  static arch::command atc_inv_for(base::stream_id sid, bool has_pasid, base::substream_id pasid,
                                   std::uint64_t first, std::uint64_t pages);

 private:
  struct bound_stream {
    base::stream_id sid;
    base::vmid vmid;
  };
  void flush(kit::task& t, const std::vector<arch::command>& tlbi,
             const std::vector<arch::command>& atc);
  command_lists& next_queue();
  void issue_batched(kit::task& t, command_lists& queue,
                     const std::vector<arch::command>& commands);

  const arm_smmu_v3_params m_params;
  const bool m_atc;
  kit::hop_log* const m_log;
  const kit::hop m_response_hop;
  arm_smmu_v3_stats m_stats;
  command_lists m_commands;
  std::vector<std::unique_ptr<command_lists>> m_queues;  // for invalidations; none: the same
  std::size_t m_turn = 0;
  std::map<std::uint32_t, std::vector<bound_stream>> m_bound;  // by PASID
};

}  // namespace svasim::software
