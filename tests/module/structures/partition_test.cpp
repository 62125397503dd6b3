// Partitions keep to themselves: each behaves as a structure of its own, with its share of the
// ways, that hears of nobody else's lookups, fills and evictions, only of the commands.
#include <catch2/catch.hpp>
#include <memory>

#include "commands.h"
#include "tests/support/time_matchers.h"
#include "tlm/smmu/tlb.h"
#include "tlm/smmu/walk_cache.h"

using namespace svasim;
using base::ns;
using smmu::partition_key;
using smmu::partition_params;
using test::dice;
using uarch::replacement;

namespace {

constexpr std::uint32_t entries = 16, ways = 4;
// Not random replacement: each partition draws numbers of its own.
constexpr replacement policies[] = {replacement::lru, replacement::tree_plru,
                                    replacement::round_robin, replacement::shared_round_robin,
                                    replacement::srrip};

partition_params shared_out(partition_key by, std::uint32_t count) {
  partition_params p;
  p.by = by;
  p.count = count;
  return p;
}

struct one_tlb {
  one_tlb(std::uint32_t parts, std::uint32_t of, replacement policy, smmu::nested_entries nested)
      : counts(&root, "tlb"),
        tlb(params(parts, of, policy), smmu::tlb_span::leaf, nested, 1, counts) {}
  static smmu::tlb_params params(std::uint32_t parts, std::uint32_t of, replacement policy) {
    smmu::tlb_params p{entries / of, ways / of, policy, ns(1), "test"};
    p.partition = shared_out(partition_key::vmid, parts);
    return p;
  }
  stats::group root{"test"};
  smmu::tlb_stats counts;
  smmu::tlb tlb;
};

arch::translation nested_page(dice& d, std::uint64_t va) {
  arch::translation t;
  t.kind = arch::translation_kind::nested;
  t.vmid = test::any_vmid(d);
  t.s1.size_shift = t.size_shift = 12;
  t.s2.size_shift = static_cast<std::uint8_t>(test::any_shift(d));
  t.input = va;
  t.ipa = test::any_low_address(d);
  const std::uint64_t in_block = t.ipa & base::low_mask(t.s2.size_shift);
  t.output = base::pa((d.below(64) << 21) + in_block);
  return t;
}

bool same(const arch::translation* a, const arch::translation* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->output == b->output && a->size_shift == b->size_shift && a->input == b->input;
}

// All partitions in one TLB, and each in a TLB of its own.
bool tlb_partitions_are_apart(std::uint32_t parts, replacement policy,
                              smmu::nested_entries nested) {
  one_tlb together(parts, 1, policy, nested);
  std::vector<std::unique_ptr<one_tlb>> alone;
  for (std::uint32_t i = 0; i < parts; ++i) {
    alone.push_back(std::make_unique<one_tlb>(1, parts, policy, nested));
  }
  for (const std::uint64_t word : test::any_steps(250)) {
    dice d(word);
    const std::uint64_t kind = d.below(32);
    if (kind == 31) {
      const arch::invalidation inv = test::any_tlbi(d);
      together.tlb.invalidate(inv);
      for (auto& t : alone) t->tlb.invalidate(inv);
      continue;
    }
    const auto part = static_cast<std::uint32_t>(d.below(parts));
    const std::uint64_t va = test::any_va(d), tag = d.below(2);
    if (kind < 12) {
      const arch::translation t = nested_page(d, va);
      together.tlb.fill(tag, t, va, part);
      alone[part]->tlb.fill(tag, t, va);
    }
    if (!same(together.tlb.find(tag, va, part), alone[part]->tlb.find(tag, va))) return false;
  }
  std::uint64_t evictions = 0, invalidated = 0;
  for (const auto& t : alone) {
    evictions += t->counts.evictions.value();
    invalidated += t->counts.invalidated.value();
  }
  return together.counts.evictions.value() == evictions &&
         together.counts.invalidated.value() == invalidated;
}

struct one_walk_cache {
  one_walk_cache(partition_key by, std::uint32_t parts, std::uint32_t of, replacement policy,
                 smmu::walk_cache_store store)
      : cache(params(by, parts, of, policy, store), &root) {}
  static smmu::walk_cache_params params(partition_key by, std::uint32_t parts, std::uint32_t of,
                                        replacement policy, smmu::walk_cache_store store) {
    smmu::walk_cache_params p;
    p.store = store;
    p.partition = shared_out(by, parts);
    for (auto* c : {&p.shared, &p.s1_l0, &p.s1_l1, &p.s1_l2, &p.s2_l0, &p.s2_l1, &p.s2_l2}) {
      *c = {entries / of, ways / of, policy, ns(1), "test"};
    }
    return p;
  }
  stats::group root{"test"};
  smmu::walk_cache cache;
};

bool walk_cache_partitions_are_apart(partition_key by, std::uint32_t parts, replacement policy,
                                     smmu::walk_cache_store store) {
  one_walk_cache together(by, parts, 1, policy, store);
  std::vector<std::unique_ptr<one_walk_cache>> alone;
  for (std::uint32_t i = 0; i < parts; ++i) {
    alone.push_back(std::make_unique<one_walk_cache>(partition_key::none, 1, parts, policy, store));
  }
  std::uint64_t table = 0;
  for (const std::uint64_t word : test::any_steps(250)) {
    dice d(word);
    const std::uint64_t kind = d.below(32);
    if (kind == 31) {
      const arch::invalidation inv = test::any_tlbi(d);
      together.cache.invalidate(inv);
      for (auto& c : alone) c->cache.invalidate(inv);
      continue;
    }
    arch::decoded_config config;
    config.s1_on = true;
    config.vmid = test::any_vmid(d);
    config.asid = test::any_asid(d);
    const arch::config_key key = test::any_stream(d);
    const std::uint32_t number = by == partition_key::vmid ? config.vmid.value()
                                 : key.has_ssid            ? key.ssid.value()
                                                           : 0;
    smmu::walk_cache& own = alone[number % parts]->cache;
    arch::stage_request begin;
    begin.address = d.below(2) << 30 | d.below(4) << 21;
    if (kind < 12) {
      arch::table_entry t;
      t.level = static_cast<std::int8_t>(1 + d.below(3));
      t.shift = static_cast<std::uint8_t>(arch::level_shift(12, t.level - 1));
      t.prefix = begin.address >> t.shift << t.shift;
      t.table = ++table << 12;
      together.cache.insert(t, config, key);
      own.insert(t, config, key);
    }
    const arch::table_entry* const a = together.cache.lookup(begin, config, key, {}).table;
    const arch::table_entry* const b = own.lookup(begin, config, key, {}).table;
    if ((a == nullptr) != (b == nullptr) || (a != nullptr && a->table != b->table)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("each partition of a TLB is a TLB of its own with its share of the ways") {
  for (const std::uint32_t parts : {2u, 4u}) {
    for (const replacement policy : policies) {
      for (const auto nested : {smmu::nested_entries::merged, smmu::nested_entries::split}) {
        INFO(parts << ' ' << to_string(policy));
        REQUIRE(rc::check([&] { return tlb_partitions_are_apart(parts, policy, nested); }));
      }
    }
  }
}

TEST_CASE("each partition of the walk caches is a walk cache of its own") {
  using smmu::walk_cache_store;
  for (const partition_key by : {partition_key::vmid, partition_key::pasid}) {
    for (const std::uint32_t parts : {2u, 4u}) {
      for (const replacement policy : policies) {
        for (const auto store : {walk_cache_store::separate, walk_cache_store::shared}) {
          INFO(parts << ' ' << to_string(policy));
          REQUIRE(
              rc::check([&] { return walk_cache_partitions_are_apart(by, parts, policy, store); }));
        }
      }
    }
  }
}

TEST_CASE("a flood of fills in one partition leaves the entries of the other where they are") {
  one_tlb one(2, 1, replacement::lru, smmu::nested_entries::merged);
  arch::translation t;
  t.kind = arch::translation_kind::s1;
  t.size_shift = t.s1.size_shift = 12;
  const auto page = [&t](std::uint64_t n) {
    t.input = t.ipa = n << 12;
    t.output = base::pa(0x8000'0000 + (n << 12));
    return t;
  };
  for (std::uint64_t n = 0; n < 8; ++n) one.tlb.fill(1, page(n), n << 12, 0);
  for (std::uint64_t n = 0; n < 1000; ++n) one.tlb.fill(1, page(n), n << 12, 1);
  for (std::uint64_t n = 0; n < 8; ++n) CHECK(one.tlb.find(1, n << 12, 0) != nullptr);
  CHECK(one.tlb.find(1, 0, 1) == nullptr);
  CHECK(one.tlb.find(1, 999ull << 12, 1) != nullptr);
  CHECK(one.counts.evictions.value() == 1000 - 8);
}

TEST_CASE("a command reaches the entries of every partition") {
  one_tlb one(4, 1, replacement::lru, smmu::nested_entries::merged);
  arch::translation t;
  t.kind = arch::translation_kind::s1;
  t.size_shift = t.s1.size_shift = 12;
  for (std::uint32_t part = 0; part < 4; ++part) one.tlb.fill(1, t, 0, part);
  one.tlb.invalidate(test::everything()[0]);
  CHECK(one.counts.invalidated.value() == 4);
  for (std::uint32_t part = 0; part < 4; ++part) CHECK(one.tlb.find(1, 0, part) == nullptr);
}

TEST_CASE("the partition is the number of the VM or the PASID modulo how many there are") {
  const base::vmid vm(10);
  const base::substream_id pasid(7);
  CHECK(shared_out(partition_key::vmid, 4).of(vm, true, pasid) == 2);
  CHECK(shared_out(partition_key::pasid, 4).of(vm, true, pasid) == 3);
  CHECK(shared_out(partition_key::pasid, 4).of(vm, false, pasid) == 0);
  CHECK(shared_out(partition_key::none, 4).of(vm, true, pasid) == 0);
  CHECK(shared_out(partition_key::none, 4).partitions() == 1);
  CHECK(shared_out(partition_key::vmid, 0).partitions() == 1);
}

TEST_CASE("ways that cannot be shared out are refused") {
  using cache = uarch::partitioned_cache<std::uint64_t, int>;
  CHECK_THROWS_WITH(cache({16, 4}, replacement::lru, 1, 3),
                    "4 ways cannot be shared out among 3 partitions");
  CHECK_THROWS_WITH(cache({16, 4}, replacement::lru, 1, 8),
                    "4 ways cannot be shared out among 8 partitions");
  CHECK_THROWS_WITH(cache({16, 4}, replacement::lru, 1, 0), "there must be at least one partition");
  CHECK(cache({16, 4}, replacement::lru, 1, 4).capacity() == 16);
}
