// TLBs of two cores against naive ones: lists in the order of use, and TLBIs by what they name.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "base/rng.h"
#include "tests/module/structures/steps.h"
#include "tlm/cpu/core_tlb.h"

using namespace svasim;
using arch::opcode;
using cpu::core_tlbs;
using found = cpu::core_tlbs::found;

namespace {

constexpr std::uint64_t pages = 24, far_apart = 0x8000000;
constexpr std::uint64_t linear_map = 0xffff000000000000;

// What the spaces are: host kernel, VMMs, a guest in 4 KiB pages, one in blocks over small pages.
struct space_facts {
  std::uint16_t vmid;
  bool kernel;
  unsigned page_shift, entry_shift;
};
const std::vector<space_facts> facts{
    {0, true, 12, 12}, {0, false, 12, 12}, {3, true, 12, 12}, {4, true, 21, 12}};

struct naive_entry {
  unsigned space;
  std::uint64_t page;
  bool operator==(const naive_entry& o) const { return space == o.space && page == o.page; }
};

// A set, the most recently used first.
class naive_set {
 public:
  explicit naive_set(std::size_t ways) : m_ways(ways) {}
  bool use(const naive_entry& e) {
    const auto it = std::find(m_entries.begin(), m_entries.end(), e);
    if (it == m_entries.end()) return false;
    std::rotate(m_entries.begin(), it, it + 1);
    return true;
  }
  void enter(const naive_entry& e) {
    if (m_ways == 0 || use(e)) return;
    m_entries.insert(m_entries.begin(), e);
    if (m_entries.size() > m_ways) m_entries.pop_back();
  }
  template <class F>
  std::uint64_t drop(const F& doomed) {
    const std::size_t before = m_entries.size();
    m_entries.erase(std::remove_if(m_entries.begin(), m_entries.end(), doomed), m_entries.end());
    return before - m_entries.size();
  }

 private:
  std::size_t m_ways;
  std::vector<naive_entry> m_entries;
};

struct naive_core {
  explicit naive_core(const cpu::tlb_params& p)
      : first(p.l1_entries),
        second(p.l2.entries == 0 ? 1 : p.l2.entries / p.l2.ways,
               naive_set(p.l2.entries == 0 ? 0 : p.l2.ways)) {}
  naive_set& set_of(const naive_entry& e) {
    std::uint64_t hash = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) hash ^= e.page >> shift;
    return second[hash % second.size()];
  }
  found lookup(const naive_entry& e) {
    if (first.use(e)) return found::first;
    if (!set_of(e).use(e)) return found::nowhere;
    first.enter(e);
    return found::second;
  }
  void enter(const naive_entry& e) {
    set_of(e).enter(e);
    first.enter(e);
  }
  naive_set first;
  std::vector<naive_set> second;
  std::uint64_t dropped = 0;
};

bool names(const arch::command& c, const naive_entry& e) {
  const space_facts& s = facts[e.space];
  if (c.op == opcode::tlbi_nsnh_all) return true;
  if (c.op == opcode::tlbi_s2_ipa || c.vmid.value() != s.vmid) return false;
  if (c.op == opcode::tlbi_s12_vmall || c.op == opcode::tlbi_nh_all) return true;
  if (c.op == opcode::tlbi_nh_asid) return !s.kernel && c.asid.value() == 0;
  // by address: that of the leaf in stage 1, kernels' in the linear map and of any ASID
  if (c.op == opcode::tlbi_nh_va && !s.kernel && c.asid.value() != 0) return false;
  const std::uint64_t at = (e.page << s.entry_shift) + (s.kernel ? linear_map : 0);
  return at >> s.page_shift == c.address >> s.page_shift;
}

class pair_under_test {
 public:
  explicit pair_under_test(const cpu::tlb_params& p)
      : m_tlbs(p, {&m_groups[0], &m_groups[1]}), m_naive(2, naive_core(p)) {
    m_tlbs.add_guest(base::vmid(3), 12, 21);
    m_tlbs.add_guest(base::vmid(4), 21, 12);
  }

  bool step(std::uint64_t word) {
    test::dice d(word);
    if (d.one_in(12)) return invalidate(d);
    const auto core = static_cast<unsigned>(d.below(2));
    const auto space = static_cast<unsigned>(d.below(facts.size()));
    return access(core, space, any_page(d) + d.below(4096));
  }

