// What the caches of the SMMU are looked up by (Arm IHI 0070 3.17, 16.2): a stream as one word, and
// the address space that ASID, VMID and translation regime make.
#pragma once

#include <tlm>

#include "arch/translation.h"
#include "base/bits.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::smmu {

/// SubstreamID and whether there is one, above the StreamID's bits.
inline std::uint64_t substream_bits(const arch::config_key& key) {
  return key.has_ssid ? (std::uint64_t{key.ssid.value()} | 1ull << 20) << 32 : std::uint64_t{0};
}
/// (StreamID, SubstreamID) as one word.
inline std::uint64_t stream_key(const arch::config_key& key) {
  return key.sid.value() | substream_bits(key);
}
inline arch::config_key config_key_of(const kit::dma_extension& ext) {
  return {ext.sid, ext.has_ssid, ext.has_ssid ? ext.ssid : base::substream_id{}};
}
inline std::uint64_t stream_key(const kit::dma_extension& ext) {
  return stream_key(config_key_of(ext));
}
/// As stream_key(), but Translated transactions of a stream are apart: with split-stage ATS their
/// addresses are IPAs.
inline std::uint64_t input_key(const kit::dma_extension& ext) {
  const bool translated = ext.at == arch::transaction_kind::translated;
  return stream_key(ext) | std::uint64_t{translated} << 62;
}
/// The inverse of stream_key() and input_key().
inline arch::config_key config_key_of(std::uint64_t stream_key) {
  return {base::stream_id(static_cast<std::uint32_t>(stream_key)), base::bit(stream_key, 52),
          base::substream_id(static_cast<std::uint32_t>(base::bits(stream_key, 51, 32)))};
}

/// Tells stream_key() and input_key() from space_tag().
inline bool is_stream_key(std::uint64_t tag) {
  return tag >> 63 == 0;
}

/// An address space as one word, never equal to a stream_key(). The kind keeps IPAs apart from VAs
/// that have ASID 0.
inline std::uint64_t space_tag(arch::translation_kind kind, arch::stream_world world,
                               base::asid asid, base::vmid vmid) {
  return std::uint64_t{asid.value()} | std::uint64_t{vmid.value()} << 16 |
         std::uint64_t{static_cast<unsigned>(world)} << 32 |
         std::uint64_t{static_cast<unsigned>(kind)} << 34 | 1ull << 63;
}
inline std::uint64_t space_tag(const arch::translation& t) {
  return space_tag(t.kind, t.world, t.asid, t.vmid);
}

/// The transaction of `p` as the architecture sees it.
inline arch::access_request access_of(const tlm::tlm_generic_payload& p) {
  const kit::dma_extension& ext = kit::extension_of(p);
  arch::access_request r;
  r.sid = ext.sid;
  r.has_ssid = ext.has_ssid;
  r.ssid = ext.ssid;
  r.address = ext.address.value();
  r.write = p.is_write();
  r.privileged = ext.privileged;
  r.instruction = ext.instruction;
  r.kind = ext.at;
  return r;
}

/// Make `request` a question to the TCU about `address`, in the name of `origin`: whose stream it
/// is, what kind of access, and whose time it takes. The answer goes to `result`; `slot` is the
/// asker's own number for it.
inline void ask_for(kit::dma_extension& request, const kit::dma_extension& origin,
                    base::iova address, std::uint32_t slot, arch::translation_result& result) {
  request.kind = kit::traffic::dma;
  request.sid = origin.sid;
  request.has_ssid = origin.has_ssid;
  request.ssid = origin.ssid;
  request.privileged = origin.privileged;
  request.instruction = origin.instruction;
  request.at = origin.at;
  request.address = address;
  request.record_slot = slot;
  request.log = origin.log;
  request.translation = &result;
}

}  // namespace svasim::smmu
