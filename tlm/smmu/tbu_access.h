// What the parts of the TBU have in common: may an access use an entry, and what a request that
// needs no translation gets.
#pragma once

#include "arch/translation.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {

/// Does `t` let the access of `p` through? The STE may have made it another kind of access than the
/// device says (IHI 0070 13.7), which for Translated transactions it does not.
inline bool allowed(const arch::translation& t, const tlm::tlm_generic_payload& p) {
  const kit::dma_extension& ext = kit::extension_of(p);
  const bool ats = ext.at != arch::transaction_kind::untranslated;
  const bool privileged = ats || t.privcfg < 2 ? ext.privileged : t.privcfg == 3;
  const bool instruction = ats || t.instcfg < 2 ? ext.instruction : t.instcfg == 3;
  const bool write = p.is_write();
  return t.s1.allowed.allows(write, privileged, instruction) &&
         t.s2.allowed.allows(write, privileged, instruction);
}

/// The entry, good for one page, of a transaction whose output is its input.
inline arch::translation identity_of(const kit::dma_extension& ext) {
  arch::translation t;
  t.size_shift = 12;
  t.input = t.ipa = ext.address.page_base(12).value();
  t.output = base::pa(t.input);
  return t;
}

/// Requests that in-order release keeps in order: those of a stream and direction.
inline std::uint64_t order_key(const tlm::tlm_generic_payload& p) {
  return stream_key(kit::extension_of(p)) | std::uint64_t{p.is_write()} << 62;
}

}  // namespace svasim::smmu
