#include "tlm/smmu/tlb.h"

#include <algorithm>

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

// Stage 2 of a VM, whichever stage-1 address space leads there.
std::uint64_t stage2_tag(const arch::translation& t) {
  return space_tag(arch::translation_kind::s2, t.world, base::asid{}, t.vmid);
}

arch::translation stage1_part(arch::translation t) {
  const std::uint64_t before = t.input & base::low_mask(t.s1.size_shift);
  t.size_shift = t.s1.size_shift;
  t.input -= before;
  t.ipa -= before;
  t.output = base::pa{};
  t.s2 = arch::stage_leaf{};
  return t;
}

arch::translation stage2_part(arch::translation t) {
  const std::uint64_t before = t.ipa & base::low_mask(t.s2.size_shift);
  t.kind = arch::translation_kind::s2;
  t.size_shift = t.s2.size_shift;
  t.ipa -= before;
  t.input = t.ipa;
  t.output = base::pa(t.output.value() - before);
  t.s1 = arch::stage_leaf{};
  t.asid = base::asid{};
  t.global = false;
  t.privcfg = t.instcfg = 0;
  return t;
}

}  // namespace

tlb::tlb(const tlb_params& params, tlb_span span, nested_entries nested, std::uint64_t seed,
         tlb_stats& counts)
    : m_store(params.shape(), params.policy, seed, params.partition.partitions()),
      m_present(m_store.capacity() != 0),
      m_span(span),
      m_nested(nested),
      m_counts(counts) {}

const arch::translation* tlb::join(const arch::translation& stage1, std::uint64_t address,
                                   std::uint32_t partition) {
  m_lookups = 2;
  const std::uint64_t ipa = stage1.ipa + offset_in(stage1, address);
  const arch::translation* const stage2 = m_store[partition].lookup(stage2_tag(stage1), ipa);
  if (stage2 == nullptr) return nullptr;
  const unsigned shift = std::min(stage1.size_shift, stage2->size_shift);
  const std::uint64_t within = address & base::low_mask(shift);
  m_joined = stage1;
  m_joined.size_shift = static_cast<std::uint8_t>(shift);
  m_joined.input = stage1.input + offset_in(stage1, address) - within;
  m_joined.ipa = ipa - within;
  m_joined.output = stage2->output + (offset_in(*stage2, ipa) - within);
  m_joined.s2 = stage2->s2;
  return &m_joined;
}

void tlb::fill(std::uint64_t tag, const arch::translation& t, std::uint64_t address,
               std::uint32_t partition) {
  if (!present()) return;
  if (m_nested == nested_entries::merged || t.kind != arch::translation_kind::nested) {
    return enter(tag, t, address, partition);
  }
  enter(tag, stage1_part(t), address, partition);
  enter(stage2_tag(t), stage2_part(t), t.ipa + offset_in(t, address), partition);
}

void tlb::enter(std::uint64_t tag, const arch::translation& t, std::uint64_t address,
                std::uint32_t partition) {
  if (m_span == tlb_span::page && t.size_shift > page_shift) {
    put(tag, narrowed(t, address, page_shift), partition);
  } else {
    put(tag, t, partition);
  }
}

void tlb::put(std::uint64_t tag, const arch::translation& t, std::uint32_t partition) {
  m_counts.fills += 1;
  m_counts.evictions +=
      m_store[partition].insert(tag, t.input, t.size_shift, t, [this, tag](const auto& leaving) {
        if (on_eviction) on_eviction(tag, leaving.tag);
      });
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
        return is_stream_key(tag) && inv.covers(config_key_of(tag));
      });
}

}  // namespace svasim::smmu
