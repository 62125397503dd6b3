// What a kernel asks of its IOMMU driver, whatever stands behind it: the host's SMMU driver, a
// guest's virtio-iommu driver, a guest's driver of an emulated SMMU.
#pragma once

#include <vector>

#include "arch/pri.h"
#include "base/ids.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/task.h"

namespace svasim::software {

/// Faults that are answered together: a page request group, or one stalled transaction.
struct fault_group {
  base::stream_id sid;
  bool has_pasid = false;
  base::substream_id pasid;
  std::uint16_t tag = 0;  ///< PRG index or STAG
  bool stalled = false;
  bool success = true;  ///< of an answer that waits
  std::vector<arch::page_request> requests;

  kit::fault_key key() const { return {sid, has_pasid ? pasid.value() : 0, tag}; }
};

/// Pages of one process that its devices must forget.
struct invalidation_range {
  base::substream_id pasid;
  base::asid asid;
  std::uint64_t first = 0;  ///< address of the first page
  std::uint64_t pages = 0;  ///< 0: the whole address space
};

class iommu_ops {
 public:
  virtual ~iommu_ops() = default;
  /// Returns when the answer is on its way.
  virtual void respond(kit::task& t, const fault_group& group, bool success) = 0;
  /// Returns when no device uses a page of the range any more.
  virtual void invalidate(kit::task& t, const invalidation_range& range) = 0;
};

/// The tag of a page request's fault in the hop log.
inline kit::fault_key key_of(const arch::page_request& r) {
  return {r.sid, r.has_ssid ? r.ssid.value() : 0, r.prg_index};
}

}  // namespace svasim::software
