// What an unloaded platform needs for each step of a transaction, from its parameters alone, in the
// order in which the transaction meets them. Tests add them up.
#pragma once

#include "platforms/platform_params.h"

namespace svasim::test {

using base::duration;

/// A platform in serial mode in which every parameter that is a time differs from all others, so
/// that sums tell which steps are in them.
platforms::platform_params distinct_platform();

class closed_form {
 public:
  explicit closed_form(const platforms::platform_params& params) : m_params(params) {}

  duration wire(std::uint64_t bytes) const;
  /// Device to TBU, with the wire time of the TLP.
  duration read_up() const;
  duration write_up(std::uint32_t length) const;
  /// TBU to device, with the completions of a read. What tells of a write needs no wire time.
  duration read_down(std::uint64_t address, std::uint32_t length) const;
  duration write_down() const;
  /// TBU to device, with a completion without data.
  duration fault_down() const;

  /// Lookups of the TBU.
  duration utlb() const { return m_params.smmu.tbu.utlb.latency; }
  duration both_tlbs() const { return utlb() + m_params.smmu.tbu.main_tlb.latency; }
  /// TBU to TCU and back.
  duration dti() const { return 2 * m_params.smmu.tbu.dti_latency; }
  duration configuration_lookup() const { return m_params.smmu.tcu.configuration_cache.latency; }
  duration tcu_tlb_lookup() const { return m_params.smmu.tcu.tlb.latency; }
  duration walk_cache_lookup() const { return m_params.smmu.tcu.walk_cache.latency; }

  /// A requester's access to memory and back: the line is in the system-level cache, or not.
  duration warm() const;
  duration cold(std::uint32_t length) const;

 private:
  platforms::platform_params m_params;
};

}  // namespace svasim::test
