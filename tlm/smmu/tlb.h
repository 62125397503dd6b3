// A TLB of the SMMU: translations by tag and address, with what it counts. The owner chooses the
// tag (a stream or an address space, stream_keys.h) and says when a lookup counts, as a request
// that is refused is looked up again. An entry spans the whole leaf or one 4 KiB page.
//
// A nested translation is one entry of the smaller of both leaves, or split in two: VA to IPA of
// stage 1, under the tag, and IPA to PA of stage 2, under the VM's own tag, so that many stage-1
// pages share a large stage-2 block. Finding a split one takes two lookups.
//
// Leaves out: bypass entries, global entries as matching every ASID (found under their own).
#pragma once

#include <functional>

#include "arch/invalidation.h"
#include "arch/translation.h"
#include "stats/counter.h"
#include "tlm/smmu/tbu_params.h"
#include "uarch/partitioned_cache.h"

namespace svasim::smmu {

struct tlb_stats : stats::group {
  tlb_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter lookups{this, "lookups", "lookups", "Lookups made."};
  stats::counter hits{this, "hits", "lookups", "Lookups that found a translation."};
  stats::counter misses{this, "misses", "lookups", "Lookups that did not."};
  stats::counter fills{this, "fills", "entries", "Entries written."};
  stats::counter evictions{this, "evictions", "entries", "Entries that left for others."};
  stats::counter invalidated{this, "invalidated", "entries", "Entries removed by commands."};
  void count(bool hit) {
    lookups += 1;
    (hit ? hits : misses) += 1;
  }
};

class tlb {
 public:
  static constexpr unsigned page_shift = 12;

  /// `counts` must outlive it; `seed` is for random replacement.
  tlb(const tlb_params& params, tlb_span span, nested_entries nested, std::uint64_t seed,
      tlb_stats& counts);

  bool present() const { return m_present; }
  /// The translation of `address`, which becomes the most recently used, or null. Not counted;
  /// valid until the next find, fill or invalidation.
  const arch::translation* find(std::uint64_t tag, std::uint64_t address,
                                std::uint32_t partition = 0) {
    m_lookups = 1;
    const arch::translation* const t = m_store[partition].lookup(tag, address);
    return t == nullptr || !is_stage1_part(*t) ? t : join(*t, address, partition);
  }
  /// Lookups that the last find() took, one after the other: 1 or 2.
  unsigned lookups() const { return m_lookups; }
  /// Enter `t` for `address`, which it contains.
  void fill(std::uint64_t tag, const arch::translation& t, std::uint64_t address,
            std::uint32_t partition = 0);
  /// Drop what a TLBI covers.
  void invalidate(const arch::invalidation& inv);
  /// Drop what a CFGI covers, where tags are stream keys.
  void invalidate_streams(const arch::invalidation& inv);

  /// Sees the tag of each fill that made another entry leave, and that entry's; empty when nobody
  /// looks.
  std::function<void(std::uint64_t by, std::uint64_t victim)> on_eviction;

 private:
  // Half of a split entry: what stage 2 makes of it is elsewhere.
  static bool is_stage1_part(const arch::translation& t) {
    return t.kind == arch::translation_kind::nested && t.s2.size_shift == 0;
  }
  const arch::translation* join(const arch::translation& stage1, std::uint64_t address,
                                std::uint32_t partition);
  void enter(std::uint64_t tag, const arch::translation& t, std::uint64_t address,
             std::uint32_t partition);
  void put(std::uint64_t tag, const arch::translation& t, std::uint32_t partition);

  uarch::partitioned_cache<std::uint64_t, arch::translation> m_store;
  const bool m_present;
  tlb_span m_span;
  nested_entries m_nested;
  unsigned m_lookups = 1;
  arch::translation m_joined;
  tlb_stats& m_counts;
};

/// `address` within the range of `t`; an ignored top byte (TBI) differs above the leaf.
inline std::uint64_t offset_in(const arch::translation& t, std::uint64_t address) {
  return address & base::low_mask(t.size_shift);
}

}  // namespace svasim::smmu
