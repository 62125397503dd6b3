// Translation buffer unit (as of Arm's MMU-600/700): in the path of the DMA, with a uTLB and a main
// TLB before it asks the TCU.
//
// A request is looked up when it is taken (tbu.cpp). A hit goes on to the interconnect after the
// lookup time (tbu_egress.cpp). A miss takes a translation slot; while another miss of the same
// stream to the same page, or to the same leaf table, is under way it waits for that one (hazard),
// else a translation request goes to the TCU, if there is a token for it (tbu_miss.cpp). A miss
// without a slot keeps the request outside, which stops the root complex, so that hits behind it
// wait too; or it waits aside (issue out of order). A full egress stops the root complex. Misses
// finish out of order; requests leave as they are ready, or in order for each stream and direction.
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
// ATS (3.9): Translation Requests do not come here, see ats_request_port.h. A Translated
// transaction passes without a look where CR0.ATSCHK is 0; else it needs what the TCU says of its
// stream, which is kept with the ASIDs (EATS = 1), or a stage-2 translation (split-stage ATS).
//
// Faults (3.12): the transaction ends in an error, or, where the fault model is RAZ/WI, well and
// without data. One that stalls stays in its slot until the TCU answers.
//
// Invalidation (IHI 0070 3.21.1): entries go at once; misses under way are not entered. CFGI leaves
// entries by ASID alone, but drops those by stream, as the stream may have another table now.
// `epochs` count the transactions that have a translation, or wait for the TCU's, when a CMD_SYNC
// begins: it completes when they have. One that has not asked yet, or that stalls, will be walked
// after the invalidation and does not count.
//
// Leaves out: bypass entries (a bypassed stream asks the TCU each time), global entries as matching
// every ASID (they are found under their own), entries under a TBI alias, PCIe ordering rules
// between requests.
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
#include "tlm/kit/ports.h"
#include "tlm/smmu/prefetcher.h"
#include "tlm/smmu/release_order.h"
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
  stats::counter refused_ports{this, "refused_ports", "requests", "Stops for want of a port."};
  stats::counter aside{this, "aside", "requests", "Misses that waited aside for a slot."};
  stats::counter hazards{this, "hazards", "requests", "Misses that joined one under way."};
  stats::counter table_hazards{this, "table_hazards", "requests",
                               "Misses that waited for one to the same leaf table."};
  stats::counter waited_token{this, "waited_token", "requests",
                              "Translation requests that waited for a token."};
  stats::counter prefetches{this, "prefetches", "requests", "Translations asked for ahead."};
  stats::counter prefetches_dropped{this, "prefetches_dropped", "requests",
                                    "Prefetches without a slot or token."};
  stats::counter stalled{this, "stalled", "requests", "Times that a transaction stalled."};
  stats::counter zeroed{this, "zeroed", "requests", "Faults that ended as RAZ/WI."};
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

  /// `stats_name`: of its statistics, where there are several.
  tbu(sc_core::sc_module_name name, const tbu_params& params, stats::group* parent,
      const char* stats_name = "tbu");

  tlm_utils::passthrough_target_socket<tbu> from_root_complex;
  tlm_utils::simple_initiator_socket<tbu> to_interconnect;
  tlm_utils::simple_initiator_socket<tbu> to_tcu;

  /// Drop what `inv` covers. The TCU calls it when its message has arrived here.
  void invalidate(const arch::invalidation& inv);
  /// Start a new epoch: transactions translated from now on are not waited for. False while the
  /// epoch before the last is not over (one CMD_SYNC at a time).
  bool begin_sync() { return m_epochs.begin(); }
  /// When all transactions of the epoch that begin_sync() ended have completed; kit::never while
  /// some have not. `on_sync` is called when the last of them completes.
  base::duration synced_at() const { return m_epochs.over_at(); }
  std::function<void()> on_sync;

  /// CR0 has changed: ATSCHK says whether Translated transactions are checked, and with SMMUEN
  /// clear no TLB is looked up, as GBPA decides, which the TCU knows (6.3.9). Both are set until
  /// told otherwise. Entries stay, to be found when SMMUEN is set again.
  void follow(const arch::register_view& regs);

  /// Sees each translated request before it leaves (isolation checker); empty when off.
  std::function<void(const arch::access_request&, const arch::translation&, base::pa,
                     const kit::dma_extension&)>
      on_translated;

  /// The TLB whose evictions cost walks: the main TLB, or the uTLB where there is none.
  tlb& largest_tlb() { return m_main.present() ? m_main : m_utlb; }

  const tbu_stats& statistics() const { return m_stats; }

 private:
  using duration = base::duration;
  struct miss {
    payload* origin = nullptr;  // null: a prefetch
    payload* request = nullptr;
    arch::translation_result result;
    std::uint64_t tag = 0;
    std::uint64_t page = 0;
    bool leads_table = false;  // others wait for it in m_table_hazards
    bool stale = false;        // invalidated while under way
    bool used = false;
    duration ready;
  };
  /// Where a transaction is looked up.
  struct place {
    std::uint64_t tag = 0;
    std::uint32_t utlb_part = 0, main_part = 0;
    bool known = false;   // else only the TCU can tell
    bool passes = false;  // a Translated transaction that needs no translation
  };
  struct found {
    const arch::translation* entry;
    duration latency;
    bool utlb_hit, main_hit;
  };
  struct waiting {
    payload* p = nullptr;
    std::uint64_t tag = 0;
  };
  enum class taking : std::uint8_t { taken, no_slot, no_egress, no_port, too_early };

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  // tbu.cpp
  bool idle() const;
  taking take(payload& p, duration present, duration& answered);
  void wake_at_port();
  taking retry_refused();
  void count_refusal(taking why);
  void in_time();
  place place_of(const kit::dma_extension& ext);
  found look_up(const kit::dma_extension& ext, const place& at, duration present);
  void count_lookup(const found& f);

  // tbu_miss.cpp
  void wait_aside(payload& p, std::uint64_t tag, duration at);
  void miss_path(payload& p, std::uint64_t tag, duration at);
  void join_or_ask(payload& p, std::uint64_t tag, duration at, bool after_table);
  std::uint64_t table_of(std::uint64_t address) const;
  miss& ask_tcu(payload* origin, const kit::dma_extension& like, std::uint64_t address,
                std::uint64_t tag, duration at);
  void send_request(std::uint32_t index, duration at);
  void prefetch(const miss& m);
  void answers();
  void slots_freed();
  void free_slot();
  void finish_miss(miss& m);
  void wake_page(const miss& m, const arch::translation& entry, bool shareable);
  void wake_table(miss& m, const arch::translation& entry, bool shareable);
  bool serve(payload& p, const arch::translation& entry);
  void enter_tlbs(const miss& m);
  void invalidate_config(const arch::invalidation& inv);

  // tbu_egress.cpp
  void pass_on(payload& p, const arch::translation& t);
  duration forward(payload& p, const arch::translation& t, duration at);
  duration leave(payload& p, duration at);
  duration leave_now(payload& p, duration at);
  duration send(payload& p, duration at);
  void answer(payload& p, duration at);
  [[gnu::cold]] void fail(payload& p, const arch::translation_result& r);
  void completed(const kit::dma_extension& ext, duration at) {
    if (m_epochs.leave(ext.epoch, at) && on_sync) on_sync();
  }

  const tbu_params m_params;
  const duration m_cycle;
  const duration m_miss_time;  // lookup of both TLBs
  const bool m_by_stream;      // the stream alone tells where an access is looked up
  const bool m_undivided;      // ... and there are no partitions
  tbu_stats m_stats;
  tlb m_utlb;
  tlb m_main;
  kit::ports m_utlb_ports, m_main_ports;
  prefetcher m_prefetcher;
  // What the TCU told of a stream.
  struct stream_state {
    std::uint64_t tag;
    base::vmid vmid;
    bool passes;
  };
  uarch::set_associative_cache<std::uint64_t, stream_state> m_streams;
  bool m_enabled = true;
  bool m_plain;  // m_undivided, and m_enabled
  bool m_check_translated = true;

  uarch::miss_file<std::uint64_t, payload*> m_hazards;
  uarch::miss_file<std::uint64_t, payload*> m_table_hazards;
  uarch::ring_fifo<waiting> m_aside;
  std::vector<miss> m_misses;
  std::vector<std::uint32_t> m_free_misses;
  std::uint32_t m_slots_used = 0;
  std::uint32_t m_tokens_used = 0;
  uarch::ring_fifo<std::uint32_t> m_token_queue;
  kit::payload_pool m_pool;
  kit::delay_line<std::uint32_t> m_answers;

  payload* m_refused = nullptr;  // waits outside
  bool m_early = false;          // ... for its time to come
  sc_core::sc_event m_in_time;
  payload* m_offered = nullptr;  // the interconnect has not taken it yet
  uarch::ring_fifo<payload*> m_egress;
  duration m_egress_free;
  release_order<payload*> m_order;

  sync_epochs m_epochs;
};

}  // namespace svasim::smmu
