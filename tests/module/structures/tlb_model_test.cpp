// The SMMU's TLB against a naive one, operation by operation.
#include "tlm/smmu/tlb.h"

#include <catch2/catch.hpp>

#include "commands.h"
#include "naive_tlb.h"

using namespace svasim;
using arch::translation_kind;
using smmu::nested_entries;
using smmu::tlb_span;
using test::dice;
using test::naive_tlb;
using uarch::geometry;
using uarch::replacement;

namespace {

struct variant {
  geometry shape;
  replacement policy;
  tlb_span span;
  nested_entries nested;
  std::uint32_t partitions;
};

smmu::tlb_params params_of(const variant& v) {
  smmu::tlb_params p{v.shape.entries, v.shape.ways, v.policy, base::ns(1), "test"};
  p.partition.by = v.partitions == 1 ? smmu::partition_key::none : smmu::partition_key::vmid;
  p.partition.count = v.partitions;
  return p;
}

arch::permission any_permission(dice& d) {
  const bool write = d.one_in(2), user = d.one_in(2);
  return {user, user && write, false, true, write, !write};
}

// A translation around `address` (a VA, an IPA where stage 1 is off) as some tables have it.
arch::translation any_translation(dice& d, std::uint64_t& address) {
  arch::translation t;
  t.kind = d.of(std::array<translation_kind, 4>{translation_kind::nested, translation_kind::nested,
                                                translation_kind::s1, translation_kind::s2});
  const bool s1 = t.kind != translation_kind::s2, s2 = t.kind != translation_kind::s1;
  address = s1 ? test::any_va(d) : test::any_low_address(d);
  if (!s2 && d.one_in(4)) t.world = arch::stream_world::el2;
  t.vmid = test::any_vmid(d);
  if (s1) {
    t.asid = test::any_asid(d);
    t.global = d.one_in(5);
    t.s1 = {2, static_cast<std::uint8_t>(test::any_shift(d)), any_permission(d), d.one_in(4)};
  }
  if (s2) t.s2 = {3, static_cast<std::uint8_t>(test::any_shift(d)), any_permission(d), d.one_in(4)};
  t.size_shift =
      std::min(s1 ? t.s1.size_shift : t.s2.size_shift, s2 ? t.s2.size_shift : t.s1.size_shift);
  t.input = base::bits(address, 63, t.size_shift) << t.size_shift;
  // The leaves' outputs are as aligned as they are.
  const auto onto = [](std::uint64_t from, unsigned shift, std::uint64_t somewhere) {
    return (somewhere >> shift << shift) | (from & base::low_mask(shift));
  };
  t.ipa = t.kind == translation_kind::nested
              ? onto(t.input, t.s1.size_shift, test::any_low_address(d))
              : t.input;
  const std::uint64_t somewhere = 0x8000'0000 + (d.below(64) << 12) * 37;
  t.output = base::pa(onto(t.ipa, s2 ? t.s2.size_shift : t.s1.size_shift, somewhere));
  t.privcfg = static_cast<std::uint8_t>(d.below(2));
  return t;
}

std::uint64_t any_stream_tag(dice& d) {
  return smmu::stream_key(test::any_stream(d)) | (d.one_in(4) ? 1ull << 62 : 0);
}

bool same_leaf(const arch::stage_leaf& a, const arch::stage_leaf& b) {
  return a.level == b.level && a.size_shift == b.size_shift && a.allowed == b.allowed &&
         a.writable_clean == b.writable_clean;
}

// `found` is what `address` translates to by the fills of `expected`.
bool agrees(const arch::translation& found, const naive_tlb::answer& expected,
            std::uint64_t address) {
  const bool s1 = expected.kind != translation_kind::s2;
  const bool s2 = expected.kind != translation_kind::s1;
  const arch::translation& named_by = s1 ? expected.stage1 : expected.stage2;
  const std::uint64_t offset = smmu::offset_in(found, address);
  return found.kind == expected.kind && found.size_shift == expected.shift &&
         found.contains(address) && found.input + offset == address &&
         found.ipa + offset == expected.ipa && found.output.value() + offset == expected.pa &&
         found.world == named_by.world && found.vmid == named_by.vmid &&
         found.asid == (s1 ? named_by.asid : base::asid()) &&
         found.global == (s1 && named_by.global) &&
         (!s1 || (found.privcfg == named_by.privcfg && same_leaf(found.s1, expected.stage1.s1))) &&
         (!s2 || same_leaf(found.s2, expected.stage2.s2));
}

class pair_under_test {
 public:
  explicit pair_under_test(const variant& v)
      : m_variant(v),
        m_counts(&m_root, "tlb"),
        m_tlb(params_of(v), v.span, v.nested, 1, m_counts),
        m_model(v.shape, v.policy, v.partitions, v.span == tlb_span::leaf,
                v.nested == nested_entries::split) {
    m_tlb.on_eviction = [this](std::uint64_t by, std::uint64_t victim) {
      m_evictions.emplace_back(by, victim);
    };
  }

