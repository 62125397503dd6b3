#include "arch/ste.h"

#include <algorithm>

#include "arch/descriptor.h"
#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;
using base::place;

namespace {
constexpr int reserved_level = 4;

/// S2TG; 0 where reserved.
unsigned granule_of(unsigned s2_tg) {
  constexpr std::uint8_t shifts[4] = {12, 16, 14, 0};
  return shifts[s2_tg];
}

/// S2DS counts for the small granules; 64K has its 52-bit layout wherever the OAS needs it.
bool is_wide(const ste& s, unsigned granule_shift, const idr& caps) {
  return granule_shift == 16 ? caps.oas_bits == 52 : s.s2_ds && caps.ds;
}

/// S2SL0 and S2SL0_2 (DDI 0487 D8.2); L3 with 4K needs small tables (IDR3.STT). Levels above what
/// the OAS can use are reserved (Arm ARM D8).
int start_level_of(const ste& s, unsigned granule_shift, const idr& caps) {
  const bool ds = s.s2_ds && caps.ds;
  if (granule_shift == 12) {
    if (ds && s.s2_sl0_2) {
      return s.s2_sl0 == 0 ? -1 : reserved_level;
    }
    const int levels[4] = {2, 1, caps.oas_bits < 44 ? reserved_level : 0,
                           caps.stt ? 3 : reserved_level};
    return levels[s.s2_sl0];
  }
  if (s.s2_sl0 == 3) {
    return granule_shift == 14 && ds ? 0 : reserved_level;
  }
  const unsigned least_oas = granule_shift == 14 ? 42 : 44;
  return s.s2_sl0 == 2 && caps.oas_bits < least_oas ? reserved_level : 3 - s.s2_sl0;
}

/// The start level must leave 1 bit to one level's bits, plus up to 4 of concatenation.
const char* check_stage2_geometry(const ste& s, const idr& caps) {
  const unsigned granule = granule_of(s.s2_tg);
  if (granule == 0 || !caps.granule_supported(granule)) {
    return "S2TG is not supported";
  }
  const int level = start_level_of(s, granule, caps);
  if (level == reserved_level) {
    return "S2SL0 is reserved";
  }
  const unsigned largest_tsz = !caps.stt ? 39 : granule == 16 ? 47 : 48;
  const unsigned widest = std::min(unsigned{caps.ias_bits}, is_wide(s, granule, caps) ? 52u : 48u);
  if (s.s2_t0sz > largest_tsz || s.s2_t0sz < 64u - widest) {
    return "S2T0SZ is out of range";
  }
  const unsigned input_bits = 64u - s.s2_t0sz;
  const unsigned low = level_shift(granule, level);
  if (input_bits <= low || input_bits - low > bits_per_level(granule) + 4) {
    return "S2T0SZ and S2SL0 do not fit together";
  }
  return nullptr;
}

const char* check_stage1(const ste& s, const idr& caps) {
  if (!caps.s1p) {
    return "stage 1 is not implemented";
  }
  if (s.s1_cd_max > caps.ssid_bits) {
    return "S1CDMax is beyond IDR1.SSIDSIZE";
  }
  if (s.s1_cd_max > 0 && (s.s1_format == 3 || (s.s1_format != 0 && !caps.cd2l))) {
    return "S1Fmt is not supported";
  }
  if (s.s1_stalld && caps.stall_model != 0) {
    return "S1STALLD is set where stalls cannot be chosen";
  }
  // Only stage 1 alone has a StreamWorld of its own; without Hyp the field is RES0 (unverified).
  if (s.config == ste_config::stage1 && caps.hyp && (s.strw & 1) != 0) {
    return "STRW is reserved";
  }
  return nullptr;
}

const char* check_stage2(const ste& s, const idr& caps) {
  if (!caps.s2p) {
    return "stage 2 is not implemented";
  }
  if (!s.s2_aa64 || s.s2_endi) {
    return "S2AA64 or S2ENDI is not supported";
  }
  if (const char* why = check_stage2_geometry(s, caps)) {
    return why;
  }
  if (s.s2_ttb >> geometry_of(s, caps).output_bits != 0) {
    return "S2TTB is beyond S2PS";
  }
  if ((s.s2_ha && caps.httu < 1) || (s.s2_hd && caps.httu < 2) || (s.s2_hd && !s.s2_ha)) {
    return "S2HA or S2HD is not supported";
  }
  if ((s.s2_s && caps.stall_model == 1) || (!s.s2_s && caps.stall_model == 2)) {
    return "S2S is not supported";
  }
  return nullptr;
}

/// Section 5.2, EATS; without IDR0.ATS the field is RES0.
const char* check_eats(const ste& s, const idr& caps) {
  if (!caps.ats || s.eats == 0) {
    return nullptr;
  }
  if (s.eats == 3) {
    return "EATS needs the device permission table";
  }
  if (s.stage2_on() && s.s2_s) {
    return "EATS with S2S";
  }
  if (s.eats == 2 && (s.config != ste_config::nested || caps.ns1ats)) {
    return "split-stage ATS is not supported";
  }
  return nullptr;
}
}  // namespace

