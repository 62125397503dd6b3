// Stream table entries (STE) and level 1 stream table descriptors (Arm IHI 0070 sections 5.1, 5.2).
//
// Left out: memory attributes and their overrides, MPAM and VMS, the DPT, permission indirection,
// S2PTW, S2HAFT.
#pragma once

#include <array>
#include <cstdint>

#include "arch/registers.h"
#include "base/address.h"
#include "base/ids.h"

namespace svasim::arch {

/// 64 bytes as eight little-endian words: an STE or a CD.
using structure_words = std::array<std::uint64_t, 8>;

/// Level 1 stream table descriptor (5.1). `span` 0 and above 11 are invalid; else 2^(span-1) STEs.
struct l1std {
  std::uint8_t span = 0;
  base::pa l2_ptr;  ///< aligned down to the size of the array

  bool valid() const { return span >= 1 && span <= 11; }
};
l1std decode_l1std(std::uint64_t word);

enum class ste_config : std::uint8_t { abort = 0, bypass = 4, stage1 = 5, stage2 = 6, nested = 7 };
/// What a transaction without SubstreamID gets where the stream has a CD table.
enum class s1dss : std::uint8_t { terminate = 0, bypass = 1, substream0 = 2, reserved = 3 };
/// StreamWorld (STE.STRW and CR2.E2H).
enum class stream_world : std::uint8_t { ns_el1, el2, el2_e2h };

/// The fields the model uses, as they stand in the structure; nothing is checked.
struct ste {
  bool valid = false;
  ste_config config = ste_config::abort;  ///< 0b0xx all decode as abort
  std::uint8_t s1_format = 0;  ///< 0 linear, 1 two-level with 4 KiB leaves, 2 with 64 KiB leaves
  std::uint8_t s1_cd_max = 0;  ///< log2 of the number of CDs
  std::uint64_t s1_context_ptr = 0;  ///< IPA if stage 2 is on, else PA
  s1dss dss = s1dss::terminate;
  bool s1_stalld = false;
  std::uint8_t eats = 0;
  std::uint8_t strw = 0;
  bool ppar = false;
  bool mev = false;  ///< similar events may be merged
  std::uint8_t cont = 0;
  std::uint8_t privcfg = 0;  ///< 2 unprivileged, 3 privileged, else as the transaction has it
  std::uint8_t instcfg = 0;  ///< 2 data, 3 instruction, else as the transaction has it
  base::vmid vmid;
  std::uint8_t s2_t0sz = 0;
  std::uint8_t s2_sl0 = 0;
  bool s2_sl0_2 = false;  ///< S2SL0[2]: with S2DS and 4K
  bool s2_ds = false;     ///< 52-bit addresses with 4K and 16K
  std::uint8_t s2_tg = 0;
  std::uint8_t s2_ps = 0;
  bool s2_aa64 = false, s2_endi = false, s2_affd = false, s2_hd = false, s2_ha = false;
  bool s2_s = false, s2_r = false;
  std::uint64_t s2_ttb = 0;

  bool stage1_on() const { return config == ste_config::stage1 || config == ste_config::nested; }
  bool stage2_on() const { return config == ste_config::stage2 || config == ste_config::nested; }
};
ste decode_ste(const structure_words& words);

/// nullptr where the STE may be used, else why it is ILLEGAL (or invalid) and gives C_BAD_STE.
const char* check(const ste& s, const idr& caps);

/// Stage 2 geometry of a legal STE.
struct stage2_geometry {
  std::uint8_t granule_shift;
  std::int8_t start_level;   ///< -1..3
  std::uint8_t input_bits;   ///< IPA size, 64 - S2T0SZ
  std::uint8_t output_bits;  ///< S2PS, at most OAS, and at most 48 unless `wide`
  bool wide;                 ///< descriptors hold 52-bit addresses
};
stage2_geometry geometry_of(const ste& s, const idr& caps);

/// Words of an STE; the inverse of decode_ste for the fields above.
structure_words encode(const ste& s);

}  // namespace svasim::arch
