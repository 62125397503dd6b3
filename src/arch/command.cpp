#include "arch/command.h"

#include <tuple>

#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;
using base::place;

namespace {
constexpr std::uint64_t page_mask = ~base::low_mask(12);
constexpr std::uint64_t msi_address_mask = base::low_mask(52) & ~base::low_mask(2);

template <class T>
T narrow(std::uint64_t v) {
  return static_cast<T>(v);
}

bool is_tlbi_by_address(opcode op) {
  return op == opcode::tlbi_nh_va || op == opcode::tlbi_nh_vaa || op == opcode::tlbi_el2_va ||
         op == opcode::tlbi_el2_vaa || op == opcode::tlbi_s2_ipa;
}
bool has_asid(opcode op) {
  return op == opcode::tlbi_nh_asid || op == opcode::tlbi_nh_va || op == opcode::tlbi_el2_asid ||
         op == opcode::tlbi_el2_va;
}
bool has_vmid(opcode op) {
  return (op >= opcode::tlbi_nh_all && op <= opcode::tlbi_nh_vaa) || op == opcode::tlbi_s12_vmall ||
         op == opcode::tlbi_s2_ipa || op == opcode::cfgi_vms_pidm;
}
bool has_sid(opcode op) {
  return op <= opcode::cfgi_cd_all || (op >= opcode::atc_inv && op <= opcode::stall_term);
}
bool has_ssid(opcode op) {
  return op == opcode::prefetch_config || op == opcode::prefetch_addr || op == opcode::cfgi_cd ||
         op == opcode::atc_inv || op == opcode::pri_resp;
}

/// Fields that only some opcodes have, beyond the groups above.
void decode_special(command& c, const command_words& w) {
  switch (c.op) {
    case opcode::prefetch_addr:
      c.size = narrow<std::uint8_t>(bits(w[1], 4, 0));
      c.stride = narrow<std::uint8_t>(bits(w[1], 9, 5));  // (unverified)
      c.address = w[1] & page_mask;
      break;
    case opcode::cfgi_ste:
    case opcode::cfgi_cd:
      c.leaf = bit(w[1], 0);
      break;
    case opcode::cfgi_ste_range:
      c.range = narrow<std::uint8_t>(bits(w[1], 4, 0));
      break;
    case opcode::atc_inv:
      c.global = bit(w[0], 9);
      c.size = narrow<std::uint8_t>(bits(w[1], 5, 0));
      c.address = w[1] & page_mask;
      break;
    case opcode::pri_resp:
      c.prg_index = narrow<std::uint16_t>(bits(w[1], 8, 0));
      c.response = narrow<std::uint8_t>(bits(w[1], 13, 12));
      break;
    case opcode::resume:
      c.retry = bit(w[0], 12);
      c.abort = bit(w[0], 13);
      c.stag = narrow<std::uint16_t>(bits(w[1], 15, 0));
      break;
    case opcode::sync:
      c.signal = static_cast<sync_signal>(bits(w[0], 13, 12));
      c.msi_data = narrow<std::uint32_t>(bits(w[0], 63, 32));
      c.address = w[1] & msi_address_mask;
      break;
    default:
      break;
  }
}

void encode_special(const command& c, command_words& w) {
  switch (c.op) {
    case opcode::prefetch_addr:
      w[1] = place(c.size, 4, 0) | place(c.stride, 9, 5) | (c.address & page_mask);
      break;
    case opcode::cfgi_ste:
    case opcode::cfgi_cd:
      w[1] = place(c.leaf, 0, 0);
      break;
    case opcode::cfgi_ste_range:
      w[1] = place(c.range, 4, 0);
      break;
    case opcode::atc_inv:
      w[0] |= place(c.global, 9, 9);
      w[1] = place(c.size, 5, 0) | (c.address & page_mask);
      break;
    case opcode::pri_resp:
      w[1] = place(c.prg_index, 8, 0) | place(c.response, 13, 12);
      break;
    case opcode::resume:
      w[0] |= place(c.retry, 12, 12) | place(c.abort, 13, 13);
      w[1] = c.stag;
      break;
    case opcode::sync:
      w[0] |= place(static_cast<std::uint64_t>(c.signal), 13, 12) | place(c.msi_data, 63, 32);
      w[1] = c.address & msi_address_mask;
      break;
    default:
      break;
  }
}

bool is_supported(const command& c, const idr& caps) {
  switch (c.op) {
    case opcode::prefetch_config:
    case opcode::prefetch_addr:
    case opcode::cfgi_ste:
    case opcode::cfgi_ste_range:
    case opcode::tlbi_nsnh_all:
      return true;
    case opcode::cfgi_cd:
    case opcode::cfgi_cd_all:  // without stage 1 there are no CDs (unverified)
    case opcode::tlbi_nh_all:
    case opcode::tlbi_nh_asid:
    case opcode::tlbi_nh_va:
    case opcode::tlbi_nh_vaa:
      return caps.s1p;
    case opcode::tlbi_el2_all:
    case opcode::tlbi_el2_asid:
    case opcode::tlbi_el2_va:
    case opcode::tlbi_el2_vaa:
      return caps.hyp;
    case opcode::tlbi_s12_vmall:
    case opcode::tlbi_s2_ipa:
      return caps.s2p;
    case opcode::atc_inv:
      return caps.ats;
    case opcode::pri_resp:
      return caps.pri && c.response != 3;
    case opcode::resume:
    case opcode::stall_term:
      return caps.stall_model != 1;  // (unverified)
    case opcode::sync:
      return static_cast<unsigned>(c.signal) != 3;  // reserved (unverified)
    case opcode::cfgi_vms_pidm:
      return caps.mpam;
    case opcode::dpti_all:
    case opcode::dpti_pa:
      return caps.dpt;
  }
  return false;
}
}  // namespace

