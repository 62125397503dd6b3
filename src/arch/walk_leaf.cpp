// The part of the translation procedure that takes a block or page: address size, access flag,
// permission, hardware update (IHI 0070 3.4, 3.13, DDI 0487 D8).
#include "arch/walk.h"
#include "base/bits.h"

namespace svasim::arch {

namespace {
/// What a walk keeps of a leaf: writes only where they need no update.
stage_leaf leaf_of(int level, unsigned span, permission allowed, bool clean) {
  const bool writable_clean = clean && allowed.any_write();
  return {static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(span),
          clean ? allowed.without_writes() : allowed, writable_clean};
}

/// The descriptor as hardware update leaves it.
std::uint64_t updated_leaf(std::uint64_t word, stage of, bool access, bool dirties) {
  const std::uint64_t accessed = access ? word | access_flag_bit : word;
  return dirties ? made_dirty(accessed, of) : accessed;
}
}  // namespace

/// Address size before access flag before permission (DDI 0487 D8.15).
void translation_walk::on_s1_leaf(std::uint64_t word) {
  const unsigned granule = m_half.granule_shift;
  const unsigned size_shift = level_shift(granule, m_s1.level);
  const std::uint64_t output = leaf_address(word, granule, m_s1.level, m_half.wide);
  if (output >> m_half.output_bits != 0) {
    return fault(event_type::f_addr_size, stage::s1);
  }
  if (!access_flag(word) && !m_config.s1_ha && !m_config.s1_affd) {
    return fault(event_type::f_access, stage::s1);
  }
  // A writable-clean page counts as writable, for WXN too.
  const bool clean = m_config.s1_hd && writable_clean(word, stage::s1);
  const permission allowed = stage1_permission(clean ? made_dirty(word, stage::s1) : word,
                                               m_s1.attributes, m_config.s1_controls);
  if (!suffices(clean && !m_request.write ? allowed.without_writes() : allowed, m_request)) {
    return fault(event_type::f_permission, stage::s1);
  }
  const bool dirties =
      clean && m_request.write && allowed.allows(true, m_request.privileged, false);
  const std::uint64_t va = m_va & base::low_mask(m_half.input_bits);
  const unsigned span = leaf_span(word, granule, m_s1.level, m_half.wide, va, m_half.input_bits);
  m_s1_leaf = leaf_of(m_s1.level, span, allowed, clean && !dirties);
  m_s1_global = !not_global(word) || m_config.world == stream_world::el2;
  m_s1_out = output | (m_va & base::low_mask(size_shift));
  const std::uint64_t updated = updated_leaf(word, stage::s1, m_config.s1_ha, dirties);
  return updated == word ? finish_stage1() : update_stage1(word, updated);
}

/// Hardware update; of a nested walk stage 2 tells first where it goes.
void translation_walk::update_stage1(std::uint64_t word, std::uint64_t updated) {
  m_update = m_s1_update = {word, updated};
  if (m_config.s2_on) {
    m_table_write = true;
    return want_stage2(m_s1.table + m_s1_offset, event_class::table);
  }
  m_state = state::updating;
}

void translation_walk::on_s2_leaf(std::uint64_t word) {
  const stage2_geometry& g = m_config.s2;
  const std::uint64_t output = leaf_address(word, g.granule_shift, m_s2.level, g.wide);
  if (output >> g.output_bits != 0) {
    return fault(event_type::f_addr_size, stage::s2);
  }
  if (!access_flag(word) && !m_config.s2_ha && !m_config.s2_affd) {
    return fault(event_type::f_access, stage::s2);
  }
  const bool clean = m_config.s2_hd && writable_clean(word, stage::s2);
  const permission allowed =
      stage2_permission(clean ? made_dirty(word, stage::s2) : word, m_config.s2_xnx);
  if (!stage2_suffices(clean && !stage2_writes() ? allowed.without_writes() : allowed)) {
    return fault(event_type::f_permission, stage::s2);
  }
  const bool dirties = clean && stage2_writes();
  const unsigned span = leaf_span(word, g.granule_shift, m_s2.level, g.wide, m_ipa, g.input_bits);
  m_s2_leaf.ipa = m_ipa >> span << span;
  m_s2_leaf.output = base::pa(output).page_base(span);
  m_s2_leaf.leaf = leaf_of(m_s2.level, span, allowed, clean && !dirties);
  const std::uint64_t updated = updated_leaf(word, stage::s2, m_config.s2_ha, dirties);
  m_update = {word, updated};
  m_state = updated == word ? state::s2_leaf : state::updating;
}

/// Is a stage 2 leaf enough for what it is walked for? A table or CD is read, as data.
bool translation_walk::stage2_suffices(permission allowed) const {
  if (m_purpose == event_class::input) {
    return m_config.s1_on ? suffices(m_s1_leaf.allowed, allowed, m_request)
                          : suffices(allowed, m_request);
  }
  return allowed.allows(m_table_write, false, false);
}

/// Does what stage 2 is walked for write? A fetch of a CD never does (3.13.5).
bool translation_walk::stage2_writes() const {
  if (m_purpose == event_class::input) {
    return m_request.write &&
           (!m_config.s1_on || m_s1_leaf.allowed.allows(true, m_request.privileged, false));
  }
  return m_table_write;
}

}  // namespace svasim::arch
