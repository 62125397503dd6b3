// What a TLBI or CFGI command removes (Arm IHI 0070 sections 3.17, 4.3, 4.4, 16.2): one decoded
// scope, asked by every cache. Entries may be over-invalidated: the TTL hint is ignored,
// configuration scopes ignore Leaf, as does a TLBI by ASID, VMID or everything.
//
// Left out: the EL2 world's VMID rules beyond "none".
#pragma once

#include <cstdint>

#include "arch/command.h"
#include "arch/config.h"
#include "arch/translation.h"
#include "arch/walk.h"
#include "base/ids.h"

namespace svasim::arch {

/// What a cached entry is known by, whichever cache holds it.
struct entry_tag {
  bool by_ipa = false;  ///< input is an IPA: stage 2 only translations, IPA cache, stage 2 tables
  bool table = false;   ///< walk cache entry
  bool global = false;  ///< any ASID
  stream_world world = stream_world::ns_el1;
  base::vmid vmid;
  base::asid asid;
  std::uint64_t address = 0;    ///< base of the covered input range
  std::uint8_t size_shift = 0;  ///< log2 of its bytes; 64 for everything
  bool aset = false;            ///< CD.ASET: its ASID is not one of the CPUs
};

entry_tag tag_of(const translation& t);
entry_tag tag_of(const stage2_translation& t, base::vmid vmid);
/// `config` gives VMID, ASID and world of the walk that found the table.
entry_tag tag_of(const table_entry& t, const decoded_config& config);

class invalidation {
 public:
  /// Removes nothing.
  invalidation() = default;
  /// The scope of a legal command; removes nothing where `c` is no TLBI or CFGI.
  /// `vmid_wildcard_bits`: low VMID bits that do not count (CR0.VMW), 0..4.
  invalidation(const command& c, const idr& caps, unsigned vmid_wildcard_bits = 0);

  /// It comes from a CPU and not from a queue: what is scoped by ASID spares entries with ASET = 1
  /// (3.17).
  void set_broadcast() { m_broadcast = true; }

  bool is_translation() const { return m_scope != scope::none && !is_config(); }
  bool is_config() const { return m_scope == scope::config; }
  /// True where every entry of a translation cache goes, so that a cache can be cleared at once.
  bool is_everything() const { return m_scope == scope::nsnh; }

  /// Must the entry go?
  bool covers(const entry_tag& tag) const;
  bool covers(const config_key& key) const;
  /// Must a cached STE go? CFGI_CD leaves it.
  bool covers_ste(base::stream_id sid) const {
    return !m_one_substream && covers(config_key{sid, false, {}});
  }

  /// The range [first(), last()] of a TLBI by address, else everything. A VA has bits 63:56 as bit
  /// 55, like the tags.
  bool by_address() const { return m_by_address; }
  std::uint64_t first() const { return m_first; }
  std::uint64_t last() const { return m_last; }
  bool leaf_only() const { return m_leaf; }

 private:
  enum class scope : std::uint8_t { none, config, nsnh, vm, stage1, stage2, el2 };

  void set_address(const command& c, const idr& caps);
  bool address_overlaps(const entry_tag& tag) const;
  bool is_vmid(base::vmid vmid) const {
    return ((vmid.value() ^ m_vmid.value()) & ~m_vmid_ignored) == 0;
  }

  scope m_scope = scope::none;
  bool m_by_address = false;
  bool m_by_asid = false;
  bool m_broadcast = false;
  bool m_leaf = false;
  bool m_one_substream = false;  ///< CFGI_CD
  base::vmid m_vmid;
  std::uint16_t m_vmid_ignored = 0;  ///< mask of VMID bits that do not count
  base::asid m_asid;
  std::uint64_t m_first = 0;
  std::uint64_t m_last = ~std::uint64_t{0};
  std::uint32_t m_first_sid = 0;
  std::uint32_t m_last_sid = ~std::uint32_t{0};
  base::substream_id m_ssid;
};

}  // namespace svasim::arch
