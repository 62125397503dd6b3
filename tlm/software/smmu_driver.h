// The host's SMMU driver as one thread on a CPU: it writes commands into the command queue in
// memory, tells the SMMU with a register write, and waits for CMD_SYNC by polling CMDQ_CONS or the
// word its MSI writes (Linux arm-smmu-v3: arm_smmu_cmdq_issue_cmdlist). A second thread empties the
// event queue, a third serves GERROR: a command that is illegal is replaced by a CMD_SYNC
// (arm_smmu_cmdq_skip_err), one that could not be fetched and a CMD_SYNC that failed are tried
// again.
//
// Leaves out: several CPUs contending for the queue, batching across callers, faults being served.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>

#include "arch/command.h"
#include "arch/event.h"
#include "base/address.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/payload_pool.h"
#include "uarch/ring_fifo.h"

namespace svasim::software {

enum class sync_completion : std::uint8_t { poll, msi };

struct smmu_driver_params {
  base::duration prepare_command = base::ns(20);
  base::duration mmio_write = base::ns(30);
  base::duration mmio_read = base::ns(60);
  base::duration interrupt = base::ns(4800);
  base::duration handle_event = base::ns(500);
  sync_completion completion = sync_completion::poll;
  void describe(describe::visitor& v);
};

struct smmu_driver_stats : stats::group {
  explicit smmu_driver_stats(stats::group* parent) : group(parent, "smmu_driver") {}
  stats::counter commands{this, "commands", "commands", "Commands written to the queue."};
  stats::counter doorbells{this, "doorbells", "writes", "Writes of CMDQ_PROD."};
  stats::counter polls{this, "polls", "reads", "Reads while waiting for CMD_SYNC or for room."};
  stats::counter queue_full{this, "queue_full", "commands", "Commands that found the queue full."};
  stats::counter events{this, "events", "events", "Event records read."};
  stats::counter overflows{this, "event_overflows", "overflows", "Event queue overflows seen."};
  stats::counter errors{this, "errors", "errors", "Errors acknowledged in GERRORN."};
  stats::counter replaced{this, "replaced", "commands", "Illegal commands replaced."};
  stats::histogram issue_time{this, "issue_time", "ps",
                              "From the first command of a list until its CMD_SYNC was seen."};
};

/// Where the rings lie and which register offsets belong to them.
struct smmu_rings {
  base::pa command_base;
  std::uint32_t command_entries = 0;
  base::pa event_base;
  std::uint32_t event_entries = 0;
  base::pa msi;  ///< word that CMD_SYNC writes when completion is by MSI
};

class smmu_driver final : public sc_core::sc_module {
 public:
  smmu_driver(sc_core::sc_module_name name, const smmu_driver_params& params,
              const smmu_rings& rings, stats::group* parent);

  tlm_utils::simple_initiator_socket<smmu_driver> to_memory;
  tlm_utils::simple_initiator_socket<smmu_driver> to_registers;

  /// Queue a command; a list ends with a CMD_SYNC, and is issued as a whole. False when `capacity`
  /// commands wait already.
  [[nodiscard]] bool submit(const arch::command_words& command);
  /// Commands submitted and not yet known to be complete.
  std::uint32_t outstanding() const { return m_outstanding; }
  /// Called each time a CMD_SYNC was seen to be complete.
  std::function<void()> on_synced;
  /// The SMMU's event interrupt.
  void event_interrupt();
  /// The SMMU's interrupt of GERROR.
  void error_interrupt();
  const smmu_driver_stats& statistics() const { return m_stats; }

  static constexpr std::uint32_t capacity = 1024;

 private:
  void issue_commands();
  void empty_event_queue();
  void serve_errors();
  void skip_command();
  void write_command(const arch::command_words& words);
  void wait_for_room();
  void wait_for_sync();
  std::uint32_t read_register(std::uint64_t offset);
  void write_register(std::uint64_t offset, std::uint32_t value);
  void memory_access(tlm::tlm_command command, base::pa at, void* data, std::uint32_t n);

  const smmu_driver_params m_params;
  const smmu_rings m_rings;
  smmu_driver_stats m_stats;
  kit::payload_pool m_pool;
  sc_core::sc_event m_work;
  sc_core::sc_event m_interrupt;
  sc_core::sc_event m_error_interrupt;
  uarch::ring_fifo<arch::command_words> m_queue;
  std::uint32_t m_outstanding = 0;
  std::uint32_t m_prod = 0;
  std::uint32_t m_known_cons = 0;
  std::uint32_t m_sync_number = 0;
  std::uint32_t m_event_cons = 0;
};

}  // namespace svasim::software
