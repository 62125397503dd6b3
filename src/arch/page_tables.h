// One set of translation tables written as software writes them: map, unmap, look up, 4 KiB granule
// (Arm DDI 0487 D8). Stage 1 tables of a nested setup live at IPAs and pull their pages into
// stage 2.
//
// Left out: 16K and 64K granules, contiguous hints, break-before-make (the caller owns the TLBs and
// learns from table_change what must be invalidated).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "arch/descriptor.h"
#include "arch/table_region.h"

namespace svasim::arch {

/// What a change asks of whoever owns the TLBs.
struct table_change {
  bool replaced = false;     ///< a valid leaf was removed or got another meaning: TLBI needed
  bool table_freed = false;  ///< a table was unlinked: the TLBI must have Leaf=0
  std::uint64_t pages = 0;   ///< leaves written or cleared

  table_change& operator+=(const table_change& o) {
    replaced = replaced || o.replaced;
    table_freed = table_freed || o.table_freed;
    pages += o.pages;
    return *this;
  }
};

/// A leaf found in the tables.
struct leaf_mapping {
  std::uint64_t input = 0;   ///< base of the page or block
  std::uint64_t output = 0;  ///< where `input` goes
  unsigned size_shift = 12;  ///< 12, 21, 30
  bool writable = false;
};

class page_tables {
 public:
  /// Empty tables for `input_bits` (25..48) that start at `start_level`; stage 2 may concatenate up
  /// to 16.
  page_tables(table_region& region, stage s, unsigned start_level, unsigned input_bits);

  /// From now on these (stage 1) tables live at PA - ipa_to_pa, and `under` maps every page they
  /// use or point to with pages or blocks of 2^page_shift bytes.
  void place_over(page_tables& under, std::uint64_t ipa_to_pa, unsigned page_shift);

  /// Address of the root as the CD or STE has it.
  std::uint64_t root() const { return from_pa(m_root); }

  /// One page or block of 2^size_shift bytes (12, 21, 30), both addresses aligned to it and in
  /// range.
  table_change map(std::uint64_t input, std::uint64_t output, unsigned size_shift, bool writable);
  /// Every leaf that touches [first, last]; see table_builder::unmap.
  table_change unmap(std::uint64_t first, std::uint64_t last, bool free_tables);
  std::optional<leaf_mapping> lookup(std::uint64_t input) const;

  /// From now on the address (PA) of every entry that is stored goes to `slots`, in order; null
  /// ends it. For who wants to spend the time of the stores.
  void journal(std::vector<std::uint64_t>* slots) { m_journal = slots; }

  /// Stage 2: map the page or block of 2^page_shift bytes around `ipa` to itself + ipa_to_pa,
  /// unless `ipa` is mapped. Where smaller pages are in the way, the largest that fits.
  void pin(std::uint64_t ipa, std::uint64_t ipa_to_pa, unsigned page_shift);

 private:
  std::uint64_t from_pa(std::uint64_t pa) const { return (pa - m_ipa_to_pa) & base::low_mask(48); }
  std::uint64_t to_pa(std::uint64_t at) const { return (at + m_ipa_to_pa) & base::low_mask(48); }
  std::uint64_t slot(std::uint64_t table, unsigned level, std::uint64_t input) const;
  std::uint64_t read(std::uint64_t slot) const { return m_region.memory().read64(base::pa(slot)); }
  void write(std::uint64_t slot, std::uint64_t word) {
    m_region.memory().write64(base::pa(slot), word);
    if (m_journal != nullptr) m_journal->push_back(slot);
  }
  std::uint64_t leaf(std::uint64_t output, unsigned level, bool writable) const;
  bool is_writable(std::uint64_t word) const;
  std::uint64_t new_table();
  std::uint64_t table_below(std::uint64_t slot, unsigned level, table_change& change);
  void split(std::uint64_t slot, unsigned level);
  table_change free_below(std::uint64_t table, unsigned level);
  table_change unmap_in(std::uint64_t table, unsigned level, std::uint64_t first,
                        std::uint64_t last, bool free_tables);
  void pin_range(std::uint64_t first, unsigned size_shift);

  table_region& m_region;
  stage m_stage;
  unsigned m_start_level;
  unsigned m_input_bits;
  page_tables* m_under = nullptr;
  std::uint64_t m_ipa_to_pa = 0;
  unsigned m_under_shift = 12;
  std::vector<std::uint64_t>* m_journal = nullptr;
  std::uint64_t m_root = 0;
  // The last leaf table: most changes meet it again. Forgotten when a table goes.
  std::uint64_t m_last_prefix = ~std::uint64_t{0};
  std::uint64_t m_last_table = 0;
};

}  // namespace svasim::arch
