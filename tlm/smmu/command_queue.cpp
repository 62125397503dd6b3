#include "tlm/smmu/command_queue.h"

namespace svasim::smmu {

command_queue::command_queue(sc_core::sc_module_name name, const command_queue_params& params,
                             const arch::register_view& regs, base::pa base, command_engine& engine,
                             gerror& errors, stats::group* parent)
    : command_ring(name, params, base, engine, errors, parent, "command_queue"), m_regs(regs) {
  errors.when_acknowledged(global_error::cmdq, [this] {
    m_error = arch::command_error::none;
    wake();
  });
}

// CONS.ERR before GERROR, so that software finds the reason (7.1).
void command_queue::stopped(arch::command_error e) {
  m_error = e;
  errors().raise(global_error::cmdq);
}

}  // namespace svasim::smmu
