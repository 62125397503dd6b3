// The part of the translation procedure that reads translation tables (IHI 0070 3.4, DDI 0487 D8).
#include <algorithm>

#include "arch/walk.h"
#include "base/bits.h"

namespace svasim::arch {

using step = translation_walk::step;

/// A fault on the address under translation or, at stage 2, on whatever the stage was needed for.
void translation_walk::fault(event_type type, arch::stage at) {
  event e;
  e.type = type;
  e.stage2 = at == stage::s2;
  e.cls = e.stage2 ? m_purpose : event_class::input;
  e.ipa = e.stage2 ? base::ipa(m_ipa).page_base(12).value() : 0;
  e.table_read = type == event_type::f_permission && e.cls == event_class::table && !m_table_write;
  end(e);
}

/// Checks that need no descriptor (3.4.1): the half, its range, EPD.
void translation_walk::want_stage1() {
  const bool upper = base::bit(m_request.address, 55);
  m_half = m_config.half[upper];
  m_va = m_config.lookup_address(m_request.address);
  const std::uint64_t above = m_va >> m_half.input_bits;
  if (m_half.walks_disabled || above != (upper ? base::low_mask(64u - m_half.input_bits) : 0)) {
    return fault(event_type::f_translation, stage::s1);
  }
  m_s1 = {};
  m_s1.level = m_half.start_level;
  m_s1.table = m_half.table;
  m_state = state::stage1;
}

step translation_walk::begin_stage1() {
  m_begin = {stage::s1, event_class::input, m_half.granule_shift, m_half.start_level, m_va};
  m_state = state::s1_lookup;
  return step::begin_stage;
}

/// `ipa` needs stage 2; a range check comes first.
void translation_walk::want_stage2(std::uint64_t ipa, event_class purpose) {
  m_ipa = ipa;
  m_purpose = purpose;
  if (ipa >> m_config.s2.input_bits != 0) {
    return fault(event_type::f_translation, stage::s2);
  }
  m_s2 = {};
  m_s2.level = m_config.s2.start_level;
  m_s2.table = m_config.s2_table;
  m_state = state::stage2;
}

step translation_walk::begin_stage2() {
  m_begin = {stage::s2, m_purpose, m_config.s2.granule_shift, m_config.s2.start_level, m_ipa};
  m_state = state::s2_lookup;
  return step::begin_stage;
}

void translation_walk::resume_at(const table_entry& entry) {
  position& at = m_begin.stage == stage::s1 ? m_s1 : m_s2;
  at.level = entry.level;
  at.first = entry.root;
  at.attributes = entry.attributes;
  at.table = entry.table;
  at.pa_known = entry.pa_known;
  at.table_pa = entry.table_pa;
}

bool translation_walk::use_stage2(const stage2_translation& cached) {
  if (cached.leaf.writable_clean && stage2_writes()) {
    return false;
  }
  m_s2_leaf = cached;
  m_state = state::s2_finished;
  return true;
}

/// Tell the driver once of a table that is worth caching; false where there is nothing to tell.
bool translation_walk::announce(position& at, arch::stage of) {
  if (!at.announce) {
    return false;
  }
  at.announce = false;
  const bool s1 = of == stage::s1;
  const unsigned granule = s1 ? m_half.granule_shift : m_config.s2.granule_shift;
  const unsigned input_bits = s1 ? m_half.input_bits : m_config.s2.input_bits;
  const unsigned shift =
      at.first ? input_bits : level_shift(granule, at.level) + bits_per_level(granule);
  m_table.stage = of;
  m_table.level = at.level;
  m_table.root = at.first;
  m_table.pa_known = at.pa_known;
  m_table.shift = static_cast<std::uint8_t>(shift);
  m_table.attributes = at.attributes;
  m_table.prefix = (s1 ? m_va : m_ipa) >> shift << shift;
  m_table.table = at.table;
  m_table.table_pa = at.table_pa;
  return true;
}

void translation_walk::lookup_stage1() {
  const std::uint64_t va = m_va & base::low_mask(m_half.input_bits);
  m_s1_offset = descriptor_offset(m_half.granule_shift, m_s1.level, va, m_s1.first);
  if (m_config.s2_on && !m_s1.pa_known) {
    return want_stage2(m_s1.table + m_s1_offset, event_class::table);
  }
  m_s1_descriptor =
      m_config.s2_on ? m_s1.table_pa + m_s1_offset : base::pa(m_s1.table + m_s1_offset);
  m_state = state::s1_fetch;
}

void translation_walk::on_s1_descriptor(std::uint64_t word) {
  const unsigned granule = m_half.granule_shift;
  const descriptor_kind kind = kind_of(word, granule, m_s1.level, m_half.wide);
  if (kind == descriptor_kind::invalid) {
    return fault(event_type::f_translation, stage::s1);
  }
  if (kind != descriptor_kind::table) {
    return on_s1_leaf(word);
  }
  const std::uint64_t next = table_address(word, granule, m_half.wide);
  if (next >> m_half.output_bits != 0) {
    return fault(event_type::f_addr_size, stage::s1);
  }
  if (m_half.hierarchical) {
    m_s1.attributes = m_s1.attributes | stage1_table_attributes(word);
  }
  ++m_s1.level;
  m_s1.first = false;
  m_s1.pa_known = false;
  m_s1.announce = true;
  m_s1.table = next;
  m_state = state::s1_lookup;
}

void translation_walk::finish_stage1() {
  if (m_config.s2_on) {
    return want_stage2(m_s1_out, event_class::input);
  }
  set_output();
}

void translation_walk::lookup_stage2() {
  const stage2_geometry& g = m_config.s2;
  const std::uint64_t offset = descriptor_offset(g.granule_shift, m_s2.level, m_ipa, m_s2.first);
  want(fetch_kind::s2_descriptor, m_s2.level, base::pa(m_s2.table + offset));
}

void translation_walk::on_s2_descriptor(std::uint64_t word) {
  const unsigned granule = m_config.s2.granule_shift;
  const bool wide = m_config.s2.wide;
  const descriptor_kind kind = kind_of(word, granule, m_s2.level, wide);
  if (kind == descriptor_kind::invalid) {
    return fault(event_type::f_translation, stage::s2);
  }
  if (kind != descriptor_kind::table) {
    return on_s2_leaf(word);
  }
  m_s2.table = table_address(word, granule, wide);
  if (m_s2.table >> m_config.s2.output_bits != 0) {
    return fault(event_type::f_addr_size, stage::s2);
  }
  ++m_s2.level;
  m_s2.first = false;
  m_s2.announce = true;
  m_state = state::s2_lookup;
}

/// The permission of what an IPA cache gave, then back to what needed the translation.
void translation_walk::finish_stage2() {
  if (!stage2_suffices(m_s2_leaf.leaf.allowed)) {
    return fault(event_type::f_permission, stage::s2);
  }
  if (m_purpose == event_class::input) {
    return set_output();
  }
  const base::pa at = m_s2_leaf.output + (m_ipa & base::low_mask(m_s2_leaf.leaf.size_shift));
  if (m_purpose == event_class::cd) {
    return want(m_config_fetch, 0, at);
  }
  finish_table(at);
}

/// Stage 2 has told where a stage 1 descriptor lies: it is read, or updated.
void translation_walk::finish_table(base::pa at) {
  m_s1_descriptor = at;
  if (m_table_write) {
    m_fetch = {fetch_kind::s1_descriptor, m_s1.level, 8, at};
    m_update = m_s1_update;
    m_state = state::updating;
    return;
  }
  // The table's PA may be kept only if stage 2 maps all of it in one piece.
  const unsigned table_shift =
      m_s1.first ? root_size_shift(m_half.granule_shift, m_s1.level, m_half.input_bits)
                 : m_half.granule_shift;
  m_s1.pa_known = table_shift <= m_s2_leaf.leaf.size_shift;
  m_s1.announce = m_s1.announce || m_s1.pa_known;
  m_s1.table_pa = m_s1.pa_known ? base::pa(at.value() - m_s1_offset) : base::pa{};
  m_state = state::s1_fetch;
}

void translation_walk::set_output() {
  const bool s1 = m_config.s1_on;
  const bool s2 = m_config.s2_on;
  translation& entry = m_result.entry;
  entry.kind = s1 && s2 ? translation_kind::nested
               : s1     ? translation_kind::s1
                        : translation_kind::s2;
  entry.world = m_config.world;
  entry.privcfg = m_config.privcfg;
  entry.instcfg = m_config.instcfg;
  entry.global = s1 && m_s1_global;
  entry.vmid = m_config.vmid;
  entry.asid = s1 ? m_config.asid : base::asid{};
  entry.aset = s1 && m_config.aset;
  entry.s1 = s1 ? m_s1_leaf : stage_leaf{};
  entry.s2 = s2 ? m_s2_leaf.leaf : stage_leaf{};
  entry.size_shift = !s1   ? entry.s2.size_shift
                     : !s2 ? entry.s1.size_shift
                           : std::min(entry.s1.size_shift, entry.s2.size_shift);
  m_result.output = s2 ? m_s2_leaf.output + (m_ipa & base::low_mask(m_s2_leaf.leaf.size_shift))
                       : base::pa(m_s1_out);
  entry.input = (s1 ? m_va : m_s1_out) & ~base::low_mask(entry.size_shift);
  entry.ipa = m_s1_out & ~base::low_mask(entry.size_shift);
  entry.output = m_result.output.page_base(entry.size_shift);
  m_result.outcome = outcome::ok;
  m_state = state::done;
}

}  // namespace svasim::arch