l1std decode_l1std(std::uint64_t word) {
  l1std d;
  d.span = static_cast<std::uint8_t>(bits(word, 4, 0));
  const unsigned align = d.valid() ? d.span + 5u : 6u;
  d.l2_ptr = base::pa(word & base::low_mask(56)).page_base(align);
  return d;
}

ste decode_ste(const structure_words& w) {
  ste s;
  s.valid = bit(w[0], 0);
  const auto config = bits(w[0], 3, 1);
  s.config = config < 4 ? ste_config::abort : static_cast<ste_config>(config);
  s.s1_format = static_cast<std::uint8_t>(bits(w[0], 5, 4));
  s.s1_context_ptr = w[0] & base::low_mask(56) & ~base::low_mask(6);
  s.s1_cd_max = static_cast<std::uint8_t>(bits(w[0], 63, 59));
  s.dss = static_cast<s1dss>(bits(w[1], 1, 0));
  s.cont = static_cast<std::uint8_t>(bits(w[1], 16, 13));
  s.ppar = bit(w[1], 18);
  s.mev = bit(w[1], 19);
  s.s1_stalld = bit(w[1], 27);
  s.eats = static_cast<std::uint8_t>(bits(w[1], 29, 28));
  s.strw = static_cast<std::uint8_t>(bits(w[1], 31, 30));
  s.privcfg = static_cast<std::uint8_t>(bits(w[1], 49, 48));
  s.instcfg = static_cast<std::uint8_t>(bits(w[1], 51, 50));
  s.vmid = base::vmid(static_cast<std::uint16_t>(bits(w[2], 15, 0)));
  s.s2_t0sz = static_cast<std::uint8_t>(bits(w[2], 37, 32));
  s.s2_sl0 = static_cast<std::uint8_t>(bits(w[2], 39, 38));
  s.s2_tg = static_cast<std::uint8_t>(bits(w[2], 47, 46));
  s.s2_ps = static_cast<std::uint8_t>(bits(w[2], 50, 48));
  s.s2_aa64 = bit(w[2], 51);
  s.s2_endi = bit(w[2], 52);
  s.s2_affd = bit(w[2], 53);
  s.s2_hd = bit(w[2], 55);
  s.s2_ha = bit(w[2], 56);
  s.s2_s = bit(w[2], 57);
  s.s2_r = bit(w[2], 58);
  s.s2_sl0_2 = bit(w[3], 2);
  s.s2_ds = bit(w[3], 3);
  s.s2_ttb = w[3] & base::low_mask(52) & ~base::low_mask(4);
  return s;
}

const char* check(const ste& s, const idr& caps) {
  if (!s.valid) {
    return "V is 0";
  }
  if (s.config == ste_config::abort || s.config == ste_config::bypass) {
    return nullptr;
  }
  if (!caps.vmid16 && caps.s2p && s.vmid.value() > 0xff) {
    return "S2VMID has more than 8 bits";
  }
  if (s.stage1_on()) {
    if (const char* why = check_stage1(s, caps)) {
      return why;
    }
  }
  if (s.stage2_on()) {
    if (const char* why = check_stage2(s, caps)) {
      return why;
    }
  }
  return check_eats(s, caps);
}

stage2_geometry geometry_of(const ste& s, const idr& caps) {
  const unsigned granule = granule_of(s.s2_tg);
  const bool wide = is_wide(s, granule, caps);
  const unsigned output = std::min(
      {address_size_bits(s.s2_ps), unsigned{caps.oas_bits}, wide ? 52u : 48u});  // (Arm ARM D8)
  return {static_cast<std::uint8_t>(granule),
          static_cast<std::int8_t>(start_level_of(s, granule, caps)),
          static_cast<std::uint8_t>(64u - s.s2_t0sz), static_cast<std::uint8_t>(output), wide};
}

structure_words encode(const ste& s) {
  structure_words w{};
  w[0] = place(s.valid, 0, 0) | place(static_cast<std::uint64_t>(s.config), 3, 1) |
         place(s.s1_format, 5, 4) | (s.s1_context_ptr & base::low_mask(56) & ~base::low_mask(6)) |
         place(s.s1_cd_max, 63, 59);
  w[1] = place(static_cast<std::uint64_t>(s.dss), 1, 0) | place(s.cont, 16, 13) |
         place(s.ppar, 18, 18) | place(s.mev, 19, 19) | place(s.s1_stalld, 27, 27) |
         place(s.eats, 29, 28) | place(s.strw, 31, 30) | place(s.privcfg, 49, 48) |
         place(s.instcfg, 51, 50);
  w[2] = s.vmid.value() | place(s.s2_t0sz, 37, 32) | place(s.s2_sl0, 39, 38) |
         place(s.s2_tg, 47, 46) | place(s.s2_ps, 50, 48) | place(s.s2_aa64, 51, 51) |
         place(s.s2_endi, 52, 52) | place(s.s2_affd, 53, 53) | place(s.s2_hd, 55, 55) |
         place(s.s2_ha, 56, 56) | place(s.s2_s, 57, 57) | place(s.s2_r, 58, 58);
  w[3] = (s.s2_ttb & base::low_mask(52) & ~base::low_mask(4)) | place(s.s2_sl0_2, 2, 2) |
         place(s.s2_ds, 3, 3);
  return w;
}

}  // namespace svasim::arch
