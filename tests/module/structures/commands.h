// The small spaces in which the structures' model tests let everything collide: a few addresses,
// tags and streams, and every TLBI and CFGI on them.
#pragma once

#include <array>
#include <cstdint>

#include "arch/invalidation.h"
#include "steps.h"

namespace svasim::test {

/// A 12, 16 or 21 bit page: 4 KiB, a contiguous run of it, a 2 MiB block.
inline unsigned any_shift(dice& d) {
  return d.of(std::array<unsigned, 3>{12, 16, 21});
}
/// In three 2 MiB blocks, of each the first two runs of 64 KiB and four pages of both.
inline std::uint64_t any_low_address(dice& d) {
  return d.below(3) << 21 | d.below(2) << 16 | d.below(4) << 12;
}
/// As above, or in the upper half of the VAs.
inline std::uint64_t any_va(dice& d) {
  return any_low_address(d) | (d.one_in(4) ? 0xffff'0000'0000'0000u : 0u);
}
/// Neighbours, and one that differs above the bits of a wildcard.
inline base::vmid any_vmid(dice& d) {
  return base::vmid(d.of(std::array<std::uint16_t, 3>{1, 2, 17}));
}
inline base::asid any_asid(dice& d) {
  return base::asid(d.of(std::array<std::uint16_t, 3>{0, 1, 0x101}));
}
inline arch::config_key any_stream(dice& d) {
  const std::uint64_t ssid = d.below(4);
  return {base::stream_id(static_cast<std::uint32_t>(d.below(6))), ssid != 0,
          base::substream_id(static_cast<std::uint32_t>(ssid == 0 ? 0 : ssid - 1))};
}

inline arch::idr all_features() {
  arch::idr caps;
  caps.s1p = caps.s2p = caps.asid16 = caps.vmid16 = caps.ril = true;
  return caps;
}

/// Any TLBI; by address of one page or of a range.
inline arch::invalidation any_tlbi(dice& d) {
  using arch::opcode;
  arch::command c;
  c.op = d.of(std::array<opcode, 14>{
      opcode::tlbi_nh_va, opcode::tlbi_nh_va, opcode::tlbi_s2_ipa, opcode::tlbi_s2_ipa,
      opcode::tlbi_nh_vaa, opcode::tlbi_nh_asid, opcode::tlbi_nh_all, opcode::tlbi_s12_vmall,
      opcode::tlbi_el2_va, opcode::tlbi_el2_vaa, opcode::tlbi_el2_asid, opcode::tlbi_el2_all,
      opcode::tlbi_s2_ipa, opcode::tlbi_nsnh_all});
  c.vmid = any_vmid(d);
  c.asid = any_asid(d);
  c.address = c.op == opcode::tlbi_s2_ipa ? any_low_address(d) : any_va(d);
  c.leaf = d.one_in(3);
  c.tg = static_cast<std::uint8_t>(d.of(std::array<unsigned, 3>{0, 0, 1}));
  c.num = static_cast<std::uint8_t>(d.below(4));
  c.scale = static_cast<std::uint8_t>(d.below(2) * 4);
  return arch::invalidation(c, all_features(), d.one_in(4) ? 4 : 0);
}
inline arch::invalidation any_cfgi(dice& d) {
  using arch::opcode;
  arch::command c;
  c.op = d.of(std::array<opcode, 5>{opcode::cfgi_cd, opcode::cfgi_ste, opcode::cfgi_cd,
                                    opcode::cfgi_cd_all, opcode::cfgi_ste_range});
  const arch::config_key key = any_stream(d);
  c.sid = key.sid;
  c.ssid = key.ssid;
  c.leaf = d.one_in(2);
  c.range = static_cast<std::uint8_t>(d.of(std::array<unsigned, 3>{0, 1, 31}));
  return arch::invalidation(c, all_features());
}

/// All that there is.
inline std::array<arch::invalidation, 2> everything() {
  arch::command vms, el2;
  vms.op = arch::opcode::tlbi_nsnh_all;
  el2.op = arch::opcode::tlbi_el2_all;
  return {arch::invalidation(vms, all_features()), arch::invalidation(el2, all_features())};
}

}  // namespace svasim::test
