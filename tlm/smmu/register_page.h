// The registers of the SMMU that software touches while it runs (IHI 0070 6.1, 6.3): queue indices
// and the error acknowledgement. Accesses are 32-bit and take no time here; what an MMIO access
// costs belongs to the CPU that makes it.
//
// Leaves out: everything that is set up once (the platform writes it before time starts).
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm>

#include "tlm/smmu/command_queue.h"
#include "tlm/smmu/event_queue.h"

namespace svasim::smmu {

/// Offsets in the two 64 KiB pages of the SMMU.
enum class reg : std::uint32_t {
  gerror = 0x60,
  gerrorn = 0x64,
  cmdq_prod = 0x98,
  cmdq_cons = 0x9c,
  eventq_prod = 0x100a8,
  eventq_cons = 0x100ac,
};

class register_page final : public sc_core::sc_module {
 public:
  register_page(sc_core::sc_module_name name, command_queue& commands, event_queue& events);

  tlm_utils::passthrough_target_socket<register_page> from_cpu;

 private:
  void access(tlm::tlm_generic_payload& p, sc_core::sc_time& t);
  bool read(reg r, std::uint32_t& value) const;
  bool write(reg r, std::uint32_t value);

  command_queue& m_commands;
  event_queue& m_events;
};

}  // namespace svasim::smmu
