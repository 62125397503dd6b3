// A TLB of the SMMU: translations by tag and address, with what it counts. The owner chooses the
// tag (a stream or an address space, stream_keys.h) and says when a lookup counts, as a request
// that is refused is looked up again. An entry spans the whole leaf or one 4 KiB page.
//
// Leaves out: bypass entries, global entries as matching every ASID (found under their own).
#pragma once

#include "arch/invalidation.h"
#include "arch/translation.h"
#include "stats/counter.h"
#include "tlm/smmu/smmu_params.h"
#include "uarch/set_associative_cache.h"

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
  tlb(const kit::cache_params& params, tlb_span span, std::uint64_t seed, tlb_stats& counts);

  bool present() const { return m_store.capacity() != 0; }
  /// The translation of `address`, which becomes the most recently used, or null. Not counted;
  /// valid until the next fill or invalidation.
  const arch::translation* find(std::uint64_t tag, std::uint64_t address) {
    return m_store.lookup(tag, address);
  }
  /// Enter `t` for `address`, which it contains.
  void fill(std::uint64_t tag, const arch::translation& t, std::uint64_t address);
  /// Drop what a TLBI covers.
  void invalidate(const arch::invalidation& inv);
  /// Drop what a CFGI covers, where tags are stream keys.
  void invalidate_streams(const arch::invalidation& inv);

 private:
  uarch::set_associative_cache<std::uint64_t, arch::translation> m_store;
  tlb_span m_span;
  tlb_stats& m_counts;
};

/// `address` within the range of `t`; an ignored top byte (TBI) differs above the leaf.
inline std::uint64_t offset_in(const arch::translation& t, std::uint64_t address) {
  return address & base::low_mask(t.size_shift);
}

}  // namespace svasim::smmu
