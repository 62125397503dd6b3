#include "tlm/cpu/core_tlb.h"

#include "base/error.h"
#include "tlm/kit/cache_params.h"

namespace svasim::cpu {

namespace {

constexpr unsigned descriptor_shift = 3;
constexpr std::uint64_t host_tables = 1ull << 39;   // bytes, of 48-bit addresses
constexpr std::uint64_t guest_tables = 1ull << 34;  // bytes, of 43-bit addresses
constexpr unsigned guests = 512;
constexpr unsigned linear_map_bits = 48;

}  // namespace

// --- parameters ---------------------------------------------------------------------------------

unsigned shift_of(map_page p) {
  switch (p) {
    case map_page::page_4k:
      return 12;
    case map_page::block_2m:
      return 21;
    case map_page::block_1g:
      return 30;
  }
  return 12;
}

void describe_page(describe::visitor& v, const char* name, map_page& p, const char* sentence,
                   const char* provenance) {
  v.choice(
      name, p,
      {{"4KiB", map_page::page_4k}, {"2MiB", map_page::block_2m}, {"1GiB", map_page::block_1g}},
      sentence, provenance);
}

void l2_tlb_params::describe(describe::visitor& v) {
  v.field("entries", entries, {0, 65536}, "entries", "Entries held; 0 leaves the level out.",
          "M: Neoverse N2, measurements 6");
  v.field("ways", ways, {1, 65536}, "ways", "Associativity; as many as entries: fully associative.",
          "M: Neoverse N2, 5 ways, measurements 6");
  kit::describe_policy(v, policy, "A: assumed");
  v.field("hit_cycles", hit_cycles, {0, 1000}, "cycles",
          "What a lookup takes that the first level did not have, found or not.",
          "A: as measured on Neoverse N1 and V2, measurements 6");
  std::string problem;
  try {
    if (entries != 0) shape().check(policy);
  } catch (const base::input_error& e) {
    problem = e.problems().front().message;
  }
  v.rule(problem.empty(), "ways", problem);
}

void tlb_params::describe(describe::visitor& v) {
  v.field("enabled", enabled, "Accesses are translated; else translation takes no time.",
          "T: every core has an MMU");
  v.field("l1_entries", l1_entries, {0, 4096}, "entries",
          "First level for data, fully associative; 0 leaves it out.",
          "M: Neoverse N2, measurements 6");
  v.group("l2", l2, "Second level.");
  describe_page(v, "kernel_page", kernel_page, "Pages of the host kernel's linear map.",
                "A: Linux maps it by pages with rodata=full, its default on arm64");
  describe_page(v, "user_page", user_page,
                "Pages by which a VMM maps guest memory and what it shares with the kernel.",
                "A: base pages");
}

// --- structure ----------------------------------------------------------------------------------

core_tlbs::one_core::one_core(const tlb_params& params, stats::group* parent)
    : first({params.l1_entries, params.l1_entries}, uarch::replacement::lru),
      second(params.l2.shape(), params.l2.policy),
      stats(parent) {}

core_tlbs::core_tlbs(const tlb_params& params, const std::vector<stats::group*>& cores)
    : m_has_first(params.l1_entries != 0) {
  for (stats::group* group : cores) {
    m_cores.push_back(std::make_unique<one_core>(params, group));
  }
  m_caps.s2p = m_caps.asid16 = m_caps.ril = true;
  tlb_space kernel;
  kernel.virtual_base = linear_map;
  kernel.page_shift = shift_of(params.kernel_page);
  kernel.leaves = tables;
  kernel.addresses_mask = (host_tables << (12 - descriptor_shift)) - 1;
  tlb_space user = kernel;
  user.global = false;
  user.virtual_base = 0;
  user.page_shift = shift_of(params.user_page);
  user.leaves = tables + host_tables;
  m_spaces = {kernel, user};
}

unsigned core_tlbs::add_guest(base::vmid vmid, unsigned page_shift, unsigned stage2_shift) {
  m_spaces.emplace_back();
  const auto number = static_cast<unsigned>(m_spaces.size() - 1);
  change_guest(number, vmid, page_shift, stage2_shift);
  return number;
}

void core_tlbs::change_guest(unsigned space, base::vmid vmid, unsigned page_shift,
                             unsigned stage2_shift) {
  tlb_space& s = m_spaces[space];
  s.vmid = vmid;
  s.virtual_base = linear_map;
  s.page_shift = page_shift;
  s.stage2_shift = stage2_shift;
  s.leaves = tables + 2 * host_tables + (vmid.value() % guests) * 2 * guest_tables;
  s.stage2_leaves = s.leaves + guest_tables;
  s.addresses_mask = (guest_tables << (12 - descriptor_shift)) - 1;
}

core_tlbs::found core_tlbs::find(one_core& c, unsigned space, std::uint64_t address) {
  const unsigned shift = m_spaces[space].entry_shift();
  if (c.first.lookup(space, address, shift) != nullptr) {
    c.stats.l1_hits += 1;
    c.last_space = space;
    c.last_page = address >> shift;
    return found::first;
  }
  if (c.second.lookup(space, hashed(address, shift), shift) != nullptr) {
    c.stats.l2_hits += 1;
    use_first(c, space, address);
    return found::second;
  }
  c.stats.walks += 1;
  return found::nowhere;
}

void core_tlbs::use_first(one_core& c, unsigned space, std::uint64_t address) {
  if (!m_has_first) return;
  const unsigned shift = m_spaces[space].entry_shift();
  c.first.insert(space, address, shift, address);
  c.last_space = space;
  c.last_page = address >> shift;
}

core_tlbs::walk core_tlbs::begin_walk(unsigned core, unsigned space, std::uint64_t address) {
  const tlb_space& s = m_spaces[space];
  const std::uint64_t at = address & s.addresses_mask;
  walk w;
  w.reads[w.count++] = base::pa(s.leaves + (at >> s.page_shift << descriptor_shift));
  if (s.stage2_shift != 0) {
    w.reads[w.count++] = base::pa(s.stage2_leaves + (at >> s.stage2_shift << descriptor_shift));
  }
  w.begun = m_invalidations;
  m_cores[core]->stats.walk_reads += w.count;
  return w;
}

void core_tlbs::enter(unsigned core, unsigned space, std::uint64_t address, const walk& w) {
  if (w.begun != m_invalidations) return;
  one_core& c = *m_cores[core];
  const unsigned shift = m_spaces[space].entry_shift();
  c.second.insert(space, hashed(address, shift), shift, address);
  use_first(c, space, address);
}

arch::entry_tag core_tlbs::tag_of(unsigned space, std::uint64_t address, unsigned shift) const {
  const tlb_space& s = m_spaces[space];
  arch::entry_tag tag;
  tag.global = s.global;
  tag.vmid = s.vmid;
  tag.asid = s.asid;
  tag.address = s.virtual_base + (address >> shift << shift);
  tag.size_shift = static_cast<std::uint8_t>(shift);
  return tag;
}

// Most TLBIs are for processes, of which nothing stands here: the spaces are asked first.
void core_tlbs::invalidate(const arch::command& tlbi) {
  const arch::invalidation scope(tlbi, m_caps);
  bool any = false;
  for (unsigned s = 0; s < m_spaces.size() && !any; ++s) {
    any = scope.covers(tag_of(s, 0, linear_map_bits));
  }
  if (!any) return;
  ++m_invalidations;
  const auto doomed = [&](std::uint32_t space, std::uint64_t, unsigned, std::uint64_t address) {
    // An entry may hold less than the leaf it comes from: any address of that names it.
    return scope.covers(tag_of(space, address, m_spaces[space].page_shift));
  };
  for (const auto& c : m_cores) {
    c->stats.invalidated += c->first.invalidate_if(doomed) + c->second.invalidate_if(doomed);
    c->last_space = no_space;
  }
}

}  // namespace svasim::cpu
