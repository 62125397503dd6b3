// Commands of the SMMUv3 command queue (Arm IHI 0070 section 4): 16 bytes, little-endian.
//
// Left out: the operands of the DPT commands (no DPT is modelled, so there is nothing to find by
// them), Secure commands (SSec=1 is illegal on the Non-secure queue), the EL2 world beyond decode
// and scope.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "arch/registers.h"
#include "base/ids.h"

namespace svasim::arch {

enum class opcode : std::uint8_t {
  prefetch_config = 0x01,
  prefetch_addr = 0x02,
  cfgi_ste = 0x03,
  cfgi_ste_range = 0x04,  ///< CFGI_ALL with range 31
  cfgi_cd = 0x05,
  cfgi_cd_all = 0x06,
  cfgi_vms_pidm = 0x07,
  tlbi_nh_all = 0x10,
  tlbi_nh_asid = 0x11,
  tlbi_nh_va = 0x12,
  tlbi_nh_vaa = 0x13,
  tlbi_el2_all = 0x20,
  tlbi_el2_asid = 0x21,
  tlbi_el2_va = 0x22,
  tlbi_el2_vaa = 0x23,
  tlbi_s12_vmall = 0x28,
  tlbi_s2_ipa = 0x2a,
  tlbi_nsnh_all = 0x30,
  atc_inv = 0x40,
  pri_resp = 0x41,
  resume = 0x44,
  stall_term = 0x45,
  sync = 0x46,
  dpti_all = 0x70,
  dpti_pa = 0x73,
};

/// "TLBI_NH_VA"; "reserved" for a number that is no command.
std::string_view name(opcode op);

/// CMD_SYNC.CS: how its completion is told.
enum class sync_signal : std::uint8_t { none = 0, interrupt = 1, event = 2 };

/// One command. A field that the opcode does not have is zero.
struct command {
  opcode op{};
  bool secure = false;  ///< SSec
  base::stream_id sid;
  bool has_ssid = false;
  base::substream_id ssid;
  base::vmid vmid;
  base::asid asid;
  std::uint64_t address = 0;    ///< TLBI, ATC_INV, PREFETCH_ADDR: [63:12]; SYNC: MSI address [51:2]
  bool leaf = false;            ///< TLBI, CFGI
  bool global = false;          ///< ATC_INV
  std::uint8_t range = 0;       ///< CFGI_STE_RANGE: 2^(range+1) StreamIDs, 31 all
  std::uint8_t num = 0;         ///< TLBI: NUM
  std::uint8_t scale = 0;       ///< TLBI: SCALE; bit 5 counts with IDR5.DS
  std::uint8_t ttl = 0;         ///< TLBI: level hint
  std::uint8_t tg = 0;          ///< TLBI: 0 single address, 1 4K, 2 16K, 3 64K granule
  std::uint8_t size = 0;        ///< ATC_INV: 4096 * 2^size bytes; PREFETCH_ADDR
  std::uint8_t stride = 0;      ///< PREFETCH_ADDR
  std::uint16_t prg_index = 0;  ///< PRI_RESP
  std::uint8_t response = 0;    ///< PRI_RESP: 0 failure, 1 invalid, 2 success
  bool retry = false;           ///< RESUME: Action
  bool abort = false;           ///< RESUME: Abort
  std::uint16_t stag = 0;       ///< RESUME
  sync_signal signal = sync_signal::none;
  std::uint32_t msi_data = 0;

  friend bool operator==(const command& a, const command& b);
};

using command_words = std::array<std::uint64_t, 2>;

/// CMDQ_CONS.ERR (section 7.1).
enum class command_error : std::uint8_t { none = 0, ill = 1, abt = 2, atc_inv_sync = 3 };

/// The fields of any 16 bytes; says nothing on whether they are legal.
command decode_command(const command_words& words);
command_words encode(const command& c);
/// "CERROR_ILL"; "none".
std::string_view name(command_error e);
/// CERROR_ILL or none: unknown opcode, a stage or feature the implementation lacks, a reserved
/// value.
command_error check(const command& c, const idr& caps);

}  // namespace svasim::arch
