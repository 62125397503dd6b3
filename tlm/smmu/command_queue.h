// The command queue of the SMMU (IHI 0070 3.5, 4, 7.1): a ring of commands in memory that runs
// while CR0.CMDQEN is set. A command that cannot be carried out stops it, with CMDQ_CONS.ERR and
// GERROR.CMDQ_ERR, until the error is acknowledged in GERRORN; then the command is fetched again.
// What commands do is the engine's matter (command_engine.h).
#pragma once

#include "arch/registers.h"
#include "tlm/smmu/command_ring.h"

namespace svasim::smmu {

class command_queue final : public command_ring {
 public:
  /// `base` is where the queue lies in memory; engine and errors must outlive the module.
  command_queue(sc_core::sc_module_name name, const command_queue_params& params,
                const arch::register_view& regs, base::pa base, command_engine& engine,
                gerror& errors, stats::group* parent);

  /// CMDQ_CONS: RD with wrap, ERR[30:24].
  std::uint32_t cons() const { return read_index() | static_cast<std::uint32_t>(m_error) << 24; }
  /// GERROR.CMDQ_ERR differs from GERRORN.
  bool error_active() const { return errors().is_active(global_error::cmdq); }

 private:
  bool runs() const override { return m_regs.cmdq_enabled && !error_active(); }
  void stopped(arch::command_error e) override;

  const arch::register_view& m_regs;
  arch::command_error m_error = arch::command_error::none;
};

}  // namespace svasim::smmu
