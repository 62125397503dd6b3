#include "arch/page_tables.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

namespace {
constexpr unsigned granule = 12;
constexpr std::uint64_t table_size = 4096;
constexpr std::uint64_t leaf_table_shift = granule + 9;

unsigned level_of(unsigned size_shift) {
  return 3 - (size_shift - granule) / bits_per_level(granule);
}
}  // namespace

page_tables::page_tables(table_region& region, stage s, unsigned start_level, unsigned input_bits)
    : m_region(region), m_stage(s), m_start_level(start_level), m_input_bits(input_bits) {
  const unsigned shift = std::max(granule, root_size_shift(granule, start_level, input_bits));
  m_root = region.allocate(std::uint64_t{1} << shift);
}

void page_tables::place_over(page_tables& under, std::uint64_t ipa_to_pa, unsigned page_shift) {
  m_under = &under;
  m_ipa_to_pa = ipa_to_pa;
  m_under_shift = page_shift;
  pin_range(from_pa(m_root), granule);
}

std::uint64_t page_tables::slot(std::uint64_t table, unsigned level, std::uint64_t input) const {
  const bool first = level == m_start_level;
  return table + descriptor_offset(granule, level, input, first);
}

std::uint64_t page_tables::leaf(std::uint64_t output, unsigned level, bool writable) const {
  return m_stage == stage::s1 ? encode_stage1_leaf(output, level, writable)
                              : encode_stage2_leaf(output, level, true, writable);
}

bool page_tables::is_writable(std::uint64_t word) const {
  return m_stage == stage::s1 ? stage1_permission(word, {}, {}).unpriv_write()
                              : stage2_permission(word, false).unpriv_write();
}

std::uint64_t page_tables::new_table() {
  const std::uint64_t table = m_region.allocate(table_size);
  if (m_under != nullptr) {
    pin_range(from_pa(table), granule);
  }
  return table;
}

void page_tables::pin_range(std::uint64_t first, unsigned size_shift) {
  const std::uint64_t bytes = std::uint64_t{1} << size_shift;
  const std::uint64_t stride = std::uint64_t{1} << std::min(size_shift, m_under_shift);
  for (std::uint64_t at = 0; at < bytes; at += stride) {
    m_under->pin(first + at, m_ipa_to_pa, m_under_shift);
  }
}

/// The table that the descriptor in `slot` leads to, made where there is none.
std::uint64_t page_tables::table_below(std::uint64_t slot, unsigned level, table_change& change) {
  std::uint64_t word = read(slot);
  const descriptor_kind kind = kind_of(word, granule, level);
  if (kind == descriptor_kind::invalid) {
    word = encode_table(from_pa(new_table()));
    write(slot, word);
  } else if (kind != descriptor_kind::table) {
    split(slot, level);
    change.replaced = true;
    word = read(slot);
  }
  return to_pa(table_address(word, granule));
}

/// Replace a block by a table that maps the same.
void page_tables::split(std::uint64_t slot, unsigned level) {
  const std::uint64_t block = read(slot);
  const std::uint64_t output = leaf_address(block, granule, level);
  const unsigned below = level + 1;
  const std::uint64_t table = new_table();
  for (std::uint64_t i = 0; i < table_size / 8; ++i) {
    write(table + 8 * i,
          leaf(output + (i << level_shift(granule, below)), below, is_writable(block)));
  }
  write(slot, encode_table(from_pa(table)));
}

table_change page_tables::map(std::uint64_t input, std::uint64_t output, unsigned size_shift,
                              bool writable) {
  table_change change;
  const unsigned target = level_of(size_shift);
  if (m_under != nullptr) {
    pin_range(output, size_shift);
  }
  std::uint64_t table = m_root;
  if (target == 3 && m_last_prefix == input >> leaf_table_shift) {
    table = m_last_table;
  } else {
    for (unsigned level = m_start_level; level < target; ++level) {
      table = table_below(slot(table, level, input), level, change);
    }
  }
  if (target == 3) {
    m_last_prefix = input >> leaf_table_shift;
    m_last_table = table;
  }
  const std::uint64_t at = slot(table, target, input);
  const std::uint64_t old = read(at);
  const std::uint64_t word = leaf(output, target, writable);
  const descriptor_kind kind = kind_of(old, granule, target);
  write(at, word);
  if (kind == descriptor_kind::table) {
    change += free_below(to_pa(table_address(old, granule)), target + 1);
    change.pages = 0;
  } else if (kind != descriptor_kind::invalid && old != word) {
    change.replaced = true;
  }
  ++change.pages;
  return change;
}

