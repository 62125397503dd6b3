// Translation control unit: takes translation requests from TBUs, knows the configuration of
// streams (configuration_cache.h), has an optional TLB, and gives what needs memory to the walker.
// Requests beyond its translation slots wait in order of arrival. Faults become event records.
//
// Faults (3.12): a transaction that stalls is held in the stall table, without a slot here but with
// those of its TBU, until CMD_RESUME or CMD_STALL_TERM; a retry starts from the beginning.
// Translation Requests (3.9) come through an ats_request_port and are answered with a completion.
// CMD_PREFETCH_* translate without a trace but what enters the caches.
//
// Leaves out: merging of requests from different TBUs, PRI.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "arch/command.h"
#include "arch/event.h"
#include "arch/invalidation.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/smmu/configuration_cache.h"
#include "tlm/smmu/stall_table.h"
#include "tlm/smmu/tbu_params.h"
#include "tlm/smmu/tlb.h"
#include "tlm/smmu/walker.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct tcu_stats : stats::group {
  explicit tcu_stats(stats::group* parent) : group(parent, "tcu") {}
  stats::counter requests{this, "requests", "requests", "Translation requests."};
  stats::counter waited{this, "waited", "requests", "Requests that waited for a slot."};
  stats::counter waited_walk{this, "waited_walk", "requests",
                             "Requests that waited for a walk slot."};
  stats::counter faults{this, "faults", "requests", "Requests answered with a fault."};
  stats::counter stalls{this, "stalls", "records", "Stalls recorded."};
  stats::counter stalls_joined{this, "stalls_joined", "requests",
                               "Stalls that an earlier record stands for."};
  stats::counter stalls_waited{this, "stalls_waited", "requests",
                               "Stalls that waited for a record to be free."};
  stats::counter retried{this, "retried", "requests", "Stalled requests that began anew."};
  stats::counter terminated{this, "terminated", "requests", "Stalled requests that were ended."};
  stats::counter ats_requests{this, "ats_requests", "requests", "ATS Translation Requests."};
  stats::counter prefetches{this, "prefetches", "requests", "Lookups for CMD_PREFETCH_*."};
  stats::counter prefetches_dropped{this, "prefetches_dropped", "commands",
                                    "CMD_PREFETCH_* without a slot, or during another."};
  stats::counter invalidations{this, "invalidations", "commands", "TLBI and CFGI commands."};
  stats::occupancy slots{this, "slots", "slots", "Translation slots in use."};
  stats::occupancy stalled{this, "stalled", "records", "Stall records in use."};
  tlb_stats tlb{this, "tlb"};
};

class tcu final : public sc_core::sc_module {
 public:
  using tbu_socket = tlm_utils::passthrough_target_socket_tagged<tcu>;

  /// `tbus`: number of TBUs, at least 1; `tags.slots` each. `ats_slots`: Translation Requests that
  /// may be under way at an ats_request_port, which takes the socket behind those of the TBUs; 0:
  /// none. `walks` is this TCU's.
  tcu(sc_core::sc_module_name name, const tcu_params& params, const tbu_params& tags, unsigned tbus,
      const arch::register_view& regs, walker& walks, stats::group* parent,
      std::uint32_t ats_slots = 0);

  sc_core::sc_vector<tbu_socket> from_tbu;

  /// Drop what `inv` covers in the caches of the TCU. TBUs are told by the command queue.
  void invalidate(const arch::invalidation& inv);
  /// CMD_RESUME and CMD_STALL_TERM; without effect where nothing of the kind stalls.
  void resume(const arch::command& c);
  void stall_term(const arch::command& c);
  /// CMD_PREFETCH_CONFIG and CMD_PREFETCH_ADDR: dropped where a prefetch is under way, or no slot
  /// is free.
  void prefetch(const arch::command& c);
  /// Stalls may be recorded again that could not before.
  void retry_stalls();

  /// A fault to be recorded; `mev`: STE.MEV.
  std::function<void(const arch::event& e, bool mev)> on_event;
  /// A record with Stall = 1, and whether there is room for one. Without them nothing is recorded.
  std::function<void(const arch::event&)> on_stall;
  std::function<bool()> can_stall;

  /// Each recorded stall is a fault in `log` until it has a translation or an answer; null: none.
  void log_hops(kit::hop_log* log) { m_hops = log; }

  const tcu_stats& statistics() const { return m_stats; }
  const configuration_cache& configurations() const { return m_configs; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  // tcu.cpp
  tlm::tlm_sync_enum request(int tbu, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void arrivals();
  void take_slot(payload& p, duration at);
  void accept(payload& p, duration at);
  void look_up_config(walker::job& job, const arch::config_key& key, duration at);
  bool from_tlb(payload& p, walker::job& job);
  std::uint64_t tag_for(const kit::dma_extension& ext, const arch::decoded_config& config) const;
  void slot_freed();
  void invalidate_config(const arch::invalidation& inv);
  const walker::job* walk_done(payload& p, const arch::translation_result& result,
                               const arch::decoded_config& config, duration at, bool stale);
  void keep(const arch::translation& t, const payload& p);

  // tcu_answer.cpp
  void respond(payload& p, const arch::translation_result& result,
               const arch::decoded_config& config, duration at);
  void complete(payload& p, const arch::translation_result& result,
                const arch::decoded_config& config);
  void reply(payload& p, duration at);
  void stall(payload& p, arch::event e, duration at);
  void log_stall(const payload& p, const arch::event& e);
  void log_retry(const payload& p);
  void log_stall_end(const payload& p, bool resolved, duration at);
  void retry(payload& p);
  void tell_tbu(payload& p, tlm::tlm_phase phase);
  void terminate(payload& p, arch::fault_response how);
  void prefetch_next();

  const tcu_params m_params;
  const tbu_params m_tags;
  const arch::register_view& m_regs;
  walker& m_walker;
  tcu_stats m_stats;
  configuration_cache m_configs;
  tlb m_tlb;
  kit::ports m_tlb_ports;
  kit::delay_line<payload*> m_arrivals;
  std::uint32_t m_slots_used = 0;
  uarch::ring_fifo<payload*> m_waiting;        // for a translation slot
  uarch::ring_fifo<walker::job> m_walk_queue;  // for a walk slot
  walker::job m_new_job;                       // being made
  walker::job m_next_job;
  stall_table<payload*> m_stalls;
  kit::hop_log* m_hops = nullptr;
  std::vector<std::pair<const payload*, kit::fault_key>> m_logged;  // stalls in m_hops
  // Tags of stalls that are retried, beyond all STAGs.
  static constexpr std::uint32_t first_retry_tag = 1u << 31;
  std::uint32_t m_retries_logged = 0;

  struct prefetching {
    arch::command what;
    std::uint32_t left = 0;
    bool busy = false;
  };
  static constexpr std::uint8_t own_port = 0xff;  // of requests of the TCU itself
  bool is_config_prefetch(const payload& p) const {
    return kit::extension_of(p).port == own_port &&
           m_prefetch.what.op == arch::opcode::prefetch_config;
  }
  prefetching m_prefetch;
  sc_core::sc_event m_prefetch_due;
  arch::translation_result m_prefetched;
  kit::payload_pool m_pool;
};

}  // namespace svasim::smmu