  bool step(std::uint64_t word) {
    dice d(word);
    const std::uint64_t kind = d.below(32);
    const auto partition = static_cast<std::uint32_t>(d.below(m_variant.partitions));
    if (kind == 31) {
      const arch::invalidation inv = test::any_cfgi(d);
      m_tlb.invalidate_streams(inv);
      m_model.invalidate_streams(inv);
    } else if (kind >= 29) {
      const arch::invalidation inv = test::any_tlbi(d);
      m_tlb.invalidate(inv);
      m_model.invalidate(inv);
    } else {
      std::uint64_t address = 0;
      const std::uint64_t stream = any_stream_tag(d);
      const bool by_stream = d.one_in(2);
      const arch::translation t = any_translation(d, address);
      const std::uint64_t tag = by_stream ? stream : smmu::space_tag(t);
      if (kind >= 14) return finds_the_same(tag, address, partition);
      m_tlb.fill(tag, t, address, partition);
      m_model.fill(tag, t, address, partition);
      if (!finds_the_same(tag, address, partition)) return false;
    }
    return counts_agree();
  }

  bool finds_the_same(std::uint64_t tag, std::uint64_t address, std::uint32_t partition) {
    const auto expected = m_model.find(tag, address, partition);
    const arch::translation* const found = m_tlb.find(tag, address, partition);
    if (m_tlb.lookups() != m_model.lookups) return false;
    m_hits += found != nullptr ? 1 : 0;
    return found == nullptr ? !expected : expected && agrees(*found, *expected, address);
  }
  bool counts_agree() const {
    return m_counts.fills.value() == m_model.fills && m_evictions == m_model.evictions &&
           m_counts.evictions.value() == m_evictions.size() &&
           m_counts.invalidated.value() == m_model.invalidated;
  }
  // Dropping everything tells how much there was.
  bool balances() {
    const std::uint64_t before = m_counts.invalidated.value();
    for (const arch::invalidation& all : test::everything()) m_tlb.invalidate(all);
    const std::uint64_t held = m_counts.invalidated.value() - before;
    return held <= m_variant.shape.entries && held == m_model.held() &&
           held ==
               m_counts.fills.value() - m_counts.evictions.value() - m_model.overwritten - before;
  }
  std::size_t evictions() const { return m_evictions.size(); }
  std::uint64_t hits() const { return m_hits; }

 private:
  variant m_variant;
  stats::group m_root{"test"};
  smmu::tlb_stats m_counts;
  smmu::tlb m_tlb;
  naive_tlb m_model;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> m_evictions;
  std::uint64_t m_hits = 0;
};

bool holds(const variant& v, int most) {
  return rc::check([&v, most] {
    pair_under_test pair(v);
    for (const std::uint64_t word : test::any_steps(most)) {
      if (!pair.step(word)) return false;
    }
    return pair.balances();
  });
}

constexpr tlb_span spans[] = {tlb_span::leaf, tlb_span::page};
constexpr nested_entries kinds[] = {nested_entries::merged, nested_entries::split};

}  // namespace

TEST_CASE("a TLB finds, evicts and drops what a naive one does, in every form and policy") {
  for (const nested_entries nested : kinds) {
    for (const tlb_span span : spans) {
      for (const std::uint32_t partitions : {1u, 2u, 4u}) {
        for (const replacement policy :
             {replacement::lru, replacement::tree_plru, replacement::round_robin,
              replacement::shared_round_robin, replacement::srrip}) {
          INFO(static_cast<int>(nested)
               << ' ' << static_cast<int>(span) << ' ' << partitions << ' ' << to_string(policy));
          REQUIRE(holds({{16, 4}, policy, span, nested, partitions}, 300));
        }
      }
    }
  }
}

TEST_CASE("a TLB with room for everything finds all that was filled and not dropped since") {
  for (const nested_entries nested : kinds) {
    for (const tlb_span span : spans) {
      const variant v{{512, 512}, replacement::lru, span, nested, 1};
      REQUIRE(rc::check([&v] {
        pair_under_test pair(v);
        for (const std::uint64_t word : test::any_steps(200)) {
          if (!pair.step(word)) return false;
        }
        return pair.evictions() == 0 && pair.balances();
      }));
    }
  }
}

TEST_CASE("the model's sequences hit, evict and fill what they are to test") {
  base::rng r(3);
  for (const nested_entries nested : kinds) {
    pair_under_test pair({{16, 4}, replacement::lru, tlb_span::leaf, nested, 1});
    for (int i = 0; i < 2000; ++i) REQUIRE(pair.step(r.next()));
    CHECK(pair.hits() > 400);
    CHECK(pair.evictions() > 400);
  }
}
