// Translation buffer unit (as of Arm's MMU-600/700): in the path of the DMA, with a uTLB and a main
// TLB before it asks the TCU.
//
// A request is looked up when it is taken. A hit goes on to the interconnect after the lookup time.
// A miss takes a translation slot; while another miss of the same stream and page is under way it
// waits for that one (hazard), else a translation request goes to the TCU. A miss without a slot,
// or a full egress, keeps the request outside, which stops the root complex: hits behind it wait
// too. Misses finish out of order.
//
// A request may be offered ahead of its time (annotated) by whom knows that no command comes in
// between. With nothing under way here a hit is then served at once, as nothing can change the TLBs
// before its time; anything else waits outside until then.
//
// TLB tags: by (StreamID, SubstreamID), or by ASID and VMID, so that streams of one address space
// share entries (IHI 0070 3.17); for the latter the TBU keeps the ASID and VMID of a few streams,
// as the TCU told them. Entry span: one page, or the whole leaf. A hit whose permission does not
// suffice is translated again by the TCU, which faults it or not.
//
// Invalidation (IHI 0070 3.21.1): entries go at once; misses under way are not entered. CFGI leaves
// entries by ASID alone, but drops those by stream, as the stream may have another table now.
// `epochs` count the transactions taken before a CMD_SYNC, which completes when they have.
//
// Leaves out: bypass entries (a bypassed stream asks the TCU each time), global entries as matching
// every ASID (they are found under their own), entries under a TBI alias, in-order release,
// prefetch.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "arch/invalidation.h"
#include "arch/translation.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/smmu/smmu_params.h"
#include "tlm/smmu/sync_epochs.h"
#include "tlm/smmu/tlb.h"
#include "uarch/miss_file.h"
#include "uarch/ring_fifo.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

struct tbu_stats : stats::group {
  tbu_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter taken{this, "taken", "requests", "Requests taken from the root complex."};
  stats::counter refused_slots{this, "refused_slots", "requests", "Stops for want of a slot."};
  stats::counter refused_egress{this, "refused_egress", "requests", "Stops as egress was full."};
  stats::counter hazards{this, "hazards", "requests", "Misses that joined one under way."};
  stats::counter translations{this, "translations", "requests", "Requests sent to the TCU."};
  stats::counter faults{this, "faults", "requests", "Transactions that ended in a fault."};
  stats::counter invalidations{this, "invalidations", "commands", "TLBI received."};
  stats::occupancy slots{this, "slots", "slots", "Translation slots in use."};
  tlb_stats utlb{this, "utlb"};
  tlb_stats main_tlb{this, "main_tlb"};
};

class tbu final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;

  tbu(sc_core::sc_module_name name, const tbu_params& params, stats::group* parent);

  tlm_utils::passthrough_target_socket<tbu> from_root_complex;
  tlm_utils::simple_initiator_socket<tbu> to_interconnect;
  tlm_utils::simple_initiator_socket<tbu> to_tcu;

  /// Drop what `inv` covers. The TCU calls it when its message has arrived here.
  void invalidate(const arch::invalidation& inv);
  /// Start a new epoch: transactions taken from now on are not waited for. False while the epoch
  /// before the last is not over (one CMD_SYNC at a time).
  bool begin_sync() { return m_epochs.begin(); }
  /// When all transactions of the epoch that begin_sync() ended have completed; kit::never while
  /// some have not. `on_sync` is called when the last of them completes.
  base::duration synced_at() const { return m_epochs.over_at(); }
  std::function<void()> on_sync;

  /// Sees each translated request before it leaves (isolation checker); empty when off.
  std::function<void(const arch::access_request&, const arch::translation&, base::pa)>
      on_translated;

  const tbu_stats& statistics() const { return m_stats; }

 private:
  using duration = base::duration;
  struct miss {
    payload* origin = nullptr;
    payload* request = nullptr;
    arch::translation_result result;
    std::uint64_t tag = 0;
    std::uint64_t page = 0;
    bool stale = false;  // invalidated while under way
    bool used = false;
  };
  struct found {
    const arch::translation* entry;
    duration latency;
    bool utlb_hit, main_hit;
  };
  enum class taking : std::uint8_t { taken, no_slot, no_egress, too_early };

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  bool idle() const;
  taking take(payload& p, duration present, duration& answered);
  taking retry_refused();
  void count_refusal(taking why);
  void in_time();
  bool tag_of(const kit::dma_extension& ext, std::uint64_t& tag);
  found look_up(const kit::dma_extension& ext, std::uint64_t tag);
  void count_lookup(const found& f);
  void miss_path(payload& p, std::uint64_t tag, duration at);
  void ask_tcu(payload& p, std::uint64_t tag, duration at);

  void answers();
  void finish_miss(miss& m);
  void enter_tlbs(const miss& m);
  void pass_on(payload& p, const arch::translation& t);
  duration forward(payload& p, const arch::translation& t, duration at);
  duration send(payload& p, duration at);
  void answer(payload& p, duration at);
  void fail(payload& p);
  void completed(const kit::dma_extension& ext, duration at);
  void invalidate_config(const arch::invalidation& inv);

  const tbu_params m_params;
  const duration m_cycle;
  const duration m_miss_time;  // lookup of both TLBs
  tbu_stats m_stats;
  tlb m_utlb;
  tlb m_main;
  struct stream_tag {
    std::uint64_t tag;
  };
  uarch::set_associative_cache<std::uint64_t, stream_tag> m_streams;  // only with tags by ASID

  uarch::miss_file<std::uint64_t, payload*> m_hazards;
  std::vector<miss> m_misses;
  std::vector<std::uint32_t> m_free_misses;
  std::uint32_t m_slots_used = 0;
  kit::payload_pool m_pool;
  kit::delay_line<std::uint32_t> m_answers;

  payload* m_refused = nullptr;  // waits outside
  bool m_early = false;          // ... for its time to come
  sc_core::sc_event m_in_time;
  payload* m_offered = nullptr;  // the interconnect has not taken it yet
  uarch::ring_fifo<payload*> m_egress;
  duration m_egress_free;

  sync_epochs m_epochs;
};

}  // namespace svasim::smmu