/// Free a table that is linked no more, and all below it; `pages` counts the leaves that went.
table_change page_tables::free_below(std::uint64_t table, unsigned level) {
  table_change change;
  for (std::uint64_t i = 0; i < table_size / 8; ++i) {
    const std::uint64_t word = read(table + 8 * i);
    const descriptor_kind kind = kind_of(word, granule, level);
    if (kind == descriptor_kind::table) {
      change += free_below(to_pa(table_address(word, granule)), level + 1);
    } else if (kind != descriptor_kind::invalid) {
      change.replaced = true;
      ++change.pages;
    }
  }
  m_region.release(table);
  m_last_prefix = ~std::uint64_t{0};
  change.table_freed = true;
  return change;
}

table_change page_tables::unmap(std::uint64_t first, std::uint64_t last, bool free_tables) {
  return unmap_in(m_root, m_start_level, first, last, free_tables);
}

table_change page_tables::unmap_in(std::uint64_t table, unsigned level, std::uint64_t first,
                                   std::uint64_t last, bool free_tables) {
  table_change change;
  const unsigned shift = level_shift(granule, level);
  for (std::uint64_t part = first >> shift; part <= last >> shift; ++part) {
    const std::uint64_t begin = part << shift;
    const std::uint64_t end = begin | base::low_mask(shift);
    const std::uint64_t at = slot(table, level, begin);
    const std::uint64_t word = read(at);
    const descriptor_kind kind = kind_of(word, granule, level);
    if (kind == descriptor_kind::invalid) {
      continue;
    }
    const bool whole = first <= begin && end <= last;
    if (kind == descriptor_kind::page || (kind == descriptor_kind::block && whole)) {
      write(at, 0);
      change += {true, false, 1};
      continue;
    }
    if (kind == descriptor_kind::table && whole && free_tables) {
      write(at, 0);
      change += free_below(to_pa(table_address(word, granule)), level + 1);
      continue;
    }
    const std::uint64_t below = table_below(at, level, change);  // splits a block that sticks out
    change += unmap_in(below, level + 1, std::max(first, begin), std::min(last, end), free_tables);
  }
  return change;
}

std::optional<leaf_mapping> page_tables::lookup(std::uint64_t input) const {
  if (input >> m_input_bits != 0) {
    return std::nullopt;
  }
  std::uint64_t table = m_root;
  for (unsigned level = m_start_level;; ++level) {
    const std::uint64_t word = read(slot(table, level, input));
    const descriptor_kind kind = kind_of(word, granule, level);
    if (kind == descriptor_kind::invalid) {
      return std::nullopt;
    }
    if (kind != descriptor_kind::table) {
      const unsigned shift = level_shift(granule, level);
      return leaf_mapping{input >> shift << shift, leaf_address(word, granule, level), shift,
                          is_writable(word)};
    }
    table = to_pa(table_address(word, granule));
  }
}

void page_tables::pin(std::uint64_t ipa, std::uint64_t ipa_to_pa, unsigned page_shift) {
  if (m_last_prefix == ipa >> leaf_table_shift && (read(slot(m_last_table, 3, ipa)) & 1) != 0) {
    return;
  }
  table_change none;
  std::uint64_t table = m_root;
  for (unsigned level = m_start_level;; ++level) {
    const std::uint64_t at = slot(table, level, ipa);
    const descriptor_kind kind = kind_of(read(at), granule, level);
    const unsigned shift = level_shift(granule, level);
    if (kind == descriptor_kind::block || kind == descriptor_kind::page) {
      break;
    }
    if (kind == descriptor_kind::invalid && shift <= page_shift) {
      const std::uint64_t base = ipa >> shift << shift;
      write(at, leaf((base + ipa_to_pa) & base::low_mask(48), level, true));
      break;
    }
    table = table_below(at, level, none);
    if (level == 2) {
      m_last_prefix = ipa >> leaf_table_shift;
      m_last_table = table;
    }
  }
}

}  // namespace svasim::arch
