#include "platforms/sva/register_bus.h"

namespace svasim::platforms {

register_bus::register_bus(sc_core::sc_module_name name, unsigned cpus, unsigned modules)
    : sc_module(name), from_cpu("from_cpu", cpus), to_modules("to_modules", modules) {
  for (auto& s : from_cpu) s.register_b_transport(this, &register_bus::access);
}

void register_bus::add(std::uint64_t base, std::uint64_t bytes, transport to) {
  m_ranges.push_back({base, bytes, std::move(to)});
}

void register_bus::add(std::uint64_t base, std::uint64_t bytes, unsigned module) {
  add(base, bytes, [this, module](tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
    to_modules[module]->b_transport(p, t);
  });
}

void register_bus::access(tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
  const std::uint64_t address = p.get_address();
  for (const range& r : m_ranges) {
    if (address - r.base >= r.bytes) continue;
    p.set_address(address - r.base);
    r.to(p, t);
    p.set_address(address);
    return;
  }
  p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

}  // namespace svasim::platforms
