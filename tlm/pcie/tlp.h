// What kind of TLP a payload stands for (PCIe Base Spec 2.2, 10.2 to 10.4). A Translation Request
// is a read on the wire whatever its command says (that is NW); messages are posted.
#pragma once

#include "arch/ats.h"
#include "arch/ats_message.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::pcie {

inline bool is_message(const kit::dma_extension& ext) {
  return ext.kind == kit::traffic::message;
}
inline bool is_translation_request(const kit::dma_extension& ext) {
  return ext.at == arch::transaction_kind::translation_request;
}
/// Travels with posted credits, and is not answered on the wire.
inline bool is_posted(const tlm::tlm_generic_payload& p) {
  return p.is_write() && !is_translation_request(kit::extension_of(p));
}
/// Body of a message, in bytes.
inline std::uint32_t message_body(const arch::ats_message& m) {
  return m.code == arch::ats_message_code::invalidate_request ? 8 : 0;
}

}  // namespace svasim::pcie
