// The walk caches against a naive one: tables of both stages, of three levels and two granules,
// under a few address spaces.
#include "tlm/smmu/walk_cache.h"

#include <catch2/catch.hpp>

#include "naive_walk_cache.h"

using namespace svasim;
using base::ns;
using smmu::walk_cache_probe;
using smmu::walk_cache_store;
using test::dice;
using uarch::geometry;
using uarch::replacement;

namespace {

using variant = test::walk_cache_variant;
using test::levels;
using test::stages;
using test::walk;

smmu::walk_cache_params params_of(const variant& v) {
  smmu::walk_cache_params p;
  p.store = v.store;
  p.probe = v.probe;
  p.partition.by = v.by;
  p.partition.count = v.partitions;
  p.latency = ns(4);
  p.shared = {v.shape.entries, v.shape.ways, v.policy, ns(3), "test"};
  std::uint32_t n = 0;
  for (auto* c : {&p.s1_l0, &p.s1_l1, &p.s1_l2, &p.s2_l0, &p.s2_l1, &p.s2_l2}) {
    *c = {v.shape.entries, v.shape.ways, v.policy, ns(++n), "test"};
  }
  if (v.without_level_1) p.s1_l1.entries = p.s2_l1.entries = 0;
  return p;
}

class pair_under_test {
 public:
  explicit pair_under_test(const variant& v)
      : m_variant(v), m_cache(params_of(v), &m_root), m_model(v) {}

  bool step(std::uint64_t word) {
    dice d(word);
    const std::uint64_t kind = d.below(24);
    if (kind == 23) {
      const arch::invalidation inv = test::any_tlbi(d);
      m_cache.invalidate(inv);
      m_model.invalidate(inv);
      return counts_agree();
    }
    const auto level = static_cast<unsigned>(d.below(levels));
    const walk w = test::any_walk(d);
    if (kind < 12) insert(w, level);
    return finds_the_same(w, kind < 12 ? 0 : level) && counts_agree();
  }
  // Dropping everything tells how much there was.
  bool balances() {
    const std::size_t held = m_model.held();
    std::uint64_t before = 0, kept = 0, invalidated = 0;
    for (const auto& stage : m_model.counts) {
      for (const auto& c : stage) {
        before += c.invalidated;
        kept += c.fills - c.overwritten - c.evictions;
      }
    }
    for (const arch::invalidation& all : test::everything()) m_cache.invalidate(all);
    for (unsigned s = 1; s <= stages; ++s) {
      for (unsigned l = 0; l < levels; ++l) {
        invalidated += m_cache.statistics(s, l).invalidated.value();
      }
    }
    const std::size_t stores = m_variant.store == walk_cache_store::shared ? 1 : stages * levels;
    return invalidated - before == held && kept - before == held &&
           held <= stores * m_variant.shape.entries;
  }
  std::uint64_t evictions() const {
    std::uint64_t n = 0;
    for (const auto& stage : m_model.counts) {
      for (const auto& c : stage) n += c.evictions;
    }
    return n;
  }

 private:
  void insert(const walk& w, unsigned level) {
    arch::table_entry t;
    t.stage = w.stage;
    t.level = static_cast<std::int8_t>(level + 1);
    t.shift = static_cast<std::uint8_t>(arch::level_shift(w.granule, static_cast<int>(level)));
    t.prefix = w.address >> t.shift << t.shift;
    t.table = ++m_entered << 12;
    m_cache.insert(t, w.config, w.key);
    m_model.insert(w, level, t.shift);
  }
  bool finds_the_same(const walk& w, unsigned first) {
    arch::stage_request begin;
    begin.stage = w.stage;
    begin.start_level = static_cast<std::int8_t>(first);
    begin.address = w.address;
    const base::duration at = ns(100);
    const auto found = m_cache.lookup(begin, w.config, w.key, at);
    const auto expected = m_model.lookup(w, first);
    if (found.done != at + expected.time) return false;
    if (found.table == nullptr) return expected.table == 0;
    return found.table->table == expected.table << 12 && found.table->covers(w.address) &&
           found.table->stage == w.stage && found.table->level > static_cast<int>(first);
  }
  bool counts_agree() const {
    for (unsigned s = 0; s < stages; ++s) {
      for (unsigned l = 0; l < levels; ++l) {
        const auto& is = m_cache.statistics(s + 1, l);
        const auto& expected = m_model.counts[s][l];
        if (is.lookups.value() != expected.lookups || is.hits.value() != expected.hits ||
            is.fills.value() != expected.fills || is.evictions.value() != expected.evictions ||
            is.invalidated.value() != expected.invalidated) {
          return false;
        }
      }
    }
    return true;
  }

  variant m_variant;
  stats::group m_root{"test"};
  smmu::walk_cache m_cache;
  test::naive_walk_cache m_model;
  std::uint64_t m_entered = 0;
};

bool holds(const variant& v, int most, bool without_evictions = false) {
  return rc::check([&] {
    pair_under_test pair(v);
    for (const std::uint64_t word : test::any_steps(most)) {
      if (!pair.step(word)) return false;
    }
    return pair.balances() && !(without_evictions && pair.evictions() != 0);
  });
}

constexpr walk_cache_store stores[] = {walk_cache_store::separate, walk_cache_store::shared};
constexpr walk_cache_probe probes[] = {walk_cache_probe::parallel, walk_cache_probe::sequential};

}  // namespace

TEST_CASE("walk caches find, count, evict and drop what naive ones do, in every form and policy") {
  using smmu::partition_key;
  for (const walk_cache_store store : stores) {
    for (const walk_cache_probe probe : probes) {
      for (const partition_key by :
           {partition_key::none, partition_key::vmid, partition_key::pasid}) {
        for (const replacement policy : {replacement::lru, replacement::tree_plru,
                                         replacement::round_robin, replacement::srrip}) {
          const std::uint32_t partitions = by == partition_key::none ? 1 : 2;
          INFO(static_cast<int>(store)
               << ' ' << static_cast<int>(probe) << ' ' << partitions << ' ' << to_string(policy));
          REQUIRE(holds({store, probe, by, partitions, policy}, 250));
        }
      }
    }
  }
}

TEST_CASE("walk caches with room for everything find the deepest table known of an address") {
  for (const walk_cache_store store : stores) {
    for (const walk_cache_probe probe : probes) {
      REQUIRE(holds({store, probe, smmu::partition_key::none, 1, replacement::lru, {256, 256}}, 200,
                    true));
    }
  }
}

TEST_CASE("with the middle level left out the naive walk caches still agree") {
  for (const walk_cache_probe probe : probes) {
    REQUIRE(holds({walk_cache_store::separate,
                   probe,
                   smmu::partition_key::none,
                   1,
                   replacement::lru,
                   {8, 4},
                   true},
                  250));
  }
}
