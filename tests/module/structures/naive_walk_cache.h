// Walk caches as plain as can be: naive caches of the tables' numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "commands.h"
#include "tests/unit/uarch/naive_cache.h"
#include "tlm/smmu/walk_cache.h"

namespace svasim::test {

inline constexpr unsigned stages = 2, levels = smmu::walk_cache::levels;

struct walk_cache_variant {
  smmu::walk_cache_store store;
  smmu::walk_cache_probe probe;
  smmu::partition_key by;
  std::uint32_t partitions;
  uarch::replacement policy;
  uarch::geometry shape{8, 4};
  bool without_level_1 = false;
};

/// Whose walk it is.
struct walk {
  arch::decoded_config config;
  arch::config_key key;
  arch::stage stage = arch::stage::s1;
  unsigned granule = 12;
  std::uint64_t address = 0;
};

inline walk any_walk(dice& d) {
  walk w;
  w.stage = d.one_in(2) ? arch::stage::s2 : arch::stage::s1;
  w.key = any_stream(d);
  w.config.s1_on = true;
  w.config.vmid = any_vmid(d);
  w.config.asid = any_asid(d);
  if (w.stage == arch::stage::s1 && d.one_in(4)) w.config.world = arch::stream_world::el2_e2h;
  // One table covers 2 MiB, 1 GiB or 512 GiB with pages of 4 KiB, 512 MiB or 4 TiB with 64 KiB.
  const bool upper = w.stage == arch::stage::s1 && d.one_in(3);
  w.granule = upper ? 16 : 12;
  w.address = d.below(2) << 39 | d.below(2) << 30 | d.below(3) << 21 | d.below(2) << 12;
  if (upper) w.address |= 0xffff'0000'0000'0000;
  return w;
}

class naive_walk_cache {
 public:
  explicit naive_walk_cache(const walk_cache_variant& v) : m_variant(v) {
    const uarch::geometry part{v.shape.entries / v.partitions, v.shape.ways / v.partitions};
    const std::size_t stores = v.store == smmu::walk_cache_store::shared ? 1 : stages * levels;
    m_stores.assign(stores * v.partitions, naive_cache(part, v.policy, 1));
  }
  bool has(unsigned level) const {
    return m_variant.store == smmu::walk_cache_store::shared || level != 1 ||
           !m_variant.without_level_1;
  }

  struct answer {
    std::uint64_t table = 0;  // the number it was entered with; 0: none
    base::duration time;
  };
  answer lookup(const walk& w, unsigned first) {
    answer a;
    for (unsigned l = levels; l-- > first && a.table == 0;) {
      if (!has(l)) continue;
      count& c = counts[stage_of(w)][l];
      c.lookups += 1;
      const bool shared = m_variant.store == smmu::walk_cache_store::shared;
      a.time = a.time + base::ns(shared ? 3 : stage_of(w) * levels + l + 1);
      const auto e = store(w, l).lookup(space_of(w, l), w.address, true);
      if (!e) continue;
      c.hits += 1;
      a.table = e->payload;
    }
    if (m_variant.probe == smmu::walk_cache_probe::parallel) a.time = base::ns(4);
    return a;
  }
  void insert(const walk& w, unsigned level, unsigned shift) {
    m_entered.push_back({w, level, shift});
    if (!has(level)) return;
    const naive_entry e{space_of(w, level), w.address, shift, m_entered.size()};
    count& c = counts[stage_of(w)][level];
    c.fills += 1;
    c.overwritten += store(w, level).lookup(e.tag, e.address, shift, false).has_value() ? 1 : 0;
    // Who leaves a shared store may be of another level: it is counted where the new one is.
    c.evictions += store(w, level).insert(e).has_value() ? 1 : 0;
  }
  void invalidate(const arch::invalidation& inv) {
    for (naive_cache& s : m_stores) {
      s.invalidate([&](const naive_entry& e) {
        const entered& t = m_entered[e.payload - 1];
        const bool s2 = t.by.stage == arch::stage::s2;
        const arch::entry_tag tag{s2,
                                  true,
                                  false,
                                  t.by.config.world,
                                  t.by.config.vmid,
                                  s2 ? base::asid() : t.by.config.asid,
                                  e.address,
                                  static_cast<std::uint8_t>(e.shift)};
        if (!inv.covers(tag)) return false;
        counts[stage_of(t.by)][t.level].invalidated += 1;
        return true;
      });
    }
  }
  std::size_t held() const {
    std::size_t n = 0;
    for (const naive_cache& s : m_stores) n += s.content().size();
    return n;
  }

  struct count {
    std::uint64_t lookups = 0, hits = 0, fills = 0, overwritten = 0, evictions = 0, invalidated = 0;
  };
  count counts[stages][levels];

 private:
  struct entered {
    walk by;
    unsigned level, shift;
  };
  static unsigned stage_of(const walk& w) { return w.stage == arch::stage::s1 ? 0 : 1; }
  naive_cache& store(const walk& w, unsigned level) {
    std::uint32_t partition = 0;
    if (m_variant.by == smmu::partition_key::vmid) partition = w.config.vmid.value();
    if (m_variant.by == smmu::partition_key::pasid && w.key.has_ssid) {
      partition = w.key.ssid.value();
    }
    const std::size_t which =
        m_variant.store == smmu::walk_cache_store::shared ? 0 : stage_of(w) * levels + level;
    return m_stores[which * m_variant.partitions + partition % m_variant.partitions];
  }
  // Stage 2 is one address space a VM, whatever the ASID.
  std::uint64_t space_of(const walk& w, unsigned level) {
    const bool s2 = w.stage == arch::stage::s2;
    const std::vector<unsigned> space{s2 ? 1u : 0u, level, w.config.vmid.value(),
                                      s2 ? 0u : static_cast<unsigned>(w.config.world),
                                      s2 ? 0u : unsigned{w.config.asid.value()}};
    for (std::size_t i = 0; i < m_spaces.size(); ++i) {
      if (m_spaces[i] == space) return i;
    }
    m_spaces.push_back(space);
    return m_spaces.size() - 1;
  }

  walk_cache_variant m_variant;
  std::vector<naive_cache> m_stores;
  std::vector<entered> m_entered;
  std::vector<std::vector<unsigned>> m_spaces;
};

}  // namespace svasim::test
