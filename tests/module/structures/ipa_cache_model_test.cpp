// The IPA cache against a naive one.
#include "tlm/smmu/ipa_cache.h"

#include <catch2/catch.hpp>

#include "commands.h"
#include "tests/unit/uarch/naive_cache.h"

using namespace svasim;
using base::ns;
using test::dice;
using test::naive_cache;
using test::naive_entry;
using uarch::geometry;
using uarch::replacement;

namespace {

class pair_under_test {
 public:
  pair_under_test(geometry shape, replacement policy)
      : m_shape(shape),
        m_cache({shape.entries, shape.ways, policy, ns(3), "test"}, &m_root),
        m_model(shape, policy, 1) {}

  bool step(std::uint64_t word) {
    dice d(word);
    const std::uint64_t kind = d.below(24);
    if (kind == 23) {
      invalidate(test::any_tlbi(d));
      return counts_agree();
    }
    const base::vmid vmid = test::any_vmid(d);
    const std::uint64_t ipa = test::any_low_address(d);
    if (kind < 12) fill(d, ipa, vmid);
    return finds_the_same(ipa | d.below(4096), vmid) && counts_agree();
  }
  bool balances() {
    const std::uint64_t before = m_invalidated;
    m_cache.invalidate(test::everything()[0]);
    const std::uint64_t held = m_cache.statistics().invalidated.value() - before;
    return held == m_model.content().size() && held <= m_shape.entries &&
           held == m_fills.size() - m_overwritten - m_evictions - before;
  }
  std::uint64_t evictions() const { return m_evictions; }

 private:
  void fill(dice& d, std::uint64_t ipa, base::vmid vmid) {
    arch::stage2_translation t;
    t.leaf.size_shift = static_cast<std::uint8_t>(test::any_shift(d));
    t.leaf.level = static_cast<std::uint8_t>(d.below(4));
    t.ipa = ipa >> t.leaf.size_shift << t.leaf.size_shift;
    t.output = base::pa(d.below(1024) << 21);
    m_cache.fill(t, vmid);
    m_fills.push_back(t);
    const naive_entry e{vmid.value(), ipa, t.leaf.size_shift, m_fills.size() - 1};
    m_overwritten += m_model.lookup(e.tag, e.address, e.shift, false).has_value() ? 1 : 0;
    m_evictions += m_model.insert(e).has_value() ? 1 : 0;
  }
  bool finds_the_same(std::uint64_t ipa, base::vmid vmid) {
    base::duration at = ns(50);
    const arch::stage2_translation* const found = m_cache.lookup(ipa, vmid, at);
    const auto expected = m_model.lookup(vmid.value(), ipa, true);
    (expected ? m_hits : m_misses) += 1;
    if (at != ns(53)) return false;
    if (found == nullptr) return !expected;
    const arch::stage2_translation& t = m_fills[expected ? expected->payload : 0];
    return expected && found->contains(ipa) && found->ipa == t.ipa && found->output == t.output &&
           found->leaf.size_shift == t.leaf.size_shift && found->leaf.level == t.leaf.level;
  }
  void invalidate(const arch::invalidation& inv) {
    m_cache.invalidate(inv);
    m_invalidated += m_model.invalidate([&](const naive_entry& e) {
      arch::entry_tag tag;
      tag.by_ipa = true;
      tag.vmid = base::vmid(static_cast<std::uint16_t>(e.tag));
      tag.address = e.address;
      tag.size_shift = static_cast<std::uint8_t>(e.shift);
      return inv.covers(tag);
    });
  }
  bool counts_agree() const {
    const smmu::tlb_stats& is = m_cache.statistics();
    return is.lookups.value() == m_hits + m_misses && is.hits.value() == m_hits &&
           is.misses.value() == m_misses && is.fills.value() == m_fills.size() &&
           is.evictions.value() == m_evictions && is.invalidated.value() == m_invalidated;
  }

  geometry m_shape;
  stats::group m_root{"test"};
  smmu::ipa_cache m_cache;
  naive_cache m_model;
  std::vector<arch::stage2_translation> m_fills;
  std::uint64_t m_overwritten = 0, m_evictions = 0, m_invalidated = 0, m_hits = 0, m_misses = 0;
};

}  // namespace

TEST_CASE("an IPA cache finds, counts, evicts and drops what a naive one does") {
  for (const replacement policy :
       {replacement::lru, replacement::tree_plru, replacement::round_robin, replacement::srrip}) {
    REQUIRE(rc::check([&] {
      pair_under_test pair({8, 4}, policy);
      for (const std::uint64_t word : test::any_steps(250)) {
        if (!pair.step(word)) return false;
      }
      return pair.balances();
    }));
  }
}

TEST_CASE("an IPA cache with room for everything finds every leaf filled and not dropped since") {
  REQUIRE(rc::check([] {
    pair_under_test pair({256, 256}, replacement::lru);
    for (const std::uint64_t word : test::any_steps(250)) {
      if (!pair.step(word)) return false;
    }
    return pair.evictions() == 0 && pair.balances();
  }));
}
