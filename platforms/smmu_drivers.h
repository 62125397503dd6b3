// The drivers of all SMMUs of a platform as one, as a domain with devices behind several of them
// sees it: TLB maintenance goes to each SMMU, what names a stream to the SMMU of that stream, a
// CMD_SYNC to each that has commands without one.
#pragma once

#include <functional>
#include <vector>

#include "arch/command.h"
#include "tlm/software/smmu_driver.h"

namespace svasim::platforms {

class smmu_drivers {
 public:
  static constexpr std::uint32_t capacity = software::smmu_driver::capacity;

  /// `drivers` must outlive it; `smmu_of`: index of the driver of a stream.
  smmu_drivers(std::vector<software::smmu_driver*> drivers,
               std::function<unsigned(base::stream_id)> smmu_of);

  /// All or nothing; false where a queue is full.
  [[nodiscard]] bool submit(const arch::command_words& command);
  /// The most that one of them has submitted and not yet known to be complete.
  std::uint32_t outstanding() const;
  /// Called each time one of them saw a CMD_SYNC complete.
  std::function<void()> on_synced;

 private:
  std::vector<std::size_t> targets(const arch::command_words& command) const;

  const std::vector<software::smmu_driver*> m_drivers;
  const std::function<unsigned(base::stream_id)> m_smmu_of;
  std::vector<bool> m_unsynced;
};

}  // namespace svasim::platforms