std::string_view name(opcode op) {
  switch (op) {
    case opcode::prefetch_config:
      return "PREFETCH_CONFIG";
    case opcode::prefetch_addr:
      return "PREFETCH_ADDR";
    case opcode::cfgi_ste:
      return "CFGI_STE";
    case opcode::cfgi_ste_range:
      return "CFGI_STE_RANGE";
    case opcode::cfgi_cd:
      return "CFGI_CD";
    case opcode::cfgi_cd_all:
      return "CFGI_CD_ALL";
    case opcode::tlbi_nh_all:
      return "TLBI_NH_ALL";
    case opcode::tlbi_nh_asid:
      return "TLBI_NH_ASID";
    case opcode::tlbi_nh_va:
      return "TLBI_NH_VA";
    case opcode::tlbi_nh_vaa:
      return "TLBI_NH_VAA";
    case opcode::tlbi_el2_all:
      return "TLBI_EL2_ALL";
    case opcode::tlbi_el2_asid:
      return "TLBI_EL2_ASID";
    case opcode::tlbi_el2_va:
      return "TLBI_EL2_VA";
    case opcode::tlbi_el2_vaa:
      return "TLBI_EL2_VAA";
    case opcode::tlbi_s12_vmall:
      return "TLBI_S12_VMALL";
    case opcode::tlbi_s2_ipa:
      return "TLBI_S2_IPA";
    case opcode::tlbi_nsnh_all:
      return "TLBI_NSNH_ALL";
    case opcode::atc_inv:
      return "ATC_INV";
    case opcode::pri_resp:
      return "PRI_RESP";
    case opcode::resume:
      return "RESUME";
    case opcode::stall_term:
      return "STALL_TERM";
    case opcode::sync:
      return "SYNC";
    case opcode::cfgi_vms_pidm:
      return "CFGI_VMS_PIDM";
    case opcode::dpti_all:
      return "DPTI_ALL";
    case opcode::dpti_pa:
      return "DPTI_PA";
  }
  return "reserved";
}

