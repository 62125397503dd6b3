#include "broken_tlb.h"

#include "tlm/smmu/tlb.h"

namespace svasim::test {

tlb_defect defect = tlb_defect::none;

}  // namespace svasim::test

namespace svasim::smmu {

using test::defect;
using test::tlb_defect;

tlb::tlb(const tlb_params& params, tlb_span span, nested_entries nested, std::uint64_t seed,
         tlb_stats& counts)
    : m_store(params.shape(), params.policy, seed),
      m_present(m_store.capacity() != 0),
      m_span(span),
      m_nested(nested),
      m_counts(counts) {}

const arch::translation* tlb::join(const arch::translation& stage1, std::uint64_t, std::uint32_t) {
  return &stage1;
}

void tlb::fill(std::uint64_t tag, const arch::translation& t, std::uint64_t, std::uint32_t) {
  if (!present()) return;
  arch::translation kept = t;
  if (defect == tlb_defect::permission_skipped_on_a_hit) {
    kept.s1.allowed = kept.s2.allowed = arch::full_permission;
  }
  m_counts.fills += 1;
  m_store[0].insert(tag, kept.input, kept.size_shift, kept);
  if (defect != tlb_defect::asid_ignored) return;
  const std::uint64_t other = (tag & ~std::uint64_t{0xffff}) | (t.asid.value() == 1 ? 2u : 1u);
  m_store[0].insert(other, kept.input, kept.size_shift, kept);
}

void tlb::invalidate(const arch::invalidation& inv) {
  if (defect == tlb_defect::invalidation_ignored) return;
  const std::uint32_t sets = m_store.sets();
  m_counts.invalidated += m_store.invalidate_if(
      [&](std::uint64_t, std::uint64_t address, unsigned, const arch::translation& t) {
        const bool found = defect != tlb_defect::block_under_its_base_set || !inv.by_address() ||
                           (address >> page_shift) % sets == (inv.first() >> page_shift) % sets;
        return found && inv.covers(arch::tag_of(t));
      });
}

void tlb::invalidate_streams(const arch::invalidation&) {}

}  // namespace svasim::smmu
