#include "validate/hand_tables.h"

#include <stdexcept>

#include "arch/cd.h"
#include "arch/ste.h"
#include "base/bits.h"

namespace svasim::validate {
namespace {

constexpr std::uint64_t access_flag = 1 << 10;
constexpr std::uint64_t stage1_page = access_flag | 1 << 6 | 3;  // AP: all may write
constexpr std::uint64_t stage2_page = access_flag | 3 << 6 | 0xf << 2 | 3;
constexpr unsigned split = 8;

// DDI 0487: what S2SL0 and S2SL0_2 say of a start level (smmuv3.md 5.3).
std::uint8_t sl0_of(const stage_shape& s) {
  const int highest_plain = s.granule_shift == 12 ? 0 : 1;
  if (s.granule_shift == 12 && s.start_level == 3) return 3;
  if (s.granule_shift == 12 && s.start_level == -1) return 0;  // with S2SL0_2
  if (s.granule_shift == 16 || s.granule_shift == 14) {
    return s.start_level < highest_plain ? 3 : static_cast<std::uint8_t>(3 - s.start_level);
  }
  return static_cast<std::uint8_t>(2 - s.start_level);
}

std::uint8_t tg_of(unsigned granule_shift) {
  return granule_shift == 12 ? 0 : granule_shift == 16 ? 1 : 2;
}

}  // namespace

hand_tables::hand_tables(base::sparse_memory& memory, const table_shapes& shapes)
    : m_memory(memory), m_shapes(shapes) {
  if (shapes.nested) m_s2_root = take_table(2);
  m_s1_root = take_table(1);
  write_stream_table();
}

std::uint64_t hand_tables::take(std::uint64_t& next, std::uint64_t bytes) {
  const std::uint64_t at = (next + bytes - 1) & ~(bytes - 1);
  next = at + bytes;
  return at;
}

std::uint64_t hand_tables::take_output() {
  return take(m_next_ipa, 1ull << m_shapes.s1.granule_shift);
}

// Tables of stage 1 are in memory that stage 2 maps.
std::uint64_t hand_tables::take_table(unsigned stage) {
  if (stage == 2) return take(m_next_pa, 1ull << m_shapes.s2.granule_shift);
  const std::uint64_t bytes = 1ull << m_shapes.s1.granule_shift;
  const std::uint64_t at = take(m_next_ipa, bytes);
  if (m_shapes.nested) map_stage2(at, bytes);
  return at;
}

void hand_tables::map_stage2(std::uint64_t ipa, std::uint64_t bytes) {
  const std::uint64_t page = 1ull << m_shapes.s2.granule_shift;
  for (std::uint64_t at = ipa & ~(page - 1); at < ipa + bytes; at += page) {
    if (at >> m_shapes.s2.input_bits != 0) throw std::logic_error("IPA beyond stage 2");
    put(2, m_s2_root, at, at);
  }
}

void hand_tables::map(std::uint64_t va, std::uint64_t output) {
  put(1, m_s1_root, va, output);
  if (m_shapes.nested) map_stage2(output, 1ull << m_shapes.s1.granule_shift);
}

void hand_tables::put(unsigned stage, std::uint64_t root, std::uint64_t input,
                      std::uint64_t output) {
  const stage_shape& s = stage == 1 ? m_shapes.s1 : m_shapes.s2;
  const unsigned bits = s.granule_shift - 3;
  std::uint64_t table = root;
  for (int level = s.start_level;; ++level) {
    const unsigned shift = s.granule_shift + static_cast<unsigned>(3 - level) * bits;
    const std::uint64_t index = input >> shift & base::low_mask(bits);
    const base::pa entry(table + index * 8);
    if (level == 3) {
      m_memory.write64(entry, output | (stage == 1 ? stage1_page : stage2_page));
      return;
    }
    const std::uint64_t found = m_memory.read64(entry);
    if ((found & 1) == 0) {
      table = take_table(stage);
      m_memory.write64(entry, table | 3);
    } else {
      table = found & ~std::uint64_t{3};
    }
  }
}

std::uint64_t hand_tables::write_cd() {
  arch::cd c;
  c.valid = c.aa64 = c.a = c.r = true;
  c.half[0].tsz = static_cast<std::uint8_t>(64 - m_shapes.s1.input_bits);
  c.half[0].granule_shift = static_cast<std::uint8_t>(m_shapes.s1.granule_shift);
  c.half[0].ttb = m_s1_root;
  c.half[1].epd = true;
  c.half[1].tsz = 16;
  c.half[1].granule_shift = 12;
  c.ds = m_shapes.s1.input_bits > 48 && m_shapes.s1.granule_shift != 16;
  c.ips = 5;
  c.asid = base::asid(1);
  const std::uint64_t page = take(m_next_ipa, 4096);
  if (m_shapes.nested) map_stage2(page, 4096);
  m_memory.write(base::pa(page), arch::encode(c).data(), 64);
  if (!m_shapes.two_level_cds) return page;
  const std::uint64_t level1 = take(m_next_ipa, 4096);
  if (m_shapes.nested) map_stage2(level1, 4096);
  m_memory.write64(base::pa(level1), page | 1);
  return level1;
}

void hand_tables::write_stream_table() {
  arch::ste s;
  s.valid = true;
  s.config = m_shapes.nested ? arch::ste_config::nested : arch::ste_config::stage1;
  s.s1_format = m_shapes.two_level_cds ? 1 : 0;
  s.s1_cd_max = m_shapes.two_level_cds ? 8 : 0;
  s.dss = arch::s1dss::substream0;
  s.s1_stalld = false;
  s.vmid = base::vmid(m_shapes.nested ? 1 : 0);
  if (m_shapes.nested) {
    const stage_shape& g = m_shapes.s2;
    s.s2_t0sz = static_cast<std::uint8_t>(64 - g.input_bits);
    s.s2_sl0 = sl0_of(g);
    s.s2_sl0_2 = g.granule_shift == 12 && g.start_level == -1;
    s.s2_ds = g.input_bits > 48 && g.granule_shift != 16;
    s.s2_tg = tg_of(g.granule_shift);
    s.s2_ps = 5;
    s.s2_aa64 = s.s2_r = true;
    s.s2_ttb = m_s2_root;
  }
  s.s1_context_ptr = write_cd();
  m_stream_table = take(m_next_pa, 1 << 16);
  std::uint64_t entry = m_stream_table + sid * 64;
  if (m_shapes.two_level_streams) {
    const std::uint64_t level2 = take(m_next_pa, 1 << 16);
    m_memory.write64(base::pa(m_stream_table), level2 | (split + 1));
    entry = level2 + sid * 64;
  }
  m_memory.write(base::pa(entry), arch::encode(s).data(), 64);
}

arch::registers hand_tables::registers() const {
  arch::registers r;
  r.cr0 = 0xd;                                                  // SMMUEN, EVENTQEN, CMDQEN
  r.idr0 |= 1u << 19;                                           // CD2L
  r.idr1 = (r.idr1 & ~(0x1fu << 6)) | 20u << 6;                 // SSIDSIZE
  r.idr3 |= 1u << 9;                                            // STT
  r.idr5 = (r.idr5 & ~7u) | 6u | 7u << 4 | 1u << 7 | 1u << 10;  // 52 bits, granules, DS, VAX
  r.strtab_base = m_stream_table;
  r.strtab_base_cfg = 16u | split << 6 | (m_shapes.two_level_streams ? 1u << 16 : 0u);
  if (!m_shapes.two_level_streams) r.strtab_base_cfg = 8;
  return r;
}

}  // namespace svasim::validate
