// The consumer of the command queue (IHI 0070 3.5.1, 4, 7.1): one thread that reads commands from
// memory, in order, and carries them out.
//
// TLBI and CFGI go to the caches of the TCU and by message to every TBU; one is outstanding at a
// time (MMU-700 TRM: one invalidation token), and is over when all have answered. CMD_SYNC
// completes when the commands before it are over and the transactions taken before it have
// completed at the TBUs, then tells by MSI if asked to. A bad command stops the queue with
// CMDQ_CONS.ERR and GERROR.CMDQ_ERR until acknowledged. PREFETCH_*, RESUME and STALL_TERM take
// their decode time and do nothing else here.
//
// Leaves out: ECMDQ, ATC_INV and PRI_RESP (CERROR_ILL, as IDR0.ATS and PRI are 0), wired
// interrupts.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "arch/command.h"
#include "arch/registers.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"
#include "tlm/smmu/smmu_params.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"

namespace svasim::smmu {

struct command_queue_stats : stats::group {
  explicit command_queue_stats(stats::group* parent) : group(parent, "command_queue") {}
  stats::counter consumed{this, "consumed", "commands", "Commands consumed."};
  stats::counter tlbi{this, "tlbi", "commands", "TLBI commands."};
  stats::counter cfgi{this, "cfgi", "commands", "CFGI commands."};
  stats::counter sync{this, "sync", "commands", "CMD_SYNC."};
  stats::counter other{this, "other", "commands", "All other commands."};
  stats::counter errors{this, "errors", "commands", "Commands that stopped the queue."};
  stats::histogram sync_time{this, "sync_time", "ps", "CMD_SYNC from decode to completion."};
};

class command_queue final : public sc_core::sc_module {
 public:
  /// `base` is where the queue lies in memory; the TBUs and the TCU must outlive the module.
  command_queue(sc_core::sc_module_name name, const command_queue_params& params,
                base::duration dti_latency, const arch::register_view& regs, base::pa base,
                tcu& control, std::vector<tbu*> tbus, stats::group* parent);

  tlm_utils::simple_initiator_socket<command_queue> to_memory;

  /// CMDQ_PROD as software writes it (index and wrap); wakes the consumer.
  void write_prod(std::uint32_t value);
  std::uint32_t prod() const { return m_prod; }
  /// CMDQ_CONS: RD with wrap, ERR[30:24].
  std::uint32_t cons() const { return m_cons | static_cast<std::uint32_t>(m_error) << 24; }
  /// GERROR.CMDQ_ERR differs from GERRORN.
  bool error_active() const { return m_error_active; }
  /// Software acknowledges the error in GERRORN; the command is fetched again.
  void acknowledge_error();
  bool empty() const { return m_prod == m_cons; }
  std::uint32_t entries() const { return 1u << m_params.log2_entries; }
  base::pa base() const { return m_base; }
  /// Sees each TLBI and CFGI when it is complete; empty when off.
  std::function<void(const arch::command&)> on_invalidation;

 private:
  void run();
  std::uint32_t fetch();
  bool execute(const arch::command& c);
  void invalidate(const arch::command& c);
  void sync(const arch::command& c);
  void memory_access(tlm::tlm_command command, base::pa at, void* data, std::uint32_t n);

  const command_queue_params m_params;
  const base::duration m_dti_latency;
  const arch::register_view& m_regs;
  const base::pa m_base;
  tcu& m_tcu;
  std::vector<tbu*> m_tbus;
  command_queue_stats m_stats;
  kit::payload_pool m_pool;
  sc_core::sc_event m_work;
  sc_core::sc_event m_synced;
  std::uint32_t m_prod = 0;
  std::uint32_t m_cons = 0;
  arch::command_error m_error = arch::command_error::none;
  bool m_error_active = false;
  std::array<arch::command_words, 4> m_batch{};
};

}  // namespace svasim::smmu
