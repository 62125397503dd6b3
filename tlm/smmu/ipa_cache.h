// The IPA cache: leaves of stage 2, so that a nested walk, and the fetch of a CD behind stage 2,
// may skip a stage-2 walk (IHI 0070 3.17, 16.2; a TLB of stage 2 only). Found by VMID and IPA.
//
// Leaves out: hits of stage-2-only streams' TLB entries here, and of these there.
#pragma once

#include "arch/invalidation.h"
#include "arch/translation.h"
#include "tlm/kit/ports.h"
#include "tlm/smmu/tcu_params.h"
#include "tlm/smmu/tlb.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

class ipa_cache {
 public:
  ipa_cache(const lookup_params& params, stats::group* parent)
      : m_latency(params.latency),
        m_stats(parent, "ipa_cache"),
        m_store(params.shape(), params.policy, 5),
        m_ports(params.ports) {}

  bool present() const { return m_store.capacity() != 0; }
  /// The leaf around `ipa`, or null; valid until the next fill or invalidation. `at` is moved on to
  /// the end of the lookup.
  const arch::stage2_translation* lookup(std::uint64_t ipa, base::vmid vmid, base::duration& at) {
    at = m_ports.take(at, m_latency) + m_latency;
    const arch::stage2_translation* const found = m_store.lookup(vmid.value(), ipa);
    m_stats.count(found != nullptr);
    return found;
  }
  void fill(const arch::stage2_translation& t, base::vmid vmid) {
    m_stats.fills += 1;
    if (m_store.insert(vmid.value(), t.ipa, t.leaf.size_shift, t)) m_stats.evictions += 1;
  }
  void invalidate(const arch::invalidation& inv) {
    m_stats.invalidated += m_store.invalidate_if(
        [&inv](std::uint64_t vmid, std::uint64_t, unsigned, const arch::stage2_translation& t) {
          return inv.covers(arch::tag_of(t, base::vmid(static_cast<std::uint16_t>(vmid))));
        });
  }
  const tlb_stats& statistics() const { return m_stats; }

 private:
  const base::duration m_latency;
  tlb_stats m_stats;
  uarch::set_associative_cache<std::uint64_t, arch::stage2_translation> m_store;
  kit::ports m_ports;
};

}  // namespace svasim::smmu
