// VMSAv8-64 translation table descriptors and table geometry (Arm DDI 0487 sections D8.2, D8.3; IHI
// 0070 3.4, 3.13): 4 KiB, 16 KiB and 64 KiB granules, both stages, 48-bit and 52-bit addresses.
//
// `wide` in this file: descriptors hold 52-bit output addresses. With 4K and 16K granules that is
// the layout of CD.DS or STE.S2DS (LPA2), where shareability makes room for OA[51:50]; with 64K it
// is that of an implementation with OAS = 52.
//
// Left out: 128-bit descriptors, the access flag of table descriptors (HAFT), memory attributes and
// shareability.
#pragma once

#include <cstdint>

#include "base/bits.h"

namespace svasim::arch {

enum class stage : std::uint8_t { s1 = 1, s2 = 2 };

/// Input address bits one level resolves: granule 4K 9, 16K 11, 64K 13.
constexpr unsigned bits_per_level(unsigned granule_shift) {
  return granule_shift - 3;
}
/// log2 of the bytes one descriptor of `level` (-1..3) spans.
constexpr unsigned level_shift(unsigned granule_shift, int level) {
  return granule_shift + static_cast<unsigned>(3 - level) * bits_per_level(granule_shift);
}
/// True where a block descriptor is legal: 4K L1 and L2, 16K L2, 64K L2; with wide descriptors one
/// level more.
constexpr bool block_allowed(unsigned granule_shift, int level, bool wide = false) {
  const int highest = (granule_shift == 12 ? 1 : 2) - (wide ? 1 : 0);
  return level < 3 && level >= highest;
}
/// log2 of the entries of a contiguous run at `level`; 0 where the hint is ignored (D8.7).
constexpr unsigned contiguous_bits(unsigned granule_shift, int level) {
  switch (granule_shift) {
    case 12:
      return level >= 1 ? 4 : 0;
    case 14:
      return level == 3 ? 7 : level == 2 ? 5 : 0;
    default:
      return level >= 2 ? 5 : 0;
  }
}
/// First level of a stage 1 walk over `input_bits` (16..52), -1..3.
constexpr int stage1_start_level(unsigned granule_shift, unsigned input_bits) {
  return 4 - static_cast<int>(
                 base::divide_up(input_bits - granule_shift, bits_per_level(granule_shift)));
}
/// log2 of the bytes of the first table(s): concatenated stage 2 tables count as one.
constexpr unsigned root_size_shift(unsigned granule_shift, int start_level, unsigned input_bits) {
  return input_bits - level_shift(granule_shift, start_level) + 3;
}
/// Byte offset in a table of the descriptor for `address`, which has no bits above the input size.
/// `first` is true for the first lookup, where the index may be wider than one level.
constexpr std::uint64_t descriptor_offset(unsigned granule_shift, int level, std::uint64_t address,
                                          bool first) {
  const std::uint64_t index = address >> level_shift(granule_shift, level);
  return (first ? index : index & base::low_mask(bits_per_level(granule_shift))) << 3;
}

enum class descriptor_kind : std::uint8_t { invalid, table, block, page };

/// What the descriptor `word` is at `level` of tables with this granule (D8.3): a block where none
/// is allowed is invalid.
constexpr descriptor_kind kind_of(std::uint64_t word, unsigned granule_shift, int level,
                                  bool wide = false) {
  if ((word & 1) == 0) {
    return descriptor_kind::invalid;
  }
  if ((word & 2) != 0) {
    return level == 3 ? descriptor_kind::page : descriptor_kind::table;
  }
  return block_allowed(granule_shift, level, wide) ? descriptor_kind::block
                                                   : descriptor_kind::invalid;
}
/// The address a descriptor holds, without the bits below 12.
constexpr std::uint64_t address_field(std::uint64_t word, unsigned granule_shift, bool wide) {
  if (!wide) {
    return word & base::low_mask(48) & ~base::low_mask(12);
  }
  return granule_shift == 16
             ? (word & base::low_mask(48) & ~base::low_mask(16)) | base::bits(word, 15, 12) << 48
             : (word & base::low_mask(50) & ~base::low_mask(12)) | base::bits(word, 9, 8) << 50;
}
/// The bits of a descriptor that hold `address`; the inverse of address_field.
constexpr std::uint64_t place_address(std::uint64_t address, unsigned granule_shift, bool wide) {
  if (!wide) {
    return address & base::low_mask(48) & ~base::low_mask(12);
  }
  return granule_shift == 16 ? (address & base::low_mask(48) & ~base::low_mask(16)) |
                                   base::place(address >> 48, 15, 12)
                             : (address & base::low_mask(50) & ~base::low_mask(12)) |
                                   base::place(address >> 50, 9, 8);
}
/// Address field of a table descriptor.
constexpr std::uint64_t table_address(std::uint64_t word, unsigned granule_shift,
                                      bool wide = false) {
  return address_field(word, granule_shift, wide) & ~base::low_mask(granule_shift);
}
/// Output address of a block or page of `level`; the bits a block does not use are dropped.
constexpr std::uint64_t leaf_address(std::uint64_t word, unsigned granule_shift, int level,
                                     bool wide = false) {
  return address_field(word, granule_shift, wide) &
         ~base::low_mask(level_shift(granule_shift, level));
}
/// log2 of the bytes around `input` that a leaf answers for: its own, or those of its contiguous
/// run. A misprogrammed hint is dropped: a run beyond the input size, or an output that is not
/// aligned like the input. `input` has no bits above the input size.
constexpr unsigned leaf_span(std::uint64_t word, unsigned granule_shift, int level, bool wide,
                             std::uint64_t input, unsigned input_bits) {
  const unsigned own = level_shift(granule_shift, level);
  const unsigned run = own + (base::bit(word, 52) ? contiguous_bits(granule_shift, level) : 0);
  const std::uint64_t output = leaf_address(word, granule_shift, level, wide);
  const bool aligned = (((output ^ input) & base::low_mask(run)) >> own) == 0;
  return aligned && run <= input_bits ? run : own;
}

/// What an access may do, seen by privilege: a bit each. Stage 2 gives both privileges the same.
class permission {
 public:
  permission() = default;
  constexpr permission(bool unpriv_read, bool unpriv_write, bool unpriv_execute, bool priv_read,
                       bool priv_write, bool priv_execute)
      : m_bits(static_cast<std::uint8_t>(unpriv_read << read | unpriv_write << write |
                                         unpriv_execute << execute | priv_read << (priv + read) |
                                         priv_write << (priv + write) |
                                         priv_execute << (priv + execute))) {}

