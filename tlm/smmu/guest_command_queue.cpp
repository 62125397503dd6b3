#include "tlm/smmu/guest_command_queue.h"

namespace svasim::smmu {

using arch::command_error;
using arch::opcode;

guest_command_queue::guest_command_queue(sc_core::sc_module_name name,
                                         const command_queue_params& params, base::pa base,
                                         command_engine& engine, gerror& errors,
                                         stats::group* parent, const char* stats_name)
    : command_ring(name, params, base, engine, errors, parent, stats_name) {}

void guest_command_queue::enable(bool on) {
  m_enabled = on;
  wake();
}

void guest_command_queue::acknowledge_error() {
  m_error = command_error::none;
  wake();
}

command_error guest_command_queue::admit(arch::command& c) const {
  switch (c.op) {
    case opcode::tlbi_nh_asid:
    case opcode::tlbi_nh_va:
      c.vmid = m_vmid;
      return command_error::none;
    case opcode::sync:
      c.signal = arch::sync_signal::none;
      return command_error::none;
    case opcode::atc_inv: {
      const auto found = m_streams.find(c.sid.value());
      if (found == m_streams.end()) return command_error::ill;
      c.sid = found->second;
      return command_error::none;
    }
    default:
      return command_error::ill;
  }
}

void guest_command_queue::stopped(command_error e) {
  m_error = e;
  if (on_error) on_error(e);
}

}  // namespace svasim::smmu
