#include "random_case.h"

#include "arch/cd.h"
#include "arch/descriptor.h"
#include "base/bits.h"
#include "platforms/scenario/timed.h"
#include "platforms/scenario/untimed.h"
#include "recorded_walks.h"

namespace svasim::test {

using arch::fetch_kind;
using base::rng;

namespace {

constexpr std::uint64_t queues = 1ull << 53;
constexpr std::uint64_t hole = 1ull << 46;  // nothing answers here

smmu_profile profile_of(std::uint64_t seed) {
  smmu_profile p = random_smmu(seed);
  p.config = 7;     // addresses of stage 1 that stage 2 takes, for all
  p.regs.cr0 |= 8;  // CMDQEN
  p.regs.cr2 |= 1;  // E2H: EL2 without it has no ASIDs to keep spaces apart
  rng g(seed);
  if (g.chance(1, 2)) p.regs.idr0 |= 1u << 17;  // VMW
  p.regs.cr0 |= static_cast<std::uint32_t>(g.below(5)) << 6;
  return p;
}

void describe_registers(const smmu_profile& p, scenario::scenario& s) {
  const naive::registers& r = p.regs;
  s.registers = {r.idr0,       r.idr1, r.idr3, r.idr5, r.cr0, r.cr2, r.gbpa, r.strtab_base_cfg,
                 r.strtab_base};
  s.command_queue = {true, base::pa(queues), 4};
  s.event_queue = {true, base::pa(queues + 0x10000), 4};
  s.ram = {{0, hole}, {hole + (hole >> 4), (1ull << 52) - hole - (hole >> 4)}, {queues, 0x20000}};
}

kit::cache_params cache(rng& g, kit::cache_params like) {
  switch (g.below(5)) {
    case 0:
      like.entries = 0;
      return like;
    case 1:
      like.entries = like.ways = 1;
      break;
    case 2:
      like.entries = 4;
      like.ways = 2;
      break;
    case 3:
      like.entries = like.ways = 32;
      break;
    default:
      like.entries = 64;
      like.ways = 4;
  }
  return like;
}

// In two partitions, where that is possible.
void share_out(rng& g, const kit::cache_params& shape, smmu::partition_params& p) {
  if (shape.ways % 2 != 0 || !g.chance(1, 4)) return;
  p.by = g.chance(1, 2) ? smmu::partition_key::vmid : smmu::partition_key::pasid;
  p.count = 2;
}

void random_tbu(rng& g, smmu::tbu_params& p) {
  p.tag = g.chance(1, 2) ? smmu::tlb_tag::asid : smmu::tlb_tag::stream;
  p.span = g.chance(1, 3) ? smmu::tlb_span::page : smmu::tlb_span::leaf;
  p.nested_entries = g.chance(1, 3) ? smmu::nested_entries::split : smmu::nested_entries::merged;
  p.hazard = g.chance(1, 3)   ? smmu::hazard_rule::none
             : g.chance(1, 2) ? smmu::hazard_rule::leaf_table
                              : smmu::hazard_rule::page;
  p.tokens = g.chance(1, 3) ? 1 : 0;
  p.release = g.chance(1, 3) ? smmu::release_rule::in_order : smmu::release_rule::out_of_order;
  p.stream_tags = g.chance(1, 3) ? 1 : 16;
  static_cast<kit::cache_params&>(p.utlb) = cache(g, p.utlb);
  static_cast<kit::cache_params&>(p.main_tlb) = cache(g, p.main_tlb);
  p.main_tlb.ports = g.chance(1, 3) ? 1 : 0;
  share_out(g, p.utlb, p.utlb.partition);
  share_out(g, p.main_tlb, p.main_tlb.partition);
}

void random_walk_cache(rng& g, smmu::walk_cache_params& w) {
  w.nested = g.chance(2, 3);
  w.nested_tables = g.chance(2, 3);
  w.store = g.chance(1, 3) ? smmu::walk_cache_store::shared : smmu::walk_cache_store::separate;
  w.probe = g.chance(1, 3) ? smmu::walk_cache_probe::sequential : smmu::walk_cache_probe::parallel;
  w.ports = g.chance(1, 3) ? 1 : 0;
  for (auto* c : {&w.s1_l0, &w.s1_l1, &w.s1_l2, &w.s2_l0, &w.s2_l1, &w.s2_l2}) *c = cache(g, *c);
  w.shared = cache(g, w.shared);
}

smmu::smmu_params random_params(rng& g) {
  smmu::smmu_params p = scenario::timed_defaults();
  random_tbu(g, p.tbu);
  if (!g.chance(1, 3)) {
    static_cast<kit::cache_params&>(p.tcu.tlb) = cache(g, p.tcu.tlb);
    share_out(g, p.tcu.tlb, p.tcu.tlb.partition);
  }
  if (g.chance(1, 3)) {
    p.tcu.configuration_cache.entries = p.tcu.configuration_cache.ways = 0;
    static_cast<kit::cache_params&>(p.tcu.ste_cache) = cache(g, p.tcu.ste_cache);
    static_cast<kit::cache_params&>(p.tcu.cd_cache) = cache(g, p.tcu.cd_cache);
  } else {
    static_cast<kit::cache_params&>(p.tcu.configuration_cache) =
        cache(g, p.tcu.configuration_cache);
  }
  if (g.chance(1, 2)) {
    static_cast<kit::cache_params&>(p.tcu.ipa_cache) = cache(g, p.tcu.ipa_cache);
  }
  p.tcu.walk_step = g.chance(1, 3) ? base::ns(1) : base::ns(0);
  p.tcu.read_issue = g.chance(1, 3) ? base::ns(1) : base::ns(0);
  random_walk_cache(g, p.tcu.walk_cache);
  return p;
}

class generator {
 public:
  generator(std::uint64_t seed, random_case& out, fuzz_counts& counts)
      : m_profile(profile_of(seed)), m_rng(seed * 3 + 1), m_out(out), m_counts(counts) {
    describe_registers(m_profile, out.s);
    m_regs = arch::register_view(out.s.registers);
    rng shapes(seed * 5 + 2);
    out.params = random_params(shapes);
    m_image = std::make_unique<random_image>(m_profile, out.s);
    for (unsigned i = 0; i < 4; ++i) m_sids.push_back(any_sid());
    for (unsigned i = 0; i < 16; ++i) m_pool.push_back(settled());
    m_image->begin_recording();
  }

