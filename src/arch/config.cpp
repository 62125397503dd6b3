#include "arch/config.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

namespace {
/// A root table lies at a multiple of its size, and of 64 bytes where its address may have 52 bits
/// (Arm ARM D8).
std::uint64_t aligned_table(std::uint64_t table, unsigned root_shift, unsigned granule_shift,
                            unsigned output_bits, bool wide) {
  const bool large = granule_shift == 16 ? output_bits == 52 : wide;
  return table & ~base::low_mask(large ? std::max(6u, root_shift) : root_shift);
}
}  // namespace

void apply_ste(decoded_config& config, const ste& s, const register_view& regs) {
  const idr& caps = regs.caps;
  config.s2_on = s.stage2_on();
  config.stage2_implemented = caps.s2p;
  config.vmid = caps.s2p ? s.vmid : base::vmid{};
  config.eats = caps.ats && s.config != ste_config::bypass ? s.eats : std::uint8_t{0};
  config.mev = s.mev;
  if (caps.perms_override) {
    config.privcfg = s.privcfg & 3u;
    config.instcfg = s.instcfg & 3u;
  }
  if (s.config == ste_config::stage1 && caps.hyp && s.strw == 2) {
    config.world = regs.e2h ? stream_world::el2_e2h : stream_world::el2;
    config.vmid = base::vmid{};  // EL2 entries have no VMID (3.17)
  }
  config.s2_record = s.s2_r;
  config.s2_stall = s.s2_s;
  if (!config.s2_on) {
    return;
  }
  config.s2 = geometry_of(s, caps);
  config.s2_affd = s.s2_affd;
  config.s2_ha = s.s2_ha;
  config.s2_hd = s.s2_hd;
  config.s2_xnx = caps.xnx;
  const unsigned root =
      root_size_shift(config.s2.granule_shift, config.s2.start_level, config.s2.input_bits);
  config.s2_table =
      aligned_table(s.s2_ttb, root, config.s2.granule_shift, config.s2.output_bits, config.s2.wide);
}

void apply_cd(decoded_config& config, const cd& c, const idr& caps) {
  config.s1_on = true;
  config.s1_affd = c.affd;
  config.s1_ha = c.ha;
  config.s1_hd = c.hd;
  config.s1_abort = c.a;
  config.s1_record = c.r;
  config.s1_stall = c.s;
  config.aset = c.aset;
  config.asid = caps.asid16 ? c.asid : base::asid(c.asid.value() & 0xff);
  const bool el2 = config.world == stream_world::el2;
  config.s1_controls = {el2, c.wxn, c.uwxn, c.pan && !el2};
  for (unsigned i = 0; i < 2; ++i) {
    const cd_half& from = c.half[i];
    stage1_half& to = config.half[i];
    to.walks_disabled = from.epd || (el2 && i == 1);  // EL2 has TTB0 alone
    to.ignore_top_byte = from.tbi;
    if (from.epd) {
      continue;
    }
    to.granule_shift = from.granule_shift;
    to.input_bits = static_cast<std::uint8_t>(64 - from.tsz);
    to.start_level = static_cast<std::int8_t>(stage1_start_level(to.granule_shift, to.input_bits));
    to.output_bits = static_cast<std::uint8_t>(output_bits_of(c, from, caps));
    to.wide = is_wide(c, from, caps);
    to.hierarchical = !(from.had && caps.had);
    to.table =
        aligned_table(from.ttb, root_size_shift(to.granule_shift, to.start_level, to.input_bits),
                      to.granule_shift, to.output_bits, to.wide);
  }
}

}  // namespace svasim::arch