  bool balances() const {
    for (unsigned c = 0; c < 2; ++c) {
      const cpu::tlb_stats& s = m_tlbs.statistics(c);
      if (s.l1_hits.value() != m_found[c][0] || s.l2_hits.value() != m_found[c][1] ||
          s.walks.value() != m_found[c][2] || s.invalidated.value() != m_naive[c].dropped ||
          s.walk_reads.value() != m_reads[c]) {
        return false;
      }
    }
    return true;
  }
  std::uint64_t count(found f) const {
    return m_found[0][static_cast<unsigned>(f)] + m_found[1][static_cast<unsigned>(f)];
  }
  std::uint64_t dropped() const { return m_naive[0].dropped + m_naive[1].dropped; }

 private:
  // Half of them at round addresses.
  static std::uint64_t any_page(test::dice& d) {
    return d.one_in(2) ? d.below(8) * far_apart : d.below(pages) * 4096;
  }

  bool access(unsigned core, unsigned space, std::uint64_t address) {
    const naive_entry e{space, address >> facts[space].entry_shift};
    const found f = m_tlbs.lookup(core, space, address);
    if (m_naive[core].lookup(e) != f) return false;
    ++m_found[core][static_cast<unsigned>(f)];
    if (f != found::nowhere) return true;
    const core_tlbs::walk w = m_tlbs.begin_walk(core, space, address);
    m_reads[core] += w.count;
    m_tlbs.enter(core, space, address, w);
    m_naive[core].enter(e);
    return w.count == (space < 2 ? 1u : 2u);
  }

  bool invalidate(test::dice& d) {
    arch::command c;
    c.op = d.of<opcode, 7>({opcode::tlbi_nsnh_all, opcode::tlbi_s12_vmall, opcode::tlbi_nh_all,
                            opcode::tlbi_nh_asid, opcode::tlbi_nh_va, opcode::tlbi_nh_vaa,
                            opcode::tlbi_s2_ipa});
    c.vmid = base::vmid(d.of<std::uint16_t, 4>({0, 3, 4, 5}));
    c.asid = base::asid(static_cast<std::uint16_t>(d.below(2)));
    c.address = any_page(d) + (d.one_in(3) ? 0 : linear_map);
    m_tlbs.invalidate(c);
    const auto doomed = [&](const naive_entry& e) { return names(c, e); };
    for (naive_core& core : m_naive) {
      core.dropped += core.first.drop(doomed);
      for (naive_set& s : core.second) core.dropped += s.drop(doomed);
    }
    return balances();
  }

  stats::group m_root{"test"};
  stats::group m_groups[2]{{&m_root, "core0"}, {&m_root, "core1"}};
  core_tlbs m_tlbs;
  std::vector<naive_core> m_naive;
  std::uint64_t m_found[2][3] = {};
  std::uint64_t m_reads[2] = {};
};

cpu::tlb_params shaped(std::uint32_t first, std::uint32_t second, std::uint32_t ways) {
  cpu::tlb_params p;
  p.l1_entries = first;
  p.l2.entries = second;
  p.l2.ways = ways;
  return p;
}

const std::vector<cpu::tlb_params> shapes{shaped(4, 20, 5), shaped(8, 16, 4), shaped(0, 12, 3),
                                          shaped(6, 0, 1),  shaped(0, 0, 1),  shaped(20, 16, 16)};

}  // namespace

TEST_CASE("TLBs of cores find, evict and drop what naive ones do, in every shape") {
  for (const cpu::tlb_params& p : shapes) {
    INFO(p.l1_entries << ' ' << p.l2.entries << ' ' << p.l2.ways);
    REQUIRE(rc::check([&p] {
      pair_under_test pair(p);
      for (const std::uint64_t word : test::any_steps(300)) {
        if (!pair.step(word)) return false;
      }
      return pair.balances();
    }));
  }
}

TEST_CASE("the sequences against naive TLBs hit both levels, walk and drop") {
  base::rng r(5);
  pair_under_test pair(shaped(8, 16, 4));
  for (int i = 0; i < 3000; ++i) REQUIRE(pair.step(r.next()));
  CHECK(pair.balances());
  CHECK(pair.count(found::first) > 150);
  CHECK(pair.count(found::second) > 50);
  CHECK(pair.count(found::nowhere) > 1000);
  CHECK(pair.dropped() > 300);
}