  void run(unsigned queries) {
    for (unsigned n = 0; n < queries;) {
      if (m_rng.chance(1, 12) && !m_walks.empty()) {
        edit();
      } else if (m_rng.chance(1, 20) && !m_walks.empty()) {
        give(any_invalidation(m_walks.any(m_rng), m_rng));
        if (m_rng.chance(1, 2)) sync();
      } else {
        query();
        ++n;
      }
    }
  }

 private:
  std::uint32_t any_sid() {
    return static_cast<std::uint32_t>(m_rng.chance(1, 20) ? m_rng.below(70000) : m_rng.below(64));
  }
  std::uint64_t any_address() {
    const bool stage2 = m_rng.chance(1, 3);
    const unsigned upper = m_rng.chance(1, 4) ? 1 : 0;
    const unsigned size = stage2 ? m_profile.s2_t0sz : m_profile.tsz[upper];
    const unsigned bits = std::min(64 - std::min(size, 50u), 52u);
    const std::uint64_t low = m_rng.next() & base::low_mask(bits);
    const std::uint64_t small = m_rng.chance(1, 2) ? low & base::low_mask(32) : low;
    return stage2 || upper == 0 ? small : small | ~base::low_mask(bits);
  }
  arch::access_request any_request() {
    arch::access_request r;
    r.sid = base::stream_id(m_sids[m_rng.below(m_sids.size())]);
    r.has_ssid = m_profile.cd_tables && m_rng.chance(2, 3);
    if (r.has_ssid) {
      r.ssid = base::substream_id(
          static_cast<std::uint32_t>(m_rng.chance(1, 20) ? m_rng.below(1u << 20) : m_rng.below(4)));
    }
    r.address = any_address() & ~3ull;
    r.write = m_rng.chance(1, 3);
    return r;
  }

  // A request whose tables were made again until it got through, mostly.
  arch::access_request settled() {
    arch::access_request r = any_request();
    const unsigned tries = m_rng.chance(1, 8) ? 1 : 30;
    for (unsigned i = 0; i < tries; ++i) {
      const pure_walk w = walk_purely(m_out.s, m_regs, *m_image, r);
      if (w.result.outcome == arch::outcome::ok) break;
      if (w.touches.empty() || m_rng.chance(1, 6)) {
        r.address = any_address() & ~3ull;
        continue;
      }
      const touch& last =
          w.touches[w.touches.size() - 1 - m_rng.below(w.touches.size() > 1 ? 2 : 1)];
      if (!m_out.s.in_ram(last.address, last.size)) continue;
      arch::fetch_request f;
      f.kind = last.kind;
      f.level = last.level;
      f.size = last.size;
      f.address = base::pa(last.address);
      m_image->make_again(f, last.granule_shift, 1 + m_rng.below(1000));
    }
    return r;
  }

