#include "platforms/ideal_translator.h"

#include "arch/translate.h"

namespace svasim::platforms {

ideal_translator::ideal_translator(sc_core::sc_module_name name, const arch::register_view& regs,
                                   base::sparse_memory& memory)
    : sc_module(name),
      from_root_complex("from_root_complex"),
      to_interconnect("to_interconnect"),
      to_tbu("to_tbu"),
      m_regs(regs),
      m_memory(memory) {
  from_root_complex.register_nb_transport_fw(this, &ideal_translator::request);
  to_interconnect.register_nb_transport_bw(this, &ideal_translator::response);
}

tlm::tlm_sync_enum ideal_translator::request(payload& p, tlm::tlm_phase& phase,
                                             sc_core::sc_time& t) {
  kit::dma_extension& ext = kit::extension_of(p);
  arch::access_request access;
  access.sid = ext.sid;
  access.has_ssid = ext.has_ssid;
  access.ssid = ext.ssid;
  access.address = ext.address.value();
  access.write = p.is_write();
  const arch::translation_result found = arch::translate(
      m_regs,
      [this](const arch::fetch_request& f, std::uint64_t* words) {
        m_memory.read(f.address, words, f.size);
        return true;
      },
      access);
  if (found.outcome != arch::outcome::ok) {
    p.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  ext.translated = found.output;
  p.set_address(found.output.value());
  return to_interconnect->nb_transport_fw(p, phase, t);
}

tlm::tlm_sync_enum ideal_translator::response(payload& p, tlm::tlm_phase& phase,
                                              sc_core::sc_time& t) {
  return from_root_complex->nb_transport_bw(p, phase, t);
}

}  // namespace svasim::platforms
