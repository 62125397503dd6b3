// The SMMU commands that a log names, as the 16 bytes of a queue entry (IHI 0070 section 4), and
// the address range that such an entry names. Leaves out what no log holds: ATC_INV, PRI_RESP,
// RESUME, EL2/EL3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/ids.h"

namespace svasim::workloads::smmu_commands {

using words = std::array<std::uint64_t, 2>;

enum opcode : std::uint8_t {
  prefetch_config = 0x01,
  cfgi_ste = 0x03,
  cfgi_ste_range = 0x04,
  cfgi_cd = 0x05,
  cfgi_cd_all = 0x06,
  tlbi_nh_all = 0x10,
  tlbi_nh_asid = 0x11,
  tlbi_nh_va = 0x12,
  tlbi_nh_vaa = 0x13,
  tlbi_s12_vmall = 0x28,
  tlbi_s2_ipa = 0x2a,
  tlbi_nsnh_all = 0x30,
  sync = 0x46,
};

/// Commands with a StreamID: CFGI_STE, CFGI_CD (Leaf = 0: with the level-1 descriptor),
/// CFGI_CD_ALL, PREFETCH_CONFIG.
words of_stream(opcode op, base::stream_id sid);
/// CFGI_STE_RANGE over 2^(range + 1) StreamIDs; range 0..31, 31 means all.
words of_stream_range(base::stream_id first, unsigned range);
/// Commands without operands, or with VMID and ASID only; what the opcode does not use is left 0.
words of_tag(opcode op, base::vmid vmid, base::asid asid);

/// Operands of TLBI_NH_VA, NH_VAA and S2_IPA.
struct range_operands {
  std::uint16_t vmid = 0;
  std::uint16_t asid = 0;     ///< 0 for NH_VAA and S2_IPA
  std::uint64_t address = 0;  ///< a multiple of 4 KiB
  std::uint8_t granule = 0;   ///< TG: 0 single address, 1 4K, 2 16K, 3 64K
  std::uint64_t pages = 1;    ///< of that granule; 1 when TG is 0
  std::uint8_t ttl = 0;       ///< 0..3
  bool leaf = false;
};
/// Empty when no (NUM, SCALE) names exactly that many pages. One page with TTL 0 is written as a
/// single address: a range with NUM = SCALE = TTL = 0 would be CERROR_ILL (4.4.1.1).
std::optional<words> of_range(opcode op, const range_operands& r);

/// log2 of the granule's bytes; TG 1..3.
constexpr unsigned granule_shift(unsigned tg) {
  return 2 * tg + 10;
}

struct address_range {
  std::uint64_t first;
  std::uint64_t last;   ///< inclusive
  std::uint64_t pages;  ///< of the granule; 1 for a single address
};
/// What a TLBI by address names; empty for other commands. A single address counts as 4 KiB.
std::optional<address_range> named_range(const words& w);

}  // namespace svasim::workloads::smmu_commands
