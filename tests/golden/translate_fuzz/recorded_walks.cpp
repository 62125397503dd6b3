#include "recorded_walks.h"

#include "base/bits.h"

namespace svasim::test {

using arch::fetch_kind;
using arch::opcode;
using base::rng;
using step = arch::translation_walk::step;

namespace {

bool is_el2(const touch& t) {
  return t.world != arch::stream_world::ns_el1;
}

touch touch_of(const arch::translation_walk& w, const arch::fetch_request& f) {
  touch t;
  t.key = w.request().key();
  t.va = w.request().address & ~base::low_mask(12);
  t.kind = f.kind;
  t.level = f.level;
  t.address = f.address.value();
  t.size = f.size;
  const arch::decoded_config& c = w.config();
  if (f.kind == fetch_kind::s1_descriptor) {
    t.granule_shift = c.half[base::bit(w.request().address, 55)].granule_shift;
  } else if (f.kind == fetch_kind::s2_descriptor) {
    t.granule_shift = c.s2.granule_shift;
    t.ipa = w.begin().address;
    t.for_cd = w.begin().purpose == arch::event_class::cd;
  }
  return t;
}

// What is known of the walk at its end only.
void finish(pure_walk& out, const arch::translation_walk& w) {
  out.result = w.result();
  const arch::decoded_config& c = w.config();
  touch* last_s1 = nullptr;
  for (touch& t : out.touches) {
    t.vmid = c.vmid;
    t.asid = c.asid;
    t.world = c.world;
    t.nested = c.s1_on && c.s2_on;
    if (t.kind == fetch_kind::s1_descriptor) last_s1 = &t;
  }
  if (last_s1 != nullptr && out.result.outcome == arch::outcome::ok) last_s1->leaf = true;
}

arch::command with(opcode op, const touch& t) {
  arch::command c;
  c.op = op;
  c.sid = t.key.sid;
  c.ssid = t.key.ssid;
  c.vmid = t.vmid;
  c.asid = t.asid;
  return c;
}

// One page, or a range of granules around it.
void set_range(arch::command& c, std::uint64_t address, unsigned granule_shift, rng& g) {
  c.address = address & ~base::low_mask(12);
  if (g.chance(1, 2)) return;
  c.tg = static_cast<std::uint8_t>((granule_shift - 10) / 2);
  c.scale = static_cast<std::uint8_t>(g.below(4));
  c.num = static_cast<std::uint8_t>(1 + g.below(31));
  const unsigned unit = granule_shift + c.scale;
  const std::uint64_t before = g.below(c.num + 1u) << unit;
  const std::uint64_t first = address & ~base::low_mask(unit);
  // What lies before the address may not be in the other half of the address space.
  c.address = base::bit(first - before, 55) == base::bit(first, 55) && first >= before
                  ? first - before
                  : first;
}

void cover_stage1(const touch& t, std::vector<arch::command>& out, rng& g) {
  const bool el2 = is_el2(t);
  switch (g.below(6)) {
    case 0:
      out.push_back(with(el2 ? opcode::tlbi_el2_all : opcode::tlbi_nh_all, t));
      break;
    case 1:
      if (!el2 && g.chance(1, 2)) {
        out.push_back(with(opcode::tlbi_nsnh_all, t));
        break;
      }
      [[fallthrough]];
    default: {
      const bool every_asid = g.chance(1, 4);
      arch::command c = with(el2          ? every_asid ? opcode::tlbi_el2_vaa : opcode::tlbi_el2_va
                             : every_asid ? opcode::tlbi_nh_vaa
                                          : opcode::tlbi_nh_va,
                             t);
      set_range(c, t.va, t.granule_shift, g);
      c.leaf = t.leaf && g.chance(3, 4);
      out.push_back(c);
    }
  }
}

void cover_stage2(const touch& t, std::vector<arch::command>& out, rng& g) {
  if (g.chance(1, 4)) {
    out.push_back(with(g.chance(1, 2) ? opcode::tlbi_s12_vmall : opcode::tlbi_nsnh_all, t));
  } else {
    arch::command c = with(opcode::tlbi_s2_ipa, t);
    set_range(c, t.ipa, t.granule_shift, g);
    out.push_back(c);
    if (t.nested) out.push_back(with(opcode::tlbi_nh_all, t));
  }
  if (t.for_cd) out.push_back(with(opcode::cfgi_cd_all, t));
}

void cover_config(const touch& t, bool same_space, std::vector<arch::command>& out, rng& g) {
  arch::command c = with(opcode::cfgi_ste, t);
  const bool cd = t.kind == fetch_kind::cd || t.kind == fetch_kind::l1cd;
  switch (g.below(4)) {
    case 0:
      c.op = opcode::cfgi_ste_range;
      c.range = static_cast<std::uint8_t>(g.chance(1, 2) ? 31 : g.below(6));
      break;
    case 1:
      if (cd) c.op = opcode::cfgi_cd_all;
      break;
    default:
      if (cd) c.op = opcode::cfgi_cd;
  }
  out.push_back(c);
  if (!same_space) return;
  // Global entries do not go with an ASID.
  out.push_back(with(is_el2(t) ? opcode::tlbi_el2_all : opcode::tlbi_nh_all, t));
}

}  // namespace

pure_walk walk_purely(const scenario::scenario& s, const arch::register_view& regs,
                      random_image& image, const arch::access_request& request) {
  pure_walk out;
  arch::translation_walk w;
  w.start(regs, request);
  for (;;) {
    const step at = w.next();
    if (at == step::done) break;
    if (at != step::fetch && at != step::update) continue;
    const arch::fetch_request& f = w.fetch();
    const touch t = touch_of(w, f);
    const bool there = s.in_ram(f.address.value(), f.size);
    if (at == step::update) {
      if (!there) {
        w.supply_abort();
        continue;
      }
      const std::uint64_t found = image.now().read64(f.address);
      if (found == w.update().expected) image.write(f.address.value(), w.update().desired);
      out.updated.push_back(t);
      w.supply_update(found);
      continue;
    }
    out.touches.push_back(t);
    if (!there) {
      w.supply_abort();
      continue;
    }
    image.need(f, t.granule_shift);
    std::uint64_t words[8];
    image.now().read(f.address, words, f.size);
    w.supply(words);
  }
  finish(out, w);
  return out;
}

const touch& recorded_walks::any(rng& g) const {
  auto at = m_all.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(g.below(m_all.size())));
  return *at;
}

