// The registers of an SMMUv3 that decide what a translation does (Arm IHI 0070 section 6.3),
// Non-secure interface only: the words as software reads and writes them, and the views decoded
// from them.
//
// Left out: the update handshakes (CR0ACK, GBPA.UPDATE), queue indices, interrupts and GERROR,
// which have time in them and belong to the SMMU model; the Secure and Realm interfaces.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/ids.h"

namespace svasim::arch {

/// The words. The defaults are those of a freshly reset SMMU with both stages, 16-bit StreamIDs, no
/// SubstreamIDs, 48-bit output addresses, all granules, range invalidation, no stalls, no HTTU, ATS
/// or PRI.
struct registers {
  std::uint32_t idr0 = 0x0d44101b;
  std::uint32_t idr1 = 0x02730010;
  std::uint32_t idr3 = 0x00001414;
  std::uint32_t idr5 = 0x00000075;
  std::uint32_t cr0 = 0;
  std::uint32_t cr2 = 0;
  std::uint32_t gbpa = 0;
  std::uint32_t strtab_base_cfg = 0;
  std::uint64_t strtab_base = 0;
};

/// IDR0, IDR1, IDR3, IDR5 decoded: what the implementation can do.
struct idr {
  idr() : idr(registers{}) {}
  explicit idr(const registers& words);

  bool s1p, s2p;     ///< stage 1, stage 2 translation
  bool ats, ns1ats;  ///< ns1ats: split-stage ATS is not supported
  bool pri, hyp, asid16, vmid16, cd2l, st_level2;
  bool btm;                 ///< takes part in broadcast TLB maintenance
  bool msi;                 ///< interrupts may be messages
  bool mpam, dpt;           ///< MPAM; device permission table
  bool pps;                 ///< automatic page responses carry the PASID of their request
  bool ecmdq;               ///< IDR1.ECMDQ: command queues beside the CMDQ
  bool term_model;          ///< faults can only abort: CD.A must be 1
  bool had, xnx, stt, ril;  ///< ril: range TLBI commands
  bool ds;                  ///< 52-bit addresses with 4K and 16K granules
  bool va52;                ///< IDR5.VAX: VAs of 52 bits
  bool ats_records;         ///< IDR0.ATSRECERR: CR2.REC_CFG_ATS exists
  bool vmid_wildcards;      ///< IDR0.VMW
  bool perms_override;      ///< IDR1.ATTR_PERMS_OVR: STE.PRIVCFG and INSTCFG exist
  bool gran4k, gran16k, gran64k;
  /// 0 none, 1 access flag, 2 + dirty state, 3 + table access flag (which is not modelled)
  std::uint8_t httu;
  std::uint8_t stall_model;                        ///< 0 both, 1 no stalls, 2 stalls only
  std::uint8_t sid_bits, ssid_bits;                ///< SSID: 0 none, up to 20
  std::uint8_t cmdq_bits, eventq_bits, priq_bits;  ///< log2 of the most entries, up to 19
  std::uint8_t oas_bits;                           ///< output address size: 32..52 (56 acts as 52)
  std::uint8_t ias_bits;                           ///< stage 2 input address size (3.4)

  /// True where `shift` (12, 14, 16) is a granule the implementation has.
  bool granule_supported(unsigned shift) const;
};

/// Bits of an output address size code (IDR5.OAS, CD.IPS, STE.S2PS): 0..7 = 32, 36, 40, 42, 44, 48,
/// 52, 56.
unsigned address_size_bits(unsigned code);
/// The code of a number of bits; the largest code that is not above `bits`. `bits` at least 32.
unsigned address_size_code(unsigned bits);

/// All that a translation asks of the registers, decoded once and cheap to copy.
struct register_view {
  register_view() : register_view(registers{}) {}
  explicit register_view(const registers& words);

  idr caps;
  bool enabled;              ///< CR0.SMMUEN
  bool priq_enabled;         ///< CR0.PRIQEN, and SMMUEN without which it has no effect
  bool eventq_enabled;       ///< CR0.EVENTQEN
  bool cmdq_enabled;         ///< CR0.CMDQEN
  bool ats_check;            ///< CR0.ATSCHK
  bool e2h;                  ///< CR2.E2H
  bool private_tlb;          ///< CR2.PTM: broadcast TLB maintenance is ignored
  bool record_invalid_sid;   ///< CR2.RECINVSID
  bool record_config_ats;    ///< CR2.REC_CFG_ATS: configuration errors of ATS traffic give events
  bool abort_when_disabled;  ///< GBPA.ABORT
  bool two_level;            ///< STRTAB_BASE_CFG.FMT
  std::uint8_t log2_size;    ///< STRTAB_BASE_CFG.LOG2SIZE
  std::uint8_t split;        ///< STRTAB_BASE_CFG.SPLIT: 6, 8 or 10
  std::uint8_t vmid_wildcard_bits;  ///< CR0.VMW: low VMID bits that invalidations ignore, 0..4
  base::pa table_base;  ///< STRTAB_BASE.ADDR, aligned down as the hardware does (6.3.24)
};

}  // namespace svasim::arch
