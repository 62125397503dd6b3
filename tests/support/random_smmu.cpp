#include "random_smmu.h"

#include <algorithm>

namespace svasim::test {

using base::rng;
using naive::read_kind;
using std::uint64_t;

namespace {
constexpr uint64_t one = 1;

uint64_t low(unsigned n) {
  return n >= 64 ? ~uint64_t{0} : (one << n) - 1;
}
/// 1 at bit `at` in `percent` of 100 cases.
uint64_t maybe(rng& g, unsigned at, unsigned percent) {
  return g.chance(percent, 100) ? one << at : 0;
}
unsigned pick(rng& g, unsigned n) {
  return static_cast<unsigned>(g.below(n));
}
uint64_t address_below(rng& g, unsigned bits, unsigned align) {
  uint64_t a = g.next() & low(bits) & ~low(align);
  if (g.chance(1, 2)) {
    a &= g.next() & g.next();  // few bits: tables meet, contiguous runs are aligned
  }
  return g.chance(1, 2) ? a & ~low(std::min(bits, 34u)) : a;
}

struct size_row {
  unsigned granule, sl0;
  bool sl0_2;
  unsigned first, last;
};
// S2T0SZ by granule and S2SL0 with concatenation (DDI 0487 D8.2).
constexpr size_row size_rows[] = {
    {12, 0, true, 12, 15},  {12, 2, false, 12, 24}, {12, 1, false, 21, 33}, {12, 0, false, 30, 42},
    {12, 3, false, 39, 48}, {14, 3, false, 12, 16}, {14, 2, false, 13, 27}, {14, 1, false, 24, 38},
    {14, 0, false, 35, 48}, {16, 2, false, 12, 21}, {16, 1, false, 18, 34}, {16, 0, false, 31, 47}};

void random_registers(smmu_profile& p, rng& g) {
  p.stall_model = g.chance(1, 2) ? 0 : g.chance(1, 5) ? 2 : 1;
  p.httu = g.chance(2, 3) ? 2 : pick(g, 3);
  const unsigned oas_code = g.chance(1, 2) ? 6 : g.chance(4, 5) ? 5 : 1 + pick(g, 4);
  const unsigned oas_of[] = {32, 36, 40, 42, 44, 48, 52, 52};
  p.oas = oas_of[oas_code];
  auto& r = p.regs;
  r.idr0 = static_cast<std::uint32_t>(maybe(g, 0, 99) | maybe(g, 1, 99) | one << 3 |
                                      maybe(g, 2, 10) | p.httu << 6 | maybe(g, 9, 30) |
                                      maybe(g, 10, 80) | maybe(g, 11, 30) | one << 12 |
                                      maybe(g, 18, 90) | maybe(g, 19, 90) | maybe(g, 23, 50) |
                                      p.stall_model << 24 | maybe(g, 26, 30) | maybe(g, 27, 90));
  r.idr1 = static_cast<std::uint32_t>(16 | (g.chance(9, 10) ? 20u : 0u) << 6 | maybe(g, 26, 50));
  r.idr3 =
      static_cast<std::uint32_t>(maybe(g, 2, 80) | maybe(g, 4, 50) | maybe(g, 9, 50) | one << 10);
  r.idr5 = static_cast<std::uint32_t>(oas_code | maybe(g, 4, 98) | maybe(g, 5, 98) |
                                      maybe(g, 6, 98) | maybe(g, 7, 60) | maybe(g, 10, 60));
  r.cr0 = static_cast<std::uint32_t>(maybe(g, 0, 98) | maybe(g, 2, 90) | maybe(g, 4, 70));
  r.cr2 = static_cast<std::uint32_t>(g.next() & 0xb);
  r.gbpa = static_cast<std::uint32_t>(maybe(g, 20, 50));
  r.strtab_base = g.next() & low(std::min(p.oas, 44u));
  const unsigned splits[] = {6, 8, 10, pick(g, 32)};
  r.strtab_base_cfg =
      static_cast<std::uint32_t>((8 + pick(g, 9)) | splits[pick(g, 4)] << 6 | maybe(g, 16, 50));
}

void random_geometry(smmu_profile& p, rng& g) {
  const bool ds = (p.regs.idr5 >> 7 & 1) != 0, va52 = (p.regs.idr5 >> 10 & 1) != 0;
  const bool stt = (p.regs.idr3 >> 9 & 1) != 0;
  p.s1_ds = g.chance(ds ? 70 : 10, 100);
  p.s2_ds = g.chance(ds ? 70 : 10, 100);
  for (unsigned i = 0; i < 2; ++i) {
    p.s1_granule[i] = 12 + 2 * pick(g, 3);
    const bool far = va52 && ((p.s1_ds && ds) || p.s1_granule[i] == 16);
    const unsigned first = far ? 12 : 16, last = stt ? 47 : 39;
    p.tsz[i] = g.chance(1, 40) ? pick(g, 64) : first + pick(g, last - first + 1);
  }
  for (unsigned tries = 0; tries < 40; ++tries) {
    const size_row& row = size_rows[pick(g, std::size(size_rows))];
    p.s2_granule = row.granule;
    p.s2_sl0 = row.sl0;
    p.s2_sl0_2 = row.sl0_2;
    p.s2_t0sz = row.first + pick(g, row.last - row.first + 1);
    const bool wide = row.granule == 16 ? p.oas == 52 : p.s2_ds && ds;
    const unsigned least = 64 - std::min(p.oas, wide ? 52u : 48u);
    const bool reserved = (row.granule != 16 && (row.sl0 == 3 || row.sl0_2)) &&
                          !(row.granule == 12 && row.sl0 == 3 ? stt : p.s2_ds && ds);
    if (!reserved && p.s2_t0sz >= least && p.s2_t0sz <= (stt ? 48 : 39)) {
      break;
    }
  }
  if (g.chance(1, 40)) {
    p.s2_t0sz = pick(g, 64);
  }
}

void random_query(smmu_profile& p, rng& g) {
  naive::query& q = p.query;
  q.kind = g.chance(2, 3)   ? naive::query::untranslated
           : g.chance(2, 3) ? naive::query::translation_request
                            : naive::query::translated;
  q.sid = pick(g, g.chance(1, 20) ? 70000 : 64);
  q.has_ssid = p.cd_tables && g.chance(2, 3);
  q.ssid = q.has_ssid ? pick(g, g.chance(1, 20) ? 1u << 20 : 64) : 0;
  q.write = g.chance(1, 2);
  q.privileged = g.chance(1, 2);
  q.instruction = g.chance(1, 4);
  if (g.chance(1, 30)) {
    q.address = g.next();
  } else if (p.config == 6 || q.kind == naive::query::translated) {
    q.address = address_below(g, p.s2_t0sz < 64 ? std::min(64 - p.s2_t0sz, 52u) : 1, 0);
  } else {
    const unsigned upper = g.chance(1, 4) ? 1 : 0;
    const unsigned bits = std::min(64 - std::min(p.tsz[upper], 63u), 52u);
    q.address = address_below(g, bits, 0) | (upper != 0 ? ~low(bits) : 0);
    if (g.chance(1, 10)) {
      q.address ^= g.next() << 56;
    }
  }
}
}  // namespace

unsigned smmu_profile::s1_output_bits() const {
  return config == 7 ? std::min(64 - std::min(s2_t0sz, 63u), 52u) : oas;
}
unsigned smmu_profile::s2_output_bits() const {
  return oas;
}

smmu_profile random_smmu(uint64_t seed) {
  rng g(seed);
  smmu_profile p;
  p.seed = seed;
  random_registers(p, g);
  random_geometry(p, g);
  const unsigned configs[] = {5, 5, 5, 6, 6, 7, 7, 7, 7, pick(g, 8)};
  p.config = configs[pick(g, 10)];
  p.cd_tables = g.chance(1, 3);
  random_query(p, g);
  return p;
}

uint64_t random_memory::ste_word2(rng& g) const {
  const uint64_t tg = m_profile.s2_granule == 12 ? 0 : m_profile.s2_granule == 16 ? 1 : 2;
  const uint64_t ps = g.chance(4, 5) ? 6 : pick(g, 8);
  const unsigned stall = m_profile.stall_model == 2 ? 99 : m_profile.stall_model == 1 ? 1 : 10;
  return pick(g, 256) | uint64_t{m_profile.s2_t0sz} << 32 | uint64_t{m_profile.s2_sl0} << 38 |
         (g.chance(1, 60) ? uint64_t{pick(g, 4)} : tg) << 46 | ps << 48 | maybe(g, 51, 99) |
         maybe(g, 52, 1) | maybe(g, 53, 20) |
         (m_profile.httu >= 2 && g.chance(1, 2) ? 3 * (one << 55) : maybe(g, 55, 1)) |
         maybe(g, 56, m_profile.httu > 0 ? 40 : 1) | maybe(g, 57, stall) | maybe(g, 58, 70);
}

uint64_t random_memory::ste_word(rng& g, unsigned index) const {
  switch (index) {
    case 0:
      return maybe(g, 0, 99) | uint64_t{m_profile.config} << 1 |
             (m_profile.cd_tables ? uint64_t{pick(g, 3)} << 4 | uint64_t{1 + pick(g, 20)} << 59
                                  : 0) |
             address_below(g, std::min(m_profile.s1_output_bits(), 40u), 6);
    case 1: {
      const unsigned split = m_profile.config == 7 && g.chance(1, 2) ? 2 : 1;
      const unsigned eats = g.chance(1, 10) ? pick(g, 4) : split;
      return pick(g, 4) | maybe(g, 27, m_profile.stall_model == 0 ? 20 : 1) | uint64_t{eats} << 28 |
             maybe(g, 31, 30) | maybe(g, 30, 2) | (g.chance(1, 4) ? (g.next() & 15) << 48 : 0);
    }
    case 2:
      return ste_word2(g);
    case 3:
      return address_below(g, std::min(m_profile.oas, g.chance(1, 8) ? 52u : 40u), 4) |
             uint64_t{m_profile.s2_sl0_2} << 2 | uint64_t{m_profile.s2_ds} << 3;
    default:
      return g.next();
  }
}

uint64_t random_memory::cd_word0(rng& g) const {
  const auto half = [&](unsigned i) {
    const uint64_t codes[2][3] = {{0, 2, 1}, {2, 1, 3}};  // TG0, TG1 of 4K, 16K, 64K
    const uint64_t tg = codes[i][(m_profile.s1_granule[i] - 12) / 2];
    return m_profile.tsz[i] | (g.chance(1, 60) ? uint64_t{pick(g, 4)} : tg) << 6 | maybe(g, 14, 5);
  };
  const unsigned stall = m_profile.stall_model == 2 ? 99 : m_profile.stall_model == 1 ? 1 : 10;
  const uint64_t ips = g.chance(4, 5) ? 6 : pick(g, 8);
  return half(0) | half(1) << 16 | maybe(g, 15, 1) | maybe(g, 31, 99) | ips << 32 |
         maybe(g, 35, 20) | maybe(g, 36, 20) | maybe(g, 37, 20) | maybe(g, 38, 30) |
         maybe(g, 39, 30) | maybe(g, 40, 20) | maybe(g, 41, 99) |
         (m_profile.httu >= 2 && g.chance(1, 2) ? 3 * (one << 42) : maybe(g, 42, 1)) |
         maybe(g, 43, m_profile.httu > 0 ? 40 : 1) | maybe(g, 44, stall) | maybe(g, 45, 70) |
         maybe(g, 46, 96) | uint64_t{pick(g, 16)} << 48;
}

uint64_t random_memory::cd_word(rng& g, unsigned index) const {
  switch (index) {
    case 0:
      return cd_word0(g);
    case 1:
    case 2:
      return address_below(g, std::min(m_profile.s1_output_bits(), g.chance(1, 8) ? 52u : 40u), 4) |
             maybe(g, 1, 20) | (index == 2 && m_profile.s1_ds ? one << 58 : 0);
    default:
      return g.next();
  }
}

uint64_t random_memory::descriptor(rng& g, bool s1, int level) const {
  if (g.chance(1, 100)) {
    return g.next();
  }
  uint64_t w = level == 3 || g.chance(2, 3) ? 3 : 1;
  w &= g.chance(1, 40) ? 2 : 3;
  const unsigned bits = s1 ? m_profile.s1_output_bits() : m_profile.s2_output_bits();
  const uint64_t a = address_below(g, g.chance(1, 60) ? 52 : bits, 12);
  w |= a & low(48) & ~low(12);
  const bool is_64k = s1 ? m_profile.s1_granule[0] == 16 : m_profile.s2_granule == 16;
  if (is_64k) {
    w = (w & ~(low(4) << 12)) | (a >> 48 & 15) << 12;
  } else if (s1 ? m_profile.s1_ds : m_profile.s2_ds) {
    w |= (a & 3 * (one << 48)) | (a >> 50 & 3) << 8;
  } else {
    w |= pick(g, 4) << 8;
  }
  // AP[1], AP[2] or S2AP, AF, nG, DBM, Contiguous, execute-never, table attributes.
  return w | pick(g, 16) << 2 | maybe(g, 6, 90) | maybe(g, 7, s1 ? 40 : 60) | maybe(g, 10, 80) |
         maybe(g, 11, 50) | maybe(g, 51, 50) | maybe(g, 52, 40) | maybe(g, 53, 25) |
         maybe(g, 54, 25) | maybe(g, 59, 8) | maybe(g, 60, 8) | maybe(g, 61, 8) | maybe(g, 62, 8);
}

uint64_t random_memory::make(read_kind kind, int level, uint64_t address) const {
  rng g(m_profile.seed ^ (address * 0x9e3779b97f4a7c15u) ^ static_cast<uint64_t>(kind) << 60);
  const auto index = static_cast<unsigned>(address / 8 % 8);
  switch (kind) {
    case read_kind::l1std:
      return (g.chance(1, 30) ? pick(g, 32) : 7) |
             address_below(g, std::min(m_profile.oas, 44u), 6);
    case read_kind::ste:
      return ste_word(g, index);
    case read_kind::l1cd:
      return maybe(g, 0, 97) |
             address_below(g, g.chance(1, 30) ? 56 : std::min(m_profile.s1_output_bits(), 40u), 12);
    case read_kind::cd:
      return cd_word(g, index);
    case read_kind::s1:
      return descriptor(g, true, level);
    case read_kind::s2:
      return descriptor(g, false, level);
  }
  return 0;
}

bool random_memory::read(read_kind kind, int level, uint64_t address, uint64_t& out) {
  const auto [at, fresh] = m_words.try_emplace(address, 0);
  if (fresh) {
    at->second = make(kind, level, address);
  }
  out = at->second;
  rng g(m_profile.seed + address);
  return !g.chance(1, 200);
}

uint64_t random_memory::swap(uint64_t address, uint64_t expected, uint64_t desired) {
  uint64_t& word = m_words[address];
  rng g(m_profile.seed + address + ++m_swaps);
  if (m_swaps <= 3 && g.chance(1, 4)) {
    const uint64_t changes[] = {one << 10, one << 7, one << 51, one << 6, 1};
    word ^= changes[pick(g, 5)];
  }
  const uint64_t found = word;
  if (found == expected) {
    word = desired;
  }
  return found;
}

}  // namespace svasim::test