  void query() {
    arch::access_request r = m_pool[m_rng.below(m_pool.size())];
    if (m_rng.chance(1, 30)) r = any_request();
    r.address = (r.address & ~0xfffull) | (m_rng.next() & 0xffc);
    if (m_rng.chance(1, 5)) r.address ^= 0x1000ull << m_rng.below(10);
    if (m_rng.chance(1, 20)) r.address ^= m_rng.next() << 56;
    r.write = m_rng.chance(1, 3);
    const pure_walk w = walk_purely(m_out.s, m_regs, *m_image, r);
    scenario::query_answer a = scenario::answer_of(w.result);
    a.walk.resize(w.touches.size());
    m_counts.queries += 1;
    m_counts.translated += w.result.outcome == arch::outcome::ok;
    m_counts.faults += w.result.outcome == arch::outcome::fault;
    m_counts.nested += w.result.outcome == arch::outcome::ok &&
                       w.result.entry.kind == arch::translation_kind::nested;
    m_out.queries[m_out.s.steps.size()] = a;
    scenario::step s;
    s.kind = scenario::step_kind::query;
    s.request = r;
    m_out.s.steps.push_back(s);
    m_walks.add(w);
    settle_updates(w);
  }

  // What the hardware wrote may be seen by a walk with other rules for it.
  void settle_updates(const pure_walk& w) {
    m_counts.updates += w.updated.size();
    bool any = false;
    for (const touch& u : w.updated) {
      for (const touch& t : m_walks.readers(u.address, 8)) {
        if (t.kind == u.kind && t.level == u.level && t.vmid == w.touches.front().vmid &&
            (t.kind == fetch_kind::s2_descriptor ||
             (t.asid == w.touches.front().asid && t.world == w.touches.front().world))) {
          continue;
        }
        for (const arch::command& c : covering(t, true, m_rng)) give(c);
        any = true;
      }
    }
    if (any) sync();
  }

  // --- commands ------------------------------------------------------------------------------

  void give(arch::command c) {
    if (arch::check(c, m_regs.caps) != arch::command_error::none) {
      // Not in this implementation, so what it is for is not either; a range of one granule is a
      // single address.
      c.tg = 0;
      c.num = c.scale = 0;
    }
    if (c.vmid.value() != 0 && m_regs.vmid_wildcard_bits != 0 && m_rng.chance(1, 2)) {
      const std::uint64_t any = m_rng.below(1u << m_regs.vmid_wildcard_bits);
      c.vmid = base::vmid(static_cast<std::uint16_t>(c.vmid.value() ^ any));
    }
    scenario::step s;
    s.kind = scenario::step_kind::command;
    s.command = arch::encode(c);
    m_out.commands[m_out.s.steps.size()] = scenario::check(s.command, m_regs);
    m_out.s.steps.push_back(s);
    m_counts.commands += 1;
  }
  void sync() {
    arch::command c;
    c.op = arch::opcode::sync;
    give(c);
  }

  // --- edits ---------------------------------------------------------------------------------

  void write(std::uint64_t address, std::uint64_t word) {
    m_image->write(address, word);
    m_edit.words.emplace_back(address, word);
  }

  void edit() {
    const touch t = m_walks.any(m_rng);
    if (!m_out.s.in_ram(t.address, t.size)) return;
    m_edit = scenario::step{};
    m_edit.kind = scenario::step_kind::memory_write;
    m_cover = true;
    m_same_space = true;
    std::uint64_t first = t.address, size = t.size;
    switch (t.kind) {
      case fetch_kind::s1_descriptor:
      case fetch_kind::s2_descriptor:
        edit_descriptor(t, first, size);
        break;
      case fetch_kind::ste:
        edit_ste(t.address);
        break;
      case fetch_kind::cd:
        edit_cd(t.address);
        break;
      default:
        write(t.address, m_image->now().read64(base::pa(t.address)) ^ 1);
    }
    m_counts.edits += 1;
    m_out.s.steps.push_back(m_edit);
    if (!m_cover) return;
    for (const touch& reader : m_walks.readers(first, size)) {
      for (const arch::command& c : covering(reader, m_same_space, m_rng)) give(c);
    }
    sync();
  }