std::string_view name(command_error e) {
  switch (e) {
    case command_error::none:
      return "none";
    case command_error::ill:
      return "CERROR_ILL";
    case command_error::abt:
      return "CERROR_ABT";
    case command_error::atc_inv_sync:
      return "CERROR_ATC_INV_SYNC";
  }
  return "reserved";
}

bool operator==(const command& a, const command& b) {
  const auto fields = [](const command& c) {
    return std::tuple(c.op, c.secure, c.sid, c.has_ssid, c.ssid, c.vmid, c.asid, c.address, c.leaf,
                      c.global, c.range, c.num, c.scale, c.ttl, c.tg, c.size, c.stride, c.prg_index,
                      c.response, c.retry, c.abort, c.stag, c.signal, c.msi_data);
  };
  return fields(a) == fields(b);
}

command decode_command(const command_words& w) {
  command c;
  c.op = static_cast<opcode>(bits(w[0], 7, 0));
  c.secure = bit(w[0], 10);
  if (has_sid(c.op)) {
    c.sid = base::stream_id(narrow<std::uint32_t>(bits(w[0], 63, 32)));
  }
  if (has_ssid(c.op)) {
    c.has_ssid = bit(w[0], 11);
    c.ssid = base::substream_id(narrow<std::uint32_t>(bits(w[0], 31, 12)));
  }
  if (has_vmid(c.op)) {
    c.vmid = base::vmid(narrow<std::uint16_t>(bits(w[0], 47, 32)));
  }
  if (has_asid(c.op)) {
    c.asid = base::asid(narrow<std::uint16_t>(bits(w[0], 63, 48)));
  }
  if (is_tlbi_by_address(c.op)) {
    c.num = narrow<std::uint8_t>(bits(w[0], 16, 12));
    c.scale = narrow<std::uint8_t>(bits(w[0], 25, 20));
    c.leaf = bit(w[1], 0);
    c.ttl = narrow<std::uint8_t>(bits(w[1], 9, 8));
    c.tg = narrow<std::uint8_t>(bits(w[1], 11, 10));
    c.address = w[1] & page_mask;
  }
  decode_special(c, w);
  return c;
}

command_words encode(const command& c) {
  command_words w{};
  w[0] = static_cast<std::uint64_t>(c.op) | place(c.secure, 10, 10);
  if (has_sid(c.op)) {
    w[0] |= place(c.sid.value(), 63, 32);
  }
  if (has_ssid(c.op)) {
    w[0] |= place(c.has_ssid, 11, 11) | place(c.ssid.value(), 31, 12);
  }
  if (has_vmid(c.op)) {
    w[0] |= place(c.vmid.value(), 47, 32);
  }
  if (has_asid(c.op)) {
    w[0] |= place(c.asid.value(), 63, 48);
  }
  if (is_tlbi_by_address(c.op)) {
    w[0] |= place(c.num, 16, 12) | place(c.scale, 25, 20);
    w[1] = place(c.leaf, 0, 0) | place(c.ttl, 9, 8) | place(c.tg, 11, 10) | (c.address & page_mask);
  }
  encode_special(c, w);
  return w;
}

command_error check(const command& c, const idr& caps) {
  if (c.secure || !is_supported(c, caps)) {
    return command_error::ill;
  }
  // Section 4.4.1.1: a range of one granule whose level is not given.
  const bool empty_range =
      caps.ril && c.tg != 0 && c.num == 0 && (c.scale & (caps.ds ? 63u : 31u)) == 0 && c.ttl == 0;
  if (is_tlbi_by_address(c.op) && empty_range) {
    return command_error::ill;
  }
  if (c.op == opcode::atc_inv && c.size > 52) {
    return command_error::ill;
  }
  return command_error::none;
}

}  // namespace svasim::arch
