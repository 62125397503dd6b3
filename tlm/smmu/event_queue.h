// The event queue (IHI 0070 3.5.1, 7.2, 7.4): fault records go to memory one after the other, PROD
// follows, an interrupt is raised when the queue was empty. A record is written where CR0.EVENTQEN
// is set, the queue is not full and GERROR.EVENTQ_ABT not active. One that finds the queue full is
// discarded, counted and flagged as overflow; one that finds it disabled or aborted, or all of the
// SMMU's own few places taken, is discarded and counted only. A write that ends in an external
// abort raises EVENTQ_ABT, and its record is lost.
//
// Stall records (3.12.2) are never discarded: they have places of their own, and wait there until
// they can be written. Who stalls transactions asks can_record_stall() first, and is told when a
// place is free again.
//
// Merging (7.3.1), if it is on: a record that may be merged with one that waits here, or with the
// last one in the queue that software has not consumed yet, is not written again.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>

#include "arch/event.h"
#include "arch/registers.h"
#include "base/address.h"
#include "stats/counter.h"
#include "tlm/smmu/gerror.h"
#include "tlm/smmu/queue_memory.h"
#include "tlm/smmu/queue_params.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct event_queue_stats : stats::group {
  explicit event_queue_stats(stats::group* parent) : group(parent, "event_queue") {}
  stats::counter recorded{this, "recorded", "events", "Records written."};
  stats::counter merged{this, "merged", "events", "Events that an earlier record stands for."};
  stats::counter discarded_full{this, "discarded_full", "events", "Lost as the queue was full."};
  stats::counter discarded_pending{this, "discarded_pending", "events",
                                   "Lost as the SMMU could hold no more."};
  stats::counter discarded_disabled{this, "discarded_disabled", "events",
                                    "Lost as the queue was disabled or had an abort."};
  stats::counter overflows{this, "overflows", "overflows", "Times that OVFLG was toggled."};
  stats::counter interrupts{this, "interrupts", "interrupts",
                            "Times that the queue was empty before a record."};
};

class event_queue final : public sc_core::sc_module {
 public:
  /// `regs` and `errors` must outlive the module.
  event_queue(sc_core::sc_module_name name, const event_queue_params& params,
              const arch::register_view& regs, base::pa base, gerror& errors, stats::group* parent);

  tlm_utils::simple_initiator_socket<event_queue> to_memory;

  /// A record that does not stall. `mev`: STE.MEV, it may be merged.
  void record(const arch::event& e, bool mev = false);
  /// Is there a place for a stall record?
  bool can_record_stall() const { return !m_stalls.full(); }
  /// A record with Stall = 1. Throws std::logic_error where there is no place.
  void record_stall(const arch::event& e);
  /// Called when a place for stall records is free again.
  std::function<void()> on_stall_room;

  /// EVENTQ_PROD: WR with wrap, OVFLG[31].
  std::uint32_t prod() const { return m_prod | (m_overflow ? 1u << 31 : 0u); }
  /// EVENTQ_CONS as software writes it: RD with wrap, OVACKFLG[31].
  void write_cons(std::uint32_t value);
  std::uint32_t cons() const { return m_cons; }
  std::uint32_t entries() const { return 1u << m_log2_entries; }
  base::pa base() const { return m_base; }
  /// Where the queue lies, and PROD; only while it is disabled.
  void place(base::pa base, unsigned log2_entries);
  void set_prod(std::uint32_t value);
  /// Nothing is on its way to memory.
  bool drained() const { return m_pending.empty() && m_stalls.empty() && !m_writing; }
  /// What may be written has changed: CR0.EVENTQEN.
  void wake() { m_work.notify(sc_core::SC_ZERO_TIME); }

  /// Records without stall that came, and those of them that are written or lost; what CMD_SYNC
  /// waits for. `progress` fires when settled() has risen.
  std::uint64_t accepted() const { return m_accepted; }
  std::uint64_t settled() const { return m_settled; }
  const sc_core::sc_event& progress() const { return m_progress; }
  /// Called when the queue goes from empty to non-empty.
  std::function<void()> on_interrupt;

 private:
  struct item {
    arch::event event;
    bool mev = false;
    std::uint64_t number = 0;
  };
  void run();
  bool blocked() const;
  bool full() const;
  bool is_merged(const arch::event& e, bool mev) const;
  void discard();
  void write_next();
  bool write(const item& i);

  const event_queue_params m_params;
  const arch::register_view& m_regs;
  unsigned m_log2_entries;
  base::pa m_base;
  gerror& m_errors;
  event_queue_stats m_stats;
  queue_memory m_memory;
  sc_core::sc_event m_work;
  sc_core::sc_event m_progress;
  uarch::ring_fifo<item> m_pending;
  uarch::ring_fifo<item> m_stalls;
  item m_last;  // written last, or being written
  bool m_last_known = false;
  std::uint64_t m_numbers = 0;
  std::uint64_t m_accepted = 0;
  std::uint64_t m_settled = 0;
  bool m_writing = false;
  std::uint32_t m_prod = 0;
  std::uint32_t m_cons = 0;
  bool m_overflow = false;
};

}  // namespace svasim::smmu