std::vector<touch> recorded_walks::readers(std::uint64_t address, std::uint64_t size) const {
  touch first;
  first.address = address < 64 ? 0 : address - 64;
  first.size = 0;
  std::vector<touch> out;
  for (auto t = m_all.lower_bound(first); t != m_all.end() && t->address < address + size; ++t) {
    if (t->address + t->size > address) out.push_back(*t);
  }
  return out;
}

std::vector<arch::command> covering(const touch& t, bool same_space, rng& g) {
  std::vector<arch::command> out;
  switch (t.kind) {
    case fetch_kind::s1_descriptor:
      cover_stage1(t, out, g);
      break;
    case fetch_kind::s2_descriptor:
      cover_stage2(t, out, g);
      break;
    default:
      cover_config(t, same_space, out, g);
  }
  return out;
}

arch::command any_invalidation(const touch& like, rng& g) {
  constexpr opcode all[] = {opcode::cfgi_ste,        opcode::cfgi_ste_range, opcode::cfgi_cd,
                            opcode::cfgi_cd_all,     opcode::tlbi_nh_all,    opcode::tlbi_nh_asid,
                            opcode::tlbi_nh_va,      opcode::tlbi_nh_vaa,    opcode::tlbi_el2_all,
                            opcode::tlbi_el2_asid,   opcode::tlbi_el2_va,    opcode::tlbi_el2_vaa,
                            opcode::tlbi_s2_ipa,     opcode::tlbi_s12_vmall, opcode::tlbi_nsnh_all,
                            opcode::prefetch_config, opcode::prefetch_addr};
  arch::command c = with(all[g.below(std::size(all))], like);
  c.leaf = g.chance(1, 2);
  c.range = static_cast<std::uint8_t>(g.below(32));
  if (c.op == opcode::prefetch_config || c.op == opcode::prefetch_addr) return c;
  if (g.chance(1, 8)) c.vmid = base::vmid(static_cast<std::uint16_t>(g.below(64)));
  set_range(c, c.op == opcode::tlbi_s2_ipa ? like.ipa : like.va, like.granule_shift, g);
  return c;
}

}  // namespace svasim::test
