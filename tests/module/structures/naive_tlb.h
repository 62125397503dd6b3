// A TLB as plain as can be: naive caches of the fills themselves. What an address translates to is
// always worked out from the fill that the entry came from, never from what an entry holds of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "arch/invalidation.h"
#include "arch/translation.h"
#include "tests/unit/uarch/naive_cache.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::test {

class naive_tlb {
 public:
  struct answer {
    arch::translation_kind kind{};
    unsigned shift = 0;
    unsigned lookups = 1;
    std::uint64_t ipa = 0, pa = 0;     // of the very address that was asked for
    arch::translation stage1, stage2;  // the fills that the stages come from
  };

  naive_tlb(uarch::geometry shape, uarch::replacement policy, std::uint32_t partitions,
            bool whole_leaf, bool split)
      : m_whole_leaf(whole_leaf), m_split(split) {
    const uarch::geometry share{shape.entries / partitions, shape.ways / partitions};
    m_parts.assign(partitions, naive_cache(share, policy, 1));
  }

  std::optional<answer> find(std::uint64_t tag, std::uint64_t address, std::uint32_t partition) {
    lookups = 1;
    const auto first = lookup(tag, address, partition);
    if (!first) return std::nullopt;
    const fill_record& f = m_fills[first->payload];
    const arch::translation& t = f.from;
    if (f.what == part::stage2) {
      return answer{arch::translation_kind::s2,           first->shift, 1, address,
                    t.output.value() + (address - t.ipa), {},           t};
    }
    const std::uint64_t ipa = t.ipa + (address - t.input);
    if (f.what == part::all) {
      return answer{t.kind, first->shift, 1, ipa, t.output.value() + (address - t.input), t, t};
    }
    lookups = 2;
    const auto second = lookup(vm_tag(t), ipa, partition);
    if (!second) return std::nullopt;
    const arch::translation& u = m_fills[second->payload].from;
    return answer{arch::translation_kind::nested,
                  std::min(first->shift, second->shift),
                  2,
                  ipa,
                  u.output.value() + (ipa - u.ipa),
                  t,
                  u};
  }

  void fill(std::uint64_t tag, const arch::translation& t, std::uint64_t address,
            std::uint32_t partition) {
    if (!m_split || t.kind != arch::translation_kind::nested) {
      return enter(tag, {t, part::all}, address, t.size_shift, partition);
    }
    enter(tag, {t, part::stage1}, address, t.s1.size_shift, partition);
    enter(vm_tag(t), {t, part::stage2}, t.ipa + (address - t.input), t.s2.size_shift, partition);
  }

  void invalidate(const arch::invalidation& inv) {
    drop([&](const naive_entry& e) { return inv.covers(tag_of(m_fills[e.payload])); });
  }
  void invalidate_streams(const arch::invalidation& inv) {
    drop([&](const naive_entry& e) {
      return e.tag >> 63 == 0 && inv.covers(smmu::config_key_of(e.tag));
    });
  }
  std::size_t held() const {
    std::size_t n = 0;
    for (const naive_cache& p : m_parts) n += p.content().size();
    return n;
  }

  unsigned lookups = 1;
  std::uint64_t fills = 0, overwritten = 0, invalidated = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> evictions;  // who made whom leave

 private:
  enum class part { all, stage1, stage2 };
  struct fill_record {
    arch::translation from;
    part what;
  };

  static std::uint64_t vm_tag(const arch::translation& t) {
    return smmu::space_tag(arch::translation_kind::s2, t.world, base::asid(), t.vmid);
  }
  // A command names a translation by any address of the leaf that it came from.
  static arch::entry_tag tag_of(const fill_record& f) {
    const arch::translation& t = f.from;
    arch::entry_tag tag;
    tag.by_ipa = f.what == part::stage2 || t.kind == arch::translation_kind::s2;
    tag.global = !tag.by_ipa && t.global;
    tag.world = t.world;
    tag.vmid = t.vmid;
    tag.asid = tag.by_ipa ? base::asid() : t.asid;
    tag.size_shift = tag.by_ipa ? t.s2.size_shift : t.s1.size_shift;
    tag.address = (tag.by_ipa ? t.ipa : t.input) >> tag.size_shift << tag.size_shift;
    return tag;
  }

  std::optional<naive_entry> lookup(std::uint64_t tag, std::uint64_t address,
                                    std::uint32_t partition) {
    for (const unsigned shift : {12u, 16u, 21u}) {
      if (const auto e = m_parts[partition].lookup(tag, address, shift, true)) return e;
    }
    return std::nullopt;
  }
  void enter(std::uint64_t tag, const fill_record& f, std::uint64_t address, unsigned leaf,
             std::uint32_t partition) {
    const unsigned shift = m_whole_leaf ? leaf : 12u;
    naive_cache& cache = m_parts[partition];
    fills += 1;
    overwritten += cache.lookup(tag, address, shift, false).has_value() ? 1 : 0;
    m_fills.push_back(f);
    const auto left = cache.insert({tag, address, shift, m_fills.size() - 1});
    if (left) evictions.emplace_back(tag, left->tag);
  }
  template <class Predicate>
  void drop(const Predicate& doomed) {
    for (naive_cache& p : m_parts) invalidated += p.invalidate(doomed);
  }

  bool m_whole_leaf, m_split;
  std::vector<naive_cache> m_parts;
  std::vector<fill_record> m_fills;
};

}  // namespace svasim::test
