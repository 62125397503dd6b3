#include "arch/invalidation.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::arch {

namespace {
/// A VA as TLB entries spell it: bits 63:56 repeat bit 55.
std::uint64_t canonical(std::uint64_t va) {
  return base::bit(va, 55) ? va | ~base::low_mask(56) : va & base::low_mask(56);
}

/// Bytes a TLBI by address names: (NUM + 1) * 2^SCALE granules, or the page of a single address.
std::uint64_t range_bytes(const command& c, const idr& caps) {
  if (!caps.ril || c.tg == 0) {
    return 1u << 12;
  }
  const unsigned granule_shift = 10 + 2 * c.tg;
  const unsigned shift = (caps.ds ? c.scale : c.scale & 31u) + granule_shift;
  // NUM + 1 has up to 6 bits: what does not fit is everything above the address.
  return shift > 57 ? ~std::uint64_t{0} : (c.num + std::uint64_t{1}) << shift;
}

base::asid narrowed(base::asid id, bool wide) {
  return wide ? id : base::asid(id.value() & 0xff);
}
}  // namespace

// An entry may hold less than the leaf it comes from (a nested one, or a fragment). A command names
// the leaf by any of its addresses.
entry_tag tag_of(const translation& t) {
  const bool by_ipa = t.kind == translation_kind::s2;
  const std::uint8_t leaf = by_ipa ? t.s2.size_shift : t.s1.size_shift;
  const std::uint8_t shift = std::max(t.size_shift, leaf);
  return {by_ipa, false, t.global, t.world, t.vmid, t.asid, t.input >> shift << shift,
          shift,  t.aset};
}

entry_tag tag_of(const stage2_translation& t, base::vmid vmid) {
  return {true, false, false, stream_world::ns_el1, vmid, {}, t.ipa, t.leaf.size_shift, false};
}

entry_tag tag_of(const table_entry& t, const decoded_config& config) {
  const bool by_ipa = t.stage == stage::s2;
  return {by_ipa,       true,        false,
          config.world, config.vmid, by_ipa ? base::asid{} : config.asid,
          t.prefix,     t.shift,     !by_ipa && config.aset};
}

invalidation::invalidation(const command& c, const idr& caps, unsigned vmid_wildcard_bits)
    : m_leaf(c.leaf),
      m_vmid(caps.s2p ? c.vmid : base::vmid{}),
      m_vmid_ignored(static_cast<std::uint16_t>(base::low_mask(vmid_wildcard_bits))),
      m_asid(narrowed(c.asid, caps.asid16)) {
  switch (c.op) {
    case opcode::cfgi_cd:
      m_one_substream = true;
      m_ssid = c.ssid;
      [[fallthrough]];
    case opcode::cfgi_ste:
    case opcode::cfgi_cd_all:
      m_scope = scope::config;
      m_first_sid = m_last_sid = c.sid.value();
      break;
    case opcode::cfgi_ste_range: {
      m_scope = scope::config;
      const auto mask = static_cast<std::uint32_t>(base::low_mask(c.range + 1u));
      m_first_sid = c.sid.value() & ~mask;
      m_last_sid = c.sid.value() | mask;
      break;
    }
    case opcode::tlbi_nsnh_all:
      m_scope = scope::nsnh;
      break;
    case opcode::tlbi_s12_vmall:
      m_scope = scope::vm;
      break;
    case opcode::tlbi_nh_all:
    case opcode::tlbi_nh_asid:
    case opcode::tlbi_nh_va:
    case opcode::tlbi_nh_vaa:
      m_scope = scope::stage1;
      break;
    case opcode::tlbi_s2_ipa:
      m_scope = scope::stage2;
      break;
    case opcode::tlbi_el2_all:
    case opcode::tlbi_el2_asid:
    case opcode::tlbi_el2_va:
    case opcode::tlbi_el2_vaa:
      m_scope = scope::el2;
      break;
    default:
      break;
  }
  set_address(c, caps);
}

void invalidation::set_address(const command& c, const idr& caps) {
  m_by_asid = c.op == opcode::tlbi_nh_asid || c.op == opcode::tlbi_nh_va ||
              c.op == opcode::tlbi_el2_asid || c.op == opcode::tlbi_el2_va;
  m_by_address = c.op == opcode::tlbi_nh_va || c.op == opcode::tlbi_nh_vaa ||
                 c.op == opcode::tlbi_el2_va || c.op == opcode::tlbi_el2_vaa ||
                 c.op == opcode::tlbi_s2_ipa;
  if (!m_by_address) {
    return;
  }
  const std::uint64_t bytes = range_bytes(c, caps);
  m_first = m_scope == scope::stage2 ? c.address : canonical(c.address);
  m_last = m_first + (bytes - 1);
  if (m_last < m_first) {
    m_last = ~std::uint64_t{0};
  }
}

bool invalidation::address_overlaps(const entry_tag& tag) const {
  const std::uint64_t last = tag.address | base::low_mask(tag.size_shift);
  return tag.address <= m_last && m_first <= last;
}

bool invalidation::covers(const entry_tag& tag) const {
  const bool el2 = tag.world != stream_world::ns_el1;
  switch (m_scope) {
    case scope::none:
    case scope::config:
      return false;
    case scope::nsnh:
      return !el2;
    case scope::vm:
      return !el2 && is_vmid(tag.vmid);
    case scope::stage1:
      if (el2 || tag.by_ipa || !is_vmid(tag.vmid)) {
        return false;
      }
      break;
    case scope::stage2:
      if (el2 || !tag.by_ipa || !is_vmid(tag.vmid)) {
        return false;
      }
      break;
    case scope::el2:
      if (!el2) {
        return false;
      }
      break;
  }
  // Global entries go with every ASID of a TLBI by address, but not with a TLBI by ASID alone.
  if (m_by_asid && !(tag.global ? m_by_address : tag.asid == m_asid)) {
    return false;
  }
  if (m_broadcast && m_by_asid && tag.aset) {
    return false;
  }
  if (!m_by_address) {
    return true;
  }
  return !(tag.table && m_leaf) && address_overlaps(tag);
}

bool invalidation::covers(const config_key& key) const {
  const std::uint32_t sid = key.sid.value();
  return m_scope == scope::config && sid >= m_first_sid && sid <= m_last_sid &&
         (!m_one_substream || key.ssid == m_ssid);
}

}  // namespace svasim::arch
