// The event queue (IHI 0070 3.5.1, 7.2, 7.4): fault records go to memory one after the other, PROD
// follows, an interrupt is raised when the queue was empty. A record that finds the queue full is
// discarded, toggles the overflow flag and is counted; so is one that finds the SMMU's own few
// places taken.
//
// Leaves out: merging, stall records.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>

#include "arch/event.h"
#include "base/address.h"
#include "stats/counter.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"
#include "tlm/smmu/smmu_params.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct event_queue_stats : stats::group {
  explicit event_queue_stats(stats::group* parent) : group(parent, "event_queue") {}
  stats::counter recorded{this, "recorded", "events", "Records written."};
  stats::counter discarded_full{this, "discarded_full", "events", "Lost as the queue was full."};
  stats::counter discarded_pending{this, "discarded_pending", "events",
                                   "Lost as the SMMU could hold no more."};
};

class event_queue final : public sc_core::sc_module {
 public:
  event_queue(sc_core::sc_module_name name, const event_queue_params& params, base::pa base,
              stats::group* parent);

  tlm_utils::simple_initiator_socket<event_queue> to_memory;

  void record(const arch::event& e);
  /// EVENTQ_PROD: WR with wrap, OVFLG[31].
  std::uint32_t prod() const { return m_prod | (m_overflow ? 1u << 31 : 0u); }
  /// EVENTQ_CONS as software writes it: RD with wrap, OVACKFLG[31].
  void write_cons(std::uint32_t value) { m_cons = value; }
  std::uint32_t cons() const { return m_cons; }
  std::uint32_t entries() const { return 1u << m_params.log2_entries; }
  base::pa base() const { return m_base; }
  /// Nothing is on its way to memory.
  bool drained() const { return m_pending.empty() && !m_writing; }
  /// Called when the queue goes from empty to non-empty.
  std::function<void()> on_interrupt;

 private:
  void run();

  const event_queue_params m_params;
  const base::pa m_base;
  event_queue_stats m_stats;
  kit::payload_pool m_pool;
  sc_core::sc_event m_work;
  uarch::ring_fifo<arch::event> m_pending;
  bool m_writing = false;
  std::uint32_t m_prod = 0;
  std::uint32_t m_cons = 0;
  bool m_overflow = false;
};

}  // namespace svasim::smmu
