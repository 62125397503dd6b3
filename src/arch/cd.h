// Context descriptors (CD) and level 1 CD table descriptors (Arm IHI 0070 sections 5.3, 5.4).
//
// Left out: memory attributes (MAIR), MPAM, permission indirection, E0PD, EPAN, HAFT.
#pragma once

#include <cstdint>

#include "arch/registers.h"
#include "arch/ste.h"
#include "base/ids.h"

namespace svasim::arch {

/// Level 1 CD table descriptor (5.3).
struct l1cd {
  bool valid = false;
  std::uint64_t l2_ptr = 0;  ///< 4 KiB aligned; IPA if stage 2 is on, else PA
};
l1cd decode_l1cd(std::uint64_t word);

/// One half of the address space, under TTB0 or TTB1.
struct cd_half {
  std::uint8_t tsz = 0;
  std::uint8_t granule_shift = 0;  ///< 12, 14, 16; 0 where TG is reserved
  bool epd = false;                ///< walks disabled
  bool had = false;                ///< hierarchical attributes disabled
  bool tbi = false;                ///< top byte ignored
  std::uint64_t ttb = 0;
};

struct cd {
  bool valid = false;
  cd_half half[2];
  bool endi = false, affd = false, wxn = false, uwxn = false, pan = false, aa64 = false;
  bool hd = false, ha = false;           ///< hardware update: dirty state, access flag (3.13)
  bool ds = false;                       ///< 52-bit addresses with 4K and 16K
  bool s = false, r = false, a = false;  ///< fault model (5.5)
  bool aset = false;
  std::uint8_t ips = 0;
  base::asid asid;
};
cd decode_cd(const structure_words& words);

/// nullptr where the CD may be used by a stream with STE `s`, else why it is ILLEGAL (or invalid)
/// and gives C_BAD_CD.
const char* check(const cd& c, const ste& s, const idr& caps);

/// True where the tables of `half` hold 52-bit addresses: DS, or 64K where the OAS needs it.
bool is_wide(const cd& c, const cd_half& half, const idr& caps);
/// Output address size of `half`: IPS, at most OAS, and at most 48 unless wide (Arm ARM D8).
unsigned output_bits_of(const cd& c, const cd_half& half, const idr& caps);

/// Words of a CD; the inverse of decode_cd for the fields above.
structure_words encode(const cd& c);

}  // namespace svasim::arch
