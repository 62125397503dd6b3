// The consumer of one queue of commands in memory (IHI 0070 3.5.1, 4, 7.1): one thread that reads
// commands in batches, in order, and gives them to the command engine. What all command queues have
// in common; when a queue runs, which commands it admits and how it tells an error is up to the
// derived class.
//
// CMD_SYNC tells of its completion by a write (MSI), a wired interrupt or an event (SEV), as it
// asks for. A write that ends in an external abort raises GERROR.MSI_CMDQ_ABT.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <functional>
#include <tlm>

#include "arch/command.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/smmu/command_engine.h"
#include "tlm/smmu/gerror.h"
#include "tlm/smmu/queue_memory.h"

namespace svasim::smmu {

struct command_queue_stats : stats::group {
  command_queue_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter consumed{this, "consumed", "commands", "Commands consumed."};
  stats::counter tlbi{this, "tlbi", "commands", "TLBI commands."};
  stats::counter cfgi{this, "cfgi", "commands", "CFGI commands."};
  stats::counter sync{this, "sync", "commands", "CMD_SYNC."};
  stats::counter other{this, "other", "commands", "All other commands."};
  stats::counter errors{this, "errors", "commands", "Commands that stopped the queue."};
  stats::histogram sync_time{this, "sync_time", "ps", "CMD_SYNC from decode to completion."};
};

class command_ring : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<command_ring> to_memory;

  /// Software moves PROD on (index and wrap).
  void write_prod(std::uint32_t value);
  std::uint32_t prod() const { return m_prod; }
  /// RD with wrap.
  std::uint32_t read_index() const { return m_cons; }
  bool empty() const { return m_prod == m_cons; }
  std::uint32_t entries() const { return 1u << m_log2_entries; }
  base::pa base() const { return m_base; }
  /// Where the queue lies, and both indices; only while it does not run.
  void place(base::pa base, unsigned log2_entries);
  void set_indices(std::uint32_t prod, std::uint32_t cons);
  /// No command is under way.
  bool quiet() const { return !m_busy; }
  const command_queue_stats& statistics() const { return m_stats; }
  /// What runs() depends on has changed.
  void wake() { m_work.notify(sc_core::SC_ZERO_TIME); }

  /// A CMD_SYNC with CS = SIG_IRQ and no address is complete, or one with CS = SIG_SEV.
  std::function<void()> on_sync_interrupt;
  std::function<void()> on_sync_event;
  /// The queue has stopped at a command, or between two, as runs() is false.
  std::function<void()> on_quiet;

 protected:
  /// `params.log2_entries` is the size until place(). `stats_name`: of its group in `parent`.
  command_ring(sc_core::sc_module_name name, const command_queue_params& params, base::pa base,
               command_engine& engine, gerror& errors, stats::group* parent,
               const char* stats_name);

  /// Enabled, and no error stands.
  virtual bool runs() const = 0;
  /// May `c` stand in this queue? It may be changed. Not asked for what is illegal anyway.
  virtual arch::command_error admit(arch::command&) const { return arch::command_error::none; }
  /// The queue has stopped at read_index().
  virtual void stopped(arch::command_error e) = 0;

  gerror& errors() { return m_errors; }
  const gerror& errors() const { return m_errors; }

 private:
  void run();
  void work_off_batch();
  std::uint32_t fetch();
  bool execute(const arch::command_words& words);
  void count(arch::opcode op);
  void signal(const arch::command& sync);
  std::uint32_t wrap_mask() const { return 2 * entries() - 1; }

  const command_queue_params m_params;
  unsigned m_log2_entries;
  base::pa m_base;
  command_engine& m_engine;
  gerror& m_errors;
  command_source m_source;
  command_queue_stats m_stats;
  queue_memory m_memory;
  sc_core::sc_event m_work;
  std::uint32_t m_prod = 0;
  std::uint32_t m_cons = 0;
  bool m_busy = false;
  std::array<arch::command_words, 4> m_batch{};
};

}  // namespace svasim::smmu