  void edit_descriptor(const touch& t, std::uint64_t& first, std::uint64_t& size) {
    const std::uint64_t old = m_image->now().read64(base::pa(t.address));
    if (base::bit(old, 52)) {
      // The descriptors of a run change together: they stand for themselves from now on.
      const unsigned bits = arch::contiguous_bits(t.granule_shift, t.level);
      first = t.address & ~base::low_mask(bits + 3);
      size = 8ull << bits;
      for (std::uint64_t at = first; at < first + size; at += 8) {
        arch::fetch_request f;
        f.kind = t.kind;
        f.level = t.level;
        f.address = base::pa(at);
        m_image->need(f, t.granule_shift);
        write(at, m_image->now().read64(f.address) & ~(1ull << 52));
      }
    }
    const std::uint64_t now = m_image->now().read64(base::pa(t.address));
    constexpr unsigned flags[] = {0, 1, 6, 7, 10, 11, 51, 53, 54, 59, 60, 61};
    switch (m_rng.below(5)) {
      case 0:
        write(t.address, 0);
        break;
      case 1:
      case 2:
        write(t.address, now ^ 1ull << flags[m_rng.below(std::size(flags))]);
        break;
      default:
        write(t.address, now ^ (0x10000ull << m_rng.below(16)));
    }
    // What is not valid is in no cache.
    if ((old & 1) == 0 && m_rng.chance(1, 2)) m_cover = false;
  }

  arch::structure_words words_at(std::uint64_t address) {
    arch::structure_words words{};
    m_image->now().read(base::pa(address), words.data(), 64);
    return words;
  }
  void write_structure(std::uint64_t address, const arch::structure_words& words) {
    for (unsigned i = 0; i < 8; ++i) write(address + i * 8, words[i]);
  }

  void edit_ste(std::uint64_t address) {
    arch::ste s = arch::decode_ste(words_at(address));
    switch (m_rng.below(6)) {
      case 0:
        s.valid = !s.valid;
        break;
      case 1:
        s.privcfg = static_cast<std::uint8_t>(m_rng.below(4));
        break;
      case 2:
        s.instcfg = static_cast<std::uint8_t>(m_rng.below(4));
        break;
      case 3:
        s.dss = static_cast<arch::s1dss>(m_rng.below(4));
        break;
      default: {
        const touch other = m_walks.any(m_rng);
        if (other.kind == fetch_kind::ste && m_out.s.in_ram(other.address, 64)) {
          s = arch::decode_ste(words_at(other.address));
        } else {
          s.config = s.config == arch::ste_config::bypass ? arch::ste_config::abort
                                                          : arch::ste_config::bypass;
        }
      }
    }
    m_same_space = false;
    write_structure(address, arch::encode(s));
  }

  void edit_cd(std::uint64_t address) {
    arch::cd c = arch::decode_cd(words_at(address));
    switch (m_rng.below(5)) {
      case 0:
        c.valid = !c.valid;
        break;
      case 1:
        c.half[m_rng.below(2)].ttb ^= 0x10000;
        break;
      case 2:
        c.half[m_rng.below(2)].tbi ^= true;
        break;
      case 3:
        c.half[m_rng.below(2)].had ^= true;
        c.wxn ^= true;
        break;
      default:
        c.pan ^= true;
        c.r ^= true;
        c.a ^= true;
    }
    // Another ASID makes another address space: the old one's entries do no harm.
    if (m_rng.chance(1, 2)) m_same_space = !m_image->fresh_asid(c.asid);
    write_structure(address, arch::encode(c));
  }

  const smmu_profile m_profile;
  rng m_rng;
  random_case& m_out;
  fuzz_counts& m_counts;
  arch::register_view m_regs;
  std::unique_ptr<random_image> m_image;
  std::vector<std::uint32_t> m_sids;
  std::vector<arch::access_request> m_pool;
  recorded_walks m_walks;
  scenario::step m_edit;
  bool m_cover = true, m_same_space = true;
};

}  // namespace

void make_random_case(std::uint64_t seed, unsigned queries, random_case& out, fuzz_counts& counts) {
  try {
    generator g(seed, out, counts);
    g.run(queries);
  } catch (const overlap_error&) {
    // What was recorded up to here stands.
  }
}

}  // namespace svasim::test
