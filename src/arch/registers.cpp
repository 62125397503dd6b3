#include "arch/registers.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;

namespace {
constexpr std::uint8_t size_bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};
constexpr unsigned largest_address = 52;  // 56 needs 128-bit descriptors

std::uint8_t narrow(std::uint64_t v) {
  return static_cast<std::uint8_t>(v);
}

/// STRTAB_BASE.ADDR without the bits below the size of the (level 1) table (6.3.24).
base::pa aligned_base(const registers& words, const register_view& view) {
  unsigned shift = 0;
  if (view.two_level) {
    const unsigned entries = std::max(view.log2_size, view.split) - view.split;
    shift = std::max(6u, entries + 3);
  } else {
    shift = view.log2_size + 6u;
  }
  return base::pa(words.strtab_base & base::low_mask(56)).page_base(shift);
}
}  // namespace

unsigned address_size_bits(unsigned code) {
  return size_bits[code & 7];
}

unsigned address_size_code(unsigned bits) {
  unsigned code = 7;
  while (code > 0 && size_bits[code] > bits) {
    --code;
  }
  return code;
}

idr::idr(const registers& words)
    : s1p(bit(words.idr0, 1)),
      s2p(bit(words.idr0, 0)),
      ats(bit(words.idr0, 10)),
      ns1ats(bit(words.idr0, 11)),
      pri(bit(words.idr0, 16)),
      hyp(bit(words.idr0, 9)),
      asid16(bit(words.idr0, 12)),
      vmid16(bit(words.idr0, 18)),
      cd2l(bit(words.idr0, 19)),
      st_level2(bits(words.idr0, 28, 27) == 1),
      btm(bit(words.idr0, 5)),
      msi(bit(words.idr0, 13)),
      mpam(bit(words.idr3, 7)),
      dpt(bit(words.idr3, 14)),
      pps(bit(words.idr3, 5)),
      ecmdq(bit(words.idr1, 31)),
      term_model(bit(words.idr0, 26)),
      had(bit(words.idr3, 2)),
      xnx(bit(words.idr3, 4)),
      stt(bit(words.idr3, 9)),
      ril(bit(words.idr3, 10)),
      ds(bit(words.idr5, 7)),
      va52(bits(words.idr5, 11, 10) == 1),
      ats_records(bit(words.idr0, 23)),
      vmid_wildcards(bit(words.idr0, 17)),
      perms_override(bit(words.idr1, 26)),
      gran4k(bit(words.idr5, 4)),
      gran16k(bit(words.idr5, 5)),
      gran64k(bit(words.idr5, 6)),
      httu(narrow(bits(words.idr0, 7, 6))),
      stall_model(narrow(bits(words.idr0, 25, 24))),
      sid_bits(narrow(std::min<std::uint64_t>(32, bits(words.idr1, 5, 0)))),
      ssid_bits(narrow(std::min<std::uint64_t>(20, bits(words.idr1, 10, 6)))),
      cmdq_bits(narrow(std::min<std::uint64_t>(19, bits(words.idr1, 25, 21)))),
      eventq_bits(narrow(std::min<std::uint64_t>(19, bits(words.idr1, 20, 16)))),
      priq_bits(narrow(std::min<std::uint64_t>(19, bits(words.idr1, 15, 11)))),
      oas_bits(narrow(std::min(largest_address,
                               address_size_bits(static_cast<unsigned>(bits(words.idr5, 2, 0)))))),
      // TTF 0b11: AArch32 LPAE tables too, whose IPA is 40 bits.
      ias_bits(bits(words.idr0, 3, 2) == 3 ? std::max<std::uint8_t>(40, oas_bits) : oas_bits) {}

bool idr::granule_supported(unsigned shift) const {
  return (shift == 12 && gran4k) || (shift == 14 && gran16k) || (shift == 16 && gran64k);
}

register_view::register_view(const registers& words)
    : caps(words),
      enabled(bit(words.cr0, 0)),
      priq_enabled(enabled && bit(words.cr0, 1)),
      eventq_enabled(bit(words.cr0, 2)),
      cmdq_enabled(bit(words.cr0, 3)),
      ats_check(bit(words.cr0, 4)),
      e2h(bit(words.cr2, 0)),
      private_tlb(bit(words.cr2, 2)),
      record_invalid_sid(bit(words.cr2, 1)),
      record_config_ats(bit(words.cr2, 3) && caps.ats_records),
      abort_when_disabled(bit(words.gbpa, 20)),
      two_level(bits(words.strtab_base_cfg, 17, 16) == 1 && caps.st_level2),
      log2_size(narrow(std::min<std::uint64_t>(bits(words.strtab_base_cfg, 5, 0), caps.sid_bits))),
      split(narrow(bits(words.strtab_base_cfg, 10, 6))),
      vmid_wildcard_bits(
          narrow(caps.vmid_wildcards ? std::min<std::uint64_t>(4, bits(words.cr0, 8, 6)) : 0)) {
  if (split != 8 && split != 10) {
    split = 6;  // reserved values act as 6 (6.3.25)
  }
  table_base = aligned_base(words, *this);
}

}  // namespace svasim::arch
