#include "tlm/smmu/tlb.h"

#include "base/bits.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {
namespace {

// The part of `t` that is the naturally aligned 2^shift bytes around `address`.
arch::translation narrowed(arch::translation t, std::uint64_t address, unsigned shift) {
  const std::uint64_t skip = offset_in(t, address >> shift << shift);
  t.input += skip;
  t.ipa += skip;
  t.output = t.output + skip;
  t.size_shift = static_cast<std::uint8_t>(shift);
  return t;
}

}  // namespace

tlb::tlb(const kit::cache_params& params, tlb_span span, std::uint64_t seed, tlb_stats& counts)
    : m_store(params.shape(), params.policy, seed), m_span(span), m_counts(counts) {}

void tlb::fill(std::uint64_t tag, const arch::translation& t, std::uint64_t address) {
  if (!present()) return;
  const bool whole = m_span == tlb_span::leaf || t.size_shift <= page_shift;
  m_counts.fills += 1;
  bool evicted;
  if (whole) {
    evicted = m_store.insert(tag, t.input, t.size_shift, t).has_value();
  } else {
    const arch::translation page = narrowed(t, address, page_shift);
    evicted = m_store.insert(tag, page.input, page.size_shift, page).has_value();
  }
  m_counts.evictions += evicted;
}

void tlb::invalidate(const arch::invalidation& inv) {
  m_counts.invalidated += m_store.invalidate_if(
      [&inv](std::uint64_t, std::uint64_t, unsigned, const arch::translation& t) {
        return inv.covers(arch::tag_of(t));
      });
}

void tlb::invalidate_streams(const arch::invalidation& inv) {
  m_counts.invalidated += m_store.invalidate_if(
      [&inv](std::uint64_t tag, std::uint64_t, unsigned, const arch::translation&) {
        return inv.covers(config_key_of(tag));
      });
}

}  // namespace svasim::smmu
