// The PRI queue (IHI 0070 section 8): page requests of devices go to memory one after the other,
// PROD follows, and software is interrupted: when the queue was empty, or (PRIQ_IRQ_CFG2.LO) when
// the last request of a group is written or lost.
//
// A request that finds the queue full makes an overflow: until software acknowledges it nothing is
// written, the last of each group is answered with Success by the SMMU itself, everything else
// vanishes. While CR0.PRIQEN (or SMMUEN) is clear or GERROR.PRIQ_ABT active every request is
// answered with failure. Whether a response carries a PASID may depend on STE.PPAR, which is read
// then. A write that ends in an external abort raises PRIQ_ABT, and its request is answered with
// failure (unverified).
//
// Leaves out: PPAR from the configuration cache (it is read from memory each time).
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>

#include "arch/pri.h"
#include "arch/registers.h"
#include "base/address.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/hop_log.h"
#include "tlm/smmu/gerror.h"
#include "tlm/smmu/queue_memory.h"
#include "tlm/smmu/queue_params.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct pri_queue_stats : stats::group {
  explicit pri_queue_stats(stats::group* parent) : group(parent, "pri_queue") {}
  stats::counter requests{this, "requests", "requests", "Page requests taken."};
  stats::counter written{this, "written", "requests", "Page requests written to the queue."};
  stats::counter lost{this, "lost", "requests", "Lost in an overflow, without a response."};
  stats::counter answered{this, "answered", "requests",
                          "Lost in an overflow as the last of a group, and answered."};
  stats::counter stop_markers_lost{this, "stop_markers_lost", "requests",
                                   "Stop markers lost, whatever the reason."};
  stats::counter refused{this, "refused", "requests",
                         "Answered with failure as the queue was disabled or had an abort."};
  stats::counter overflows{this, "overflows", "overflows", "Times that OVFLG was toggled."};
  stats::counter interrupts{this, "interrupts", "interrupts", "Interrupts raised."};
  stats::occupancy pending{this, "pending", "requests", "Page requests held in the SMMU."};
};

class pri_queue final : public sc_core::sc_module {
 public:
  /// `regs` and `errors` must outlive the module.
  pri_queue(sc_core::sc_module_name name, const pri_queue_params& params,
            const arch::register_view& regs, base::pa base, gerror& errors, stats::group* parent);

  tlm_utils::simple_initiator_socket<pri_queue> to_memory;

  /// A page request has arrived. False (and nothing happens) while the SMMU can hold no more; then
  /// on_room tells when to try again.
  [[nodiscard]] bool take(const arch::page_request& r);
  std::function<void()> on_room;
  bool has_room() const { return !m_pending.full(); }
  /// A response that the SMMU gives by itself; called in the thread of the queue, so it may wait.
  std::function<void(const arch::prg_response&)> on_response;

  /// PRIQ_PROD: WR with wrap, OVFLG[31].
  std::uint32_t prod() const { return m_prod | (m_overflow ? 1u << 31 : 0u); }
  /// PRIQ_CONS as software writes it: RD with wrap, OVACKFLG[31].
  void write_cons(std::uint32_t value) { m_cons = value; }
  std::uint32_t cons() const { return m_cons; }
  std::uint32_t entries() const { return 1u << m_log2_entries; }
  base::pa base() const { return m_base; }
  /// Where the queue lies, and PROD; only while it is disabled.
  void place(base::pa base, unsigned log2_entries);
  void set_prod(std::uint32_t value);
  /// PRIQ_IRQ_CFG2.LO.
  void interrupt_on_last(bool on) { m_on_last = on; }
  bool drained() const { return m_pending.empty(); }
  std::function<void()> on_interrupt;

  /// The last request of a group is a hop of its fault in `log`; null: none.
  void log_hops(kit::hop_log* log) { m_hops = log; }

  const pri_queue_stats& statistics() const { return m_stats; }

 private:
  void run();
  void handle(const arch::page_request& r);
  void refuse(const arch::page_request& r);
  void lose(const arch::page_request& r);
  bool write(const arch::page_request& r);
  void interrupt();
  arch::response_pasid ppar_of(base::stream_id sid);
  bool full() const { return ((m_prod - m_cons) & wrap_mask()) == entries(); }
  bool unacknowledged() const { return m_overflow != ((m_cons >> 31) != 0); }
  std::uint32_t wrap_mask() const { return 2 * entries() - 1; }

  const arch::register_view& m_regs;
  unsigned m_log2_entries;
  base::pa m_base;
  gerror& m_errors;
  pri_queue_stats m_stats;
  queue_memory m_memory;
  kit::hop_log* m_hops = nullptr;
  sc_core::sc_event m_work;
  uarch::ring_fifo<arch::page_request> m_pending;
  std::uint32_t m_prod = 0;
  std::uint32_t m_cons = 0;
  bool m_overflow = false;
  bool m_on_last = false;
};

}  // namespace svasim::smmu
