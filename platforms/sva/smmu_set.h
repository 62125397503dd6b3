// The SMMU drivers of one kernel as its memory management sees them: an answer goes to the SMMU of
// the stream, an invalidation to each SMMU behind which the address space is bound, one after the
// other, as MMU notifiers are called. Leaves out: invalidations of several SMMUs under way at once.
#pragma once

#include <functional>
#include <vector>

#include "tlm/software/arm_smmu_v3.h"

namespace svasim::platforms {

class smmu_set final : public software::iommu_ops {
 public:
  /// Which driver has a stream, by the order of add().
  explicit smmu_set(std::function<std::size_t(base::stream_id)> driver_of)
      : m_driver_of(std::move(driver_of)) {}

  /// Must outlive it.
  void add(software::arm_smmu_v3& driver) { m_drivers.push_back(&driver); }
  software::arm_smmu_v3& of(base::stream_id sid) { return *m_drivers[m_driver_of(sid)]; }

  void respond(kit::task& t, const software::fault_group& group, bool success) override {
    of(group.sid).respond(t, group, success);
  }
  void invalidate(kit::task& t, const software::invalidation_range& range) override {
    for (software::arm_smmu_v3* const d : m_drivers) d->invalidate(t, range);
  }

 private:
  const std::function<std::size_t(base::stream_id)> m_driver_of;
  std::vector<software::arm_smmu_v3*> m_drivers;
};

}  // namespace svasim::platforms
