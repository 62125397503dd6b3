// A kernel's threads for the PRI queue and the event queue of its SMMU (vsva-flow.md 3 step 4, 5(g)
// step 4): the interrupt wakes a thread, which reads entries until the queue is empty and hands
// each to who serves it. CONS follows when the entries that PROD told of are read; an overflow is
// acknowledged with it.
//
// Leaves out: one thread for both queues.
#pragma once

#include <functional>

#include "arch/event.h"
#include "arch/pri.h"
#include "stats/counter.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/task.h"
#include "tlm/software/costs.h"

namespace svasim::software {

struct queue_thread_stats : stats::group {
  queue_thread_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter interrupts{this, "interrupts", "interrupts", "Times that the thread was woken."};
  stats::counter entries{this, "entries", "entries", "Entries read."};
  stats::counter overflows{this, "overflows", "overflows", "Overflows seen and acknowledged."};
};

/// Where a queue lies and what its registers are called.
struct smmu_ring {
  std::uint64_t base = 0;
  std::uint32_t entries = 0;  ///< a power of two
  std::uint32_t entry_bytes = 0;
  std::uint64_t prod = 0;  ///< address of the register
  std::uint64_t cons = 0;
};

class queue_thread {
 public:
  /// `serve` gets the words of each entry; `on_overflow` may be empty. Spawns a real-time thread on
  /// `on`, woken by an interrupt at `cpu`.
  queue_thread(const char* name, const kernel_costs& costs, const smmu_ring& ring, kit::machine& on,
               kit::actor who, unsigned cpu,
               std::function<void(kit::task&, const std::uint64_t* words)> serve,
               std::function<void(kit::task&)> on_overflow, stats::group* parent);

  /// Of the machine; what the SMMU's interrupt must raise.
  unsigned interrupt() const { return m_interrupt; }
  /// When the interrupt arrived that the entries being served came with.
  base::duration woken_at() const { return m_woken_at; }
  const queue_thread_stats& statistics() const { return m_stats; }

 private:
  void run(kit::task& t);
  void drain(kit::task& t);
  void serve_entry(kit::task& t);

  const kernel_costs m_costs;
  const smmu_ring m_ring;
  const std::function<void(kit::task&, const std::uint64_t*)> m_serve;
  const std::function<void(kit::task&)> m_on_overflow;
  queue_thread_stats m_stats;
  kit::wakeup m_work;
  unsigned m_interrupt = 0;
  std::uint32_t m_cons = 0;
  bool m_acknowledged = false;  // OVACKFLG
  base::duration m_woken_at;
};

}  // namespace svasim::software
