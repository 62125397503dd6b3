// Translation control unit: takes translation requests from TBUs, knows the configuration of
// streams (configuration cache: STE and CD merged, IHI 0070 16.2), has an optional TLB, and gives
// what needs memory to the walker. Requests beyond its translation slots wait in order of arrival.
// Faults become event records.
//
// It also carries invalidations to the TBUs and the caches here, and tells when a CMD_SYNC may
// complete.
//
// Leaves out: merging of requests from different TBUs, separate STE and CD caches, ATS and PRI.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "arch/event.h"
#include "arch/invalidation.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/smmu/smmu_params.h"
#include "tlm/smmu/tlb.h"
#include "tlm/smmu/walker.h"
#include "uarch/ring_fifo.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

struct tcu_stats : stats::group {
  explicit tcu_stats(stats::group* parent) : group(parent, "tcu") {}
  stats::counter requests{this, "requests", "requests", "Translation requests."};
  stats::counter waited{this, "waited", "requests", "Requests that waited for a slot."};
  stats::counter waited_walk{this, "waited_walk", "requests",
                             "Requests that waited for a walk slot."};
  stats::counter faults{this, "faults", "requests", "Requests answered with a fault."};
  stats::counter invalidations{this, "invalidations", "commands", "TLBI and CFGI commands."};
  stats::occupancy slots{this, "slots", "slots", "Translation slots in use."};
  tlb_stats configuration_cache{this, "configuration_cache"};
  tlb_stats tlb{this, "tlb"};
};

class tcu final : public sc_core::sc_module {
 public:
  using tbu_socket = tlm_utils::passthrough_target_socket_tagged<tcu>;

  /// `tbus`: number of TBUs, at least 1; `tbu_slots`: all their slots together. `walks` is this
  /// TCU's.
  tcu(sc_core::sc_module_name name, const tcu_params& params, const tbu_params& tags, unsigned tbus,
      const arch::register_view& regs, walker& walks, stats::group* parent);

  sc_core::sc_vector<tbu_socket> from_tbu;

  /// Drop what `inv` covers in the caches of the TCU. TBUs are told by the command queue.
  void invalidate(const arch::invalidation& inv);
  /// A fault to be recorded.
  std::function<void(const arch::event&)> on_event;

  const tcu_stats& statistics() const { return m_stats; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;
  using config_cache = uarch::set_associative_cache<std::uint64_t, arch::decoded_config>;

  tlm::tlm_sync_enum request(int tbu, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void arrivals();
  void accept(payload& p, duration arrived);
  bool from_tlb(payload& p, const arch::decoded_config& config, duration at);
  void respond(payload& p, const arch::translation_result& result, duration at);
  void slot_freed();
  void invalidate_config(const arch::invalidation& inv);
  const walker::job* walk_done(payload& p, const arch::translation_result& result, duration at,
                               bool stale);
  void keep(const arch::translation& t, const payload& p);

  const tcu_params m_params;
  const tbu_params m_tags;
  const arch::register_view& m_regs;
  walker& m_walker;
  tcu_stats m_stats;
  config_cache m_configs;
  tlb m_tlb;
  kit::delay_line<payload*> m_arrivals;
  std::uint32_t m_slots_used = 0;
  uarch::ring_fifo<payload*> m_waiting;        // for a translation slot
  uarch::ring_fifo<walker::job> m_walk_queue;  // for a walk slot
  walker::job m_next_job;
  bool m_deferred_slot = false;
};

}  // namespace svasim::smmu