  constexpr bool unpriv_read() const { return has(read); }
  constexpr bool unpriv_write() const { return has(write); }
  constexpr bool unpriv_execute() const { return has(execute); }
  constexpr bool priv_read() const { return has(priv + read); }
  constexpr bool priv_write() const { return has(priv + write); }
  constexpr bool priv_execute() const { return has(priv + execute); }
  constexpr bool any_write() const { return unpriv_write() || priv_write(); }
  constexpr permission without_writes() const {
    permission p = *this;
    p.m_bits &= static_cast<std::uint8_t>(~(1u << write | 1u << (priv + write)));
    return p;
  }

  /// An instruction read needs execute; a write is data whatever `instruction` says (IHI
  /// 0070 13.7).
  constexpr bool allows(bool writes, bool privileged, bool instruction) const {
    return has((writes ? write : instruction ? execute : read) + (privileged ? priv : 0u));
  }
  /// What both allow.
  friend constexpr permission operator&(permission a, permission b) {
    a.m_bits &= b.m_bits;
    return a;
  }
  friend constexpr bool operator==(permission a, permission b) { return a.m_bits == b.m_bits; }

 private:
  static constexpr unsigned read = 0, write = 1, execute = 2, priv = 3;
  constexpr bool has(unsigned bit) const { return (m_bits >> bit & 1) != 0; }

  std::uint8_t m_bits = 0;
};
constexpr permission full_permission{true, true, true, true, true, true};

/// Restrictions stage 1 table descriptors put on everything below them; `|` accumulates.
struct table_attributes {
  bool no_write : 1;           ///< APTable[1]
  bool no_unpriv : 1;          ///< APTable[0]
  bool no_unpriv_execute : 1;  ///< UXNTable
  bool no_priv_execute : 1;    ///< PXNTable

  friend constexpr table_attributes operator|(table_attributes a, table_attributes b) {
    return {a.no_write || b.no_write, a.no_unpriv || b.no_unpriv,
            a.no_unpriv_execute || b.no_unpriv_execute, a.no_priv_execute || b.no_priv_execute};
  }
};
constexpr table_attributes stage1_table_attributes(std::uint64_t word) {
  return {base::bit(word, 62), base::bit(word, 61), base::bit(word, 60), base::bit(word, 59)};
}

/// Fields of a leaf that both stages share.
constexpr bool access_flag(std::uint64_t word) {
  return base::bit(word, 10);
}
constexpr bool contiguous(std::uint64_t word) {
  return base::bit(word, 52);
}
/// Dirty state management (3.13): with HD, a leaf with DBM may be made writable by a write.
constexpr bool dirty_bit_modifier(std::uint64_t word) {
  return base::bit(word, 51);
}
constexpr std::uint64_t access_flag_bit = std::uint64_t{1} << 10;
/// AP[2], where 1 is read-only, or S2AP[1], where 0 is not writable.
constexpr std::uint64_t write_bit = std::uint64_t{1} << 7;
/// True for a leaf that is "writable-clean": its DBM is set, and it is not writable yet.
constexpr bool writable_clean(std::uint64_t word, stage of) {
  return dirty_bit_modifier(word) && ((word & write_bit) != 0) == (of == stage::s1);
}
/// The same leaf when it is dirty.
constexpr std::uint64_t made_dirty(std::uint64_t word, stage of) {
  return of == stage::s1 ? word & ~write_bit : word | write_bit;
}
/// Stage 1 only: false means the entry is global.
constexpr bool not_global(std::uint64_t word) {
  return base::bit(word, 11);
}

/// How the CD and the stream world change stage 1 permissions.
struct stage1_controls {
  bool one_privilege : 1;  ///< EL2 without E2H: no unprivileged accesses, AP[1] and APTable[0]
                           ///< unused
  bool wxn : 1, uwxn : 1, pan : 1;
};
permission stage1_permission(std::uint64_t leaf, table_attributes tables, stage1_controls controls);
/// `xnx`: XN is two bits (IDR3.XNX), else its upper bit alone forbids all execution.
permission stage2_permission(std::uint64_t leaf, bool xnx);

/// Encoders, for software that builds tables.
std::uint64_t encode_table(std::uint64_t next);
/// Leaf of `level`: normal memory, AF=1, nG=1, readable, writable if `writable`, unprivileged,
/// never executable.
std::uint64_t encode_stage1_leaf(std::uint64_t output, unsigned level, bool writable);
/// Leaf of `level`: normal memory, AF=1.
std::uint64_t encode_stage2_leaf(std::uint64_t output, unsigned level, bool readable,
                                 bool writable);

}  // namespace svasim::arch
