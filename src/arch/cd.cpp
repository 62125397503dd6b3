#include "arch/cd.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

using base::bit;
using base::bits;
using base::place;

namespace {
constexpr std::uint8_t tg0_shift[4] = {12, 16, 14, 0};
constexpr std::uint8_t tg1_shift[4] = {0, 14, 12, 16};
constexpr std::uint64_t ttb_mask = base::low_mask(52) & ~base::low_mask(4);

unsigned encode_granule(const std::uint8_t (&shifts)[4], unsigned shift) {
  return static_cast<unsigned>(std::find(shifts, shifts + 3, shift) - shifts);
}

cd_half decode_half(std::uint64_t dw0, unsigned at, const std::uint8_t (&shifts)[4],
                    std::uint64_t base_word, bool tbi) {
  cd_half h;
  h.tsz = static_cast<std::uint8_t>(bits(dw0, at + 5, at));
  h.granule_shift = shifts[bits(dw0, at + 7, at + 6)];
  h.epd = bit(dw0, at + 14);
  h.had = bit(base_word, 1);
  h.tbi = tbi;
  h.ttb = base_word & ttb_mask;
  return h;
}

/// A half whose walks are disabled is not looked at.
const char* check_half(const cd& c, const cd_half& h, const idr& caps) {
  if (h.epd) {
    return nullptr;
  }
  if (h.granule_shift == 0 || !caps.granule_supported(h.granule_shift)) {
    return "TG is not supported";
  }
  const unsigned largest_tsz = !caps.stt ? 39 : h.granule_shift == 16 ? 47 : 48;
  const bool va52 = caps.va52 && (h.granule_shift == 16 || (c.ds && caps.ds));
  if (h.tsz < (va52 ? 12 : 16) || h.tsz > largest_tsz) {
    return "TSZ is out of range";
  }
  if (h.ttb >> output_bits_of(c, h, caps) != 0) {
    return "TTB is beyond IPS";
  }
  return nullptr;
}
}  // namespace

l1cd decode_l1cd(std::uint64_t word) {
  return {bit(word, 0), word & base::low_mask(56) & ~base::low_mask(12)};
}

cd decode_cd(const structure_words& w) {
  cd c;
  c.valid = bit(w[0], 31);
  c.half[0] = decode_half(w[0], 0, tg0_shift, w[1], bit(w[0], 38));
  c.half[1] = decode_half(w[0], 16, tg1_shift, w[2], bit(w[0], 39));
  c.endi = bit(w[0], 15);
  c.ips = static_cast<std::uint8_t>(bits(w[0], 34, 32));
  c.affd = bit(w[0], 35);
  c.wxn = bit(w[0], 36);
  c.uwxn = bit(w[0], 37);
  c.pan = bit(w[0], 40);
  c.aa64 = bit(w[0], 41);
  c.hd = bit(w[0], 42);
  c.ha = bit(w[0], 43);
  c.s = bit(w[0], 44);
  c.r = bit(w[0], 45);
  c.a = bit(w[0], 46);
  c.aset = bit(w[0], 47);
  c.asid = base::asid(static_cast<std::uint16_t>(bits(w[0], 63, 48)));
  c.ds = bit(w[2], 58);
  return c;
}

bool is_wide(const cd& c, const cd_half& half, const idr& caps) {
  return half.granule_shift == 16 ? caps.oas_bits == 52 : c.ds && caps.ds;
}

unsigned output_bits_of(const cd& c, const cd_half& half, const idr& caps) {
  return std::min(
      {address_size_bits(c.ips), unsigned{caps.oas_bits}, is_wide(c, half, caps) ? 52u : 48u});
}

const char* check(const cd& c, const ste& s, const idr& caps) {
  if (!c.valid) {
    return "V is 0";
  }
  if (!c.aa64 || c.endi) {
    return "AA64 or ENDI is not supported";
  }
  for (const auto& half : c.half) {
    if (const char* why = check_half(c, half, caps)) {
      return why;
    }
  }
  if ((c.ha && caps.httu < 1) || (c.hd && caps.httu < 2) || (c.hd && !c.ha)) {
    return "HA or HD is not supported";
  }
  if (!c.a && caps.term_model) {
    return "A is 0 where faults can only abort";
  }
  if (c.s && (s.s1_stalld || caps.stall_model == 1)) {
    return "S is set where stalls are not allowed";
  }
  if (!c.s && caps.stall_model == 2) {  // (unverified)
    return "S is 0 where faults can only stall";
  }
  return nullptr;
}

structure_words encode(const cd& c) {
  structure_words w{};
  const auto half = [](const cd_half& h, const std::uint8_t(&shifts)[4]) {
    return place(h.tsz, 5, 0) | place(encode_granule(shifts, h.granule_shift), 7, 6) |
           place(h.epd, 14, 14);
  };
  w[0] = half(c.half[0], tg0_shift) | half(c.half[1], tg1_shift) << 16 | place(c.endi, 15, 15) |
         place(c.valid, 31, 31) | place(c.ips, 34, 32) | place(c.affd, 35, 35) |
         place(c.wxn, 36, 36) | place(c.uwxn, 37, 37) | place(c.half[0].tbi, 38, 38) |
         place(c.half[1].tbi, 39, 39) | place(c.pan, 40, 40) | place(c.aa64, 41, 41) |
         place(c.hd, 42, 42) | place(c.ha, 43, 43) | place(c.s, 44, 44) | place(c.r, 45, 45) |
         place(c.a, 46, 46) | place(c.aset, 47, 47) | place(c.asid.value(), 63, 48);
  w[1] = (c.half[0].ttb & ttb_mask) | place(c.half[0].had, 1, 1);
  w[2] = (c.half[1].ttb & ttb_mask) | place(c.half[1].had, 1, 1) | place(c.ds, 58, 58);
  return w;
}

}  // namespace svasim::arch
