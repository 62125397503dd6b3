#include "tlm/smmu/register_page.h"

#include <cstring>

namespace svasim::smmu {

register_page::register_page(sc_core::sc_module_name name, command_queue& commands,
                             event_queue& events)
    : sc_module(name), from_cpu("from_cpu"), m_commands(commands), m_events(events) {
  from_cpu.register_b_transport(this, &register_page::access);
}

void register_page::access(tlm::tlm_generic_payload& p, sc_core::sc_time&) {
  std::uint32_t value = 0;
  const auto r = static_cast<reg>(p.get_address());
  bool ok = p.get_data_length() == sizeof value &&
            p.get_address() <= static_cast<std::uint32_t>(reg::eventq_cons);
  if (ok && p.is_write()) {
    std::memcpy(&value, p.get_data_ptr(), sizeof value);
    ok = write(r, value);
  } else if (ok) {
    ok = read(r, value);
    std::memcpy(p.get_data_ptr(), &value, sizeof value);
  }
  p.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool register_page::read(reg r, std::uint32_t& value) const {
  switch (r) {
    case reg::gerror:
      value = m_commands.error_active() ? 1 : 0;
      return true;
    case reg::cmdq_prod:
      value = m_commands.prod();
      return true;
    case reg::cmdq_cons:
      value = m_commands.cons();
      return true;
    case reg::eventq_prod:
      value = m_events.prod();
      return true;
    case reg::eventq_cons:
      value = m_events.cons();
      return true;
    case reg::gerrorn:
      break;
  }
  return false;
}

bool register_page::write(reg r, std::uint32_t value) {
  switch (r) {
    case reg::gerrorn:
      m_commands.acknowledge_error();
      return true;
    case reg::cmdq_prod:
      m_commands.write_prod(value);
      return true;
    case reg::eventq_cons:
      m_events.write_cons(value);
      return true;
    case reg::gerror:
    case reg::cmdq_cons:
    case reg::eventq_prod:
      break;
  }
  return false;
}

}  // namespace svasim::smmu
