#include "platforms/scenario/explain_fields.h"

#include <fmt/format.h>

#include "base/bits.h"

namespace svasim::scenario {

using base::bit;
using base::bits;

std::string size_text(unsigned shift) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  const unsigned unit = shift / 10;
  return fmt::format("{} {}", 1u << shift % 10, units[unit]);
}

std::string fields_of_l1std(std::uint64_t word, const std::string& indent) {
  const arch::l1std d = arch::decode_l1std(word);
  return fmt::format("{}Span={} L2Ptr={:#x}\n", indent, d.span, d.l2_ptr.value());
}

std::string fields_of_ste(const arch::structure_words& words, const std::string& indent) {
  const arch::ste s = arch::decode_ste(words);
  std::string out = fmt::format(
      "{}V={:d} Config=0b{:03b} S1Fmt={} S1ContextPtr={:#x} S1CDMax={} S1DSS={} S1STALLD={:d} "
      "EATS={} STRW={} S2VMID={}\n",
      indent, s.valid, bits(words[0], 3, 1), s.s1_format, s.s1_context_ptr, s.s1_cd_max,
      bits(words[1], 1, 0), s.s1_stalld, s.eats, s.strw, s.vmid.value());
  if (!s.stage2_on()) return out;
  return out + fmt::format(
                   "{}S2T0SZ={} S2SL0={} S2TG={} S2PS={} S2AA64={:d} S2ENDI={:d} S2AFFD={:d} "
                   "S2HD={:d} S2HA={:d} S2S={:d} S2R={:d} S2TTB={:#x}\n",
                   indent, s.s2_t0sz, s.s2_sl0, s.s2_tg, s.s2_ps, s.s2_aa64, s.s2_endi, s.s2_affd,
                   s.s2_hd, s.s2_ha, s.s2_s, s.s2_r, s.s2_ttb);
}

std::string fields_of_l1cd(std::uint64_t word, const std::string& indent) {
  const arch::l1cd d = arch::decode_l1cd(word);
  return fmt::format("{}V={:d} L2Ptr={:#x}\n", indent, d.valid, d.l2_ptr);
}

std::string fields_of_cd(const arch::structure_words& words, const std::string& indent) {
  const arch::cd c = arch::decode_cd(words);
  std::string out = fmt::format(
      "{}V={:d} AA64={:d} ENDI={:d} IPS={} ASID={} ASET={:d} A={:d} R={:d} S={:d} AFFD={:d} "
      "HA={:d} HD={:d} WXN={:d} UWXN={:d} PAN={:d}\n",
      indent, c.valid, c.aa64, c.endi, c.ips, c.asid.value(), c.aset, c.a, c.r, c.s, c.affd, c.ha,
      c.hd, c.wxn, c.uwxn, c.pan);
  for (unsigned i = 0; i < 2; ++i) {
    const arch::cd_half& h = c.half[i];
    out += fmt::format(
        "{0}TTB{1}={2:#x} T{1}SZ={3} TG{1}={4} EPD{1}={5:d} TBI{1}={6:d} "
        "HAD{1}={7:d}\n",
        indent, i, h.ttb, h.tsz, bits(words[0], i == 0 ? 7 : 23, i == 0 ? 6 : 22), h.epd, h.tbi,
        h.had);
  }
  return out;
}

namespace {

std::string leaf_fields(std::uint64_t word, arch::stage stage) {
  if (stage == arch::stage::s2) {
    return fmt::format("S2AP=0b{:02b} AF={:d} Contiguous={:d} DBM={:d} XN=0b{:02b}",
                       bits(word, 7, 6), arch::access_flag(word), arch::contiguous(word),
                       bit(word, 51), bits(word, 54, 53));
  }
  return fmt::format("AP[2:1]=0b{:02b} AF={:d} nG={:d} Contiguous={:d} DBM={:d} PXN={:d} UXN={:d}",
                     bits(word, 7, 6), arch::access_flag(word), arch::not_global(word),
                     arch::contiguous(word), bit(word, 51), bit(word, 53), bit(word, 54));
}

}  // namespace

std::string fields_of_descriptor(std::uint64_t word, arch::stage stage, int level,
                                 const table_format& format, const std::string& indent) {
  const unsigned granule = format.granule_shift;
  switch (arch::kind_of(word, granule, level, format.wide)) {
    case arch::descriptor_kind::invalid:
      return fmt::format("{}invalid: bits[1:0]=0b{:02b}\n", indent, bits(word, 1, 0));
    case arch::descriptor_kind::table: {
      const std::string attributes =
          stage == arch::stage::s2 ? ""
                                   : fmt::format(" APTable=0b{:02b} UXNTable={:d} PXNTable={:d}",
                                                 bits(word, 62, 61), bit(word, 60), bit(word, 59));
      return fmt::format("{}table: next={:#x}{}\n", indent,
                         arch::table_address(word, granule, format.wide), attributes);
    }
    case arch::descriptor_kind::block:
    case arch::descriptor_kind::page:
      break;
  }
  return fmt::format("{}{} of {}: output={:#x} {}\n", indent, level == 3 ? "page" : "block",
                     size_text(arch::level_shift(granule, level)),
                     arch::leaf_address(word, granule, level, format.wide),
                     leaf_fields(word, stage));
}

}  // namespace svasim::scenario
