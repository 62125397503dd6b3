// An enhanced command queue (IHI 0070 3.5.6): a command queue of its own with four registers, of
// which an SMMU may have many, as a rule one for each CPU. There is no order between queues;
// CMD_SYNC is for its own.
//
// Software enables it by PROD.EN and waits for CONS.ENACK; disabling is acknowledged when the
// command under way is consumed. An error makes CONS.ERR differ from PROD.ERRACK, with its reason
// in CONS.ERR_REASON, and raises GERROR.CMDQP_ERR; it stops this queue only, until ERRACK follows.
// Bit positions of PROD and CONS are those Linux uses.
//
// Leaves out: attributes of BASE and of the MSI.
#pragma once

#include "tlm/smmu/command_ring.h"

namespace svasim::smmu {

class ecmdq final : public command_ring {
 public:
  /// `stats_name`: of its group in `parent`, such as "ecmdq0". Engine and errors must outlive it.
  ecmdq(sc_core::sc_module_name name, const command_queue_params& params, command_engine& engine,
        gerror& errors, stats::group* parent, const char* stats_name);

  /// BASE: LOG2SIZE[4:0], ADDR[55:5]. False, without effect, unless disabled. A size beyond that of
  /// the parameters acts as it.
  bool write_base(std::uint64_t value);
  std::uint64_t read_base() const { return m_base_register; }
  /// PROD: WR[19:0], ERRACK[23], EN[31].
  void write_prod_register(std::uint32_t value);
  std::uint32_t prod_register() const;
  /// CONS: RD[19:0], ERR[23], ERR_REASON[26:24], ENACK[31]. False as above.
  bool write_cons_register(std::uint32_t value);
  std::uint32_t cons_register() const;
  bool error_active() const { return m_err != m_errack; }

 private:
  bool runs() const override { return m_enabled && !error_active(); }
  void stopped(arch::command_error e) override;
  void acknowledge_enable();
  bool disabled() const { return !m_enabled && !m_enack; }

  const unsigned m_largest_log2;
  std::uint64_t m_base_register = 0;
  bool m_enabled = false;  // PROD.EN
  bool m_enack = false;
  bool m_err = false, m_errack = false;
  arch::command_error m_reason = arch::command_error::none;
};

}  // namespace svasim::smmu
