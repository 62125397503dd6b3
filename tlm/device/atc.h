// The Address Translation Cache of a device (PCIe 10.2, 10.3; Arm IHI 0070 3.9): between its engine
// and its link. A request whose translation is held goes up as Translated; others are parked until
// a Translation Request is answered, and a page that is absent is asked for by the page-request
// interface. Requests that hit pass those that wait.
//
//   engine -> slots -> lookup -+-> egress -> link
//                              +-> misses -> Translation Requests -> egress
//                                    +-> page requests -> egress
//
// NW is set by the access: a write asks for what a read-only translation does not allow. An
// Invalidate Request drops entries, turns answers to requests that are under way away, and is
// completed when the reads that use what it covers have their data, behind all earlier writes.
// The queue of invalidations holds those not served yet; what is served waits for its reads beside
// it, as taking a message must not depend on completions, which cannot pass it on the link.
//
// Messages, Translation Requests and requests share one way out, in order; what is posted passes
// reads and Translation Requests that the link holds (PCIe 2.4).
//
// Translation Requests ask for one translation each; neighbours are prefetched by requests of their
// own, which leave no page requests. Leaves out: completions with several translations, U and
// global entries (the SMMU makes none), several ITags in one completion, atomics, untranslated
// requests once ATS is on. The engine before it must not handle responses ahead of time
// (dma_engine::limits::credits_cover_outstanding off).
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tsl/robin_map.h>
#include <deque>
#include <tlm>
#include <vector>

#include "arch/ats.h"
#include "arch/ats_message.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "tlm/device/atc_store.h"
#include "tlm/device/growing_ring.h"
#include "tlm/device/page_request_interface.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/ports.h"
#include "uarch/hash.h"

namespace svasim::device {

struct atc_stats : stats::group {
  explicit atc_stats(stats::group* parent) : group(parent, "atc") {}
  stats::counter refused{this, "refused", "requests", "Stops of the engine for want of a slot."};
  stats::counter translated{this, "translated", "requests", "Translated requests sent."};
  stats::counter failed{this, "failed", "requests", "Requests answered with an error by the ATC."};
  stats::counter coalesced{this, "coalesced", "requests",
                           "Misses that waited for the request of another."};
  stats::counter asked{this, "translation_requests", "requests", "Translation Requests sent."};
  stats::counter prefetches{this, "prefetches", "requests", "... of them to prefetch."};
  stats::counter upgrades{this, "upgrades", "requests",
                          "... of them anew for a write, after a read-only answer."};
  stats::counter granted{this, "granted", "completions", "Completions that gave access."};
  stats::counter absent{this, "absent", "completions", "Completions without the access needed."};
  stats::counter stale{this, "stale", "completions",
                       "Completions that an invalidation overtook; asked for anew."};
  stats::counter unsupported{this, "unsupported", "completions", "Completions with UR."};
  stats::counter aborted{this, "aborted", "completions", "Completions with CA."};
  stats::counter gave_up{this, "gave_up", "pages", "Pages absent after all retries."};
  stats::counter resolved{this, "resolved", "pages", "Absent pages that became present."};
  stats::counter unresolved{this, "unresolved", "pages", "Absent pages whose accesses failed."};
  stats::counter invalidations{this, "invalidations", "messages", "Invalidate Requests taken."};
  stats::counter completions{this, "completions", "messages", "Invalidate Completions sent."};
  stats::counter held{this, "held", "messages", "Invalidate Requests that the link had to hold."};
  stats::counter unknown{this, "unknown", "messages", "Messages that are not for an ATC; dropped."};
  stats::occupancy slots{this, "slots", "requests", "Requests in the ATC."};
  stats::occupancy pages{this, "pages", "pages", "Pages asked for, and requested."};
  stats::occupancy requests{this, "requests_under_way", "requests",
                            "Translation Requests under way."};
  stats::occupancy queue{this, "invalidate_queue", "messages",
                         "Invalidate Requests not served yet."};
  stats::histogram translation{this, "request_time", "ps",
                               "From making a Translation Request until its completion."};
  stats::histogram fault{this, "fault_time", "ps",
                         "From the miss of an absent page until it is translated."};
  stats::histogram invalidation{this, "invalidation_time", "ps",
                                "From an Invalidate Request until its completion is on the link."};
};

class atc final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  /// `segment`: bits of its StreamIDs above the RequesterID.
  atc(sc_core::sc_module_name name, const atc_params& params, stats::group* parent,
      std::uint32_t segment = 0, std::uint64_t seed = 1);

  tlm_utils::passthrough_target_socket<atc> from_engine;
  tlm_utils::simple_initiator_socket<atc> to_link;
  /// Messages: Invalidate Requests, PRG Responses.
  tlm_utils::passthrough_target_socket<atc> from_link;

  /// A PASID ends: a stop marker follows its last page request. Its accesses must be over.
  void end_pasid(std::uint16_t requester_id, base::substream_id ssid);
  page_request_interface& pri() { return m_pri; }
  /// From here on it acknowledges invalidations and forgets nothing: a broken device, for tests of
  /// what has to catch it.
  void keep_invalidated() { m_forgets = false; }

  const atc_stats& statistics() const { return m_stats; }
  const atc_store_stats& cache_statistics() const { return m_store.statistics(); }
  /// Nothing is parked, under way or waiting.
  bool idle() const;

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint32_t itags = 32;  // invalidations of a function under way

  // A request of the engine, from its arrival until its response has reached the engine.
  struct access {
    payload* p = nullptr;
    atc_key key;
    std::uint64_t address = 0;  // virtual
    std::uint32_t next = none;  // in its list
    std::uint32_t drains = 0;   // invalidations that wait for it, a bit each
    duration answered = kit::never;
    bool write = false;
    bool in_use = false;  // its translation is, until `answered`
  };
  // A page that is being asked for.
  enum class state : std::uint8_t { free, queued, asked, absent };
  struct page {
    state now = state::free;
    atc_key key;
    std::uint64_t number = 0;         // address / STU
    std::uint64_t address = 0;        // asked for
    bool write = false;               // asked with NW = 0
    bool speculative = false;         // a prefetch; nobody waits
    bool was_absent = false;          // since `missed`
    bool requested_write = false;     // its last page request was for writing
    bool asked_before = false;        // its next request asks for nothing else
    std::uint32_t next_rider = none;  // asked for in the same request, address by address
    std::uint32_t entries = none;     // of a request for several: its place in m_entries
    std::uint32_t attempts = 0;       // page requests made
    std::uint32_t group = page_request_interface::no_group;
    std::uint32_t first = none, last = none;  // accesses that wait
    payload* request = nullptr;
    arch::ats_completion completion;
    std::uint64_t stale_address = 0;  // what was invalidated while it was asked
    unsigned stale_shift = 0;         // 0: nothing
    duration missed;
    duration round;  // began to ask, this time
    fault_path path;
  };
  // A completion of several translations.
  struct several {
    std::uint32_t place = none;  // in m_entries
    std::uint32_t count = 0;     // that it has
    std::uint64_t address = 0;
    fault_path path;
  };
  // Of the accesses that wait for a page.
  struct needs {
    bool read = false, write = false;
  };
  struct page_id {
    std::uint64_t tag;
    std::uint64_t number;
    bool operator==(const page_id& o) const { return tag == o.tag && number == o.number; }
  };
  struct page_id_hash {
    std::size_t operator()(const page_id& k) const { return uarch::mix(k.number, k.tag); }
  };
  struct invalidation {
    bool taken = false;
    arch::ats_message message;
    duration arrived;
    std::uint32_t open = 0;  // uses to wait for
    duration drained;        // the last of them
  };
  struct message_node {
    arch::ats_message message;
    std::uint32_t completes = none;  // invalidation
  };

  // requests of the engine (atc.cpp)
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void take(payload& p, duration at);
  void admit_refused();
  void lookups();
  void grant(std::uint32_t index, std::uint64_t output);
  void fail(std::uint32_t index);
  void pump();
  void send(payload& p);
  void put(payload& p);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void answered(payload& p, duration at);
  std::uint32_t new_access();

  // misses (atc_miss.cpp)
  void miss(std::uint32_t index);
  std::uint32_t new_page(const atc_key& key, std::uint64_t number);
  void free_page(std::uint32_t index);
  void wait_for(std::uint32_t index, std::uint32_t waiter);
  needs needs_of(const page& w) const;
  void enter_waiters(page& w, kit::stage first, kit::stage others);
  void ask(std::uint32_t index);
  void send_request(std::uint32_t index);
  void leader_completed(std::uint32_t index);
  void answers();
  void completed(std::uint32_t index);
  void note_path(page& w);
  bool is_stale(const page& w) const;
  void serve(std::uint32_t index);
  void absent(std::uint32_t index);
  void request_page(std::uint32_t index);
  void retries();
  void group_answered(std::uint32_t index, std::uint32_t group,
                      page_request_interface::answer what);
  void conclude(std::uint32_t index, bool resolved);
  void fail_page(std::uint32_t index);

  // ahead of time (atc_ahead.cpp)
  std::uint32_t take_riders(std::uint32_t index);
  void riders_completed(std::uint32_t rider, const several& of);
  void prefetch_behind(const page& w);

  // messages (atc_messages.cpp)
  tlm::tlm_sync_enum message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  bool may_take_invalidation() const;
  void admit_held();
  void take_invalidation(const arch::ats_message& m, duration at);
  void invalidations();
  void drop(std::uint32_t index);
  void use_ended(access& a, duration at);
  void drained();
  void send_message(const arch::ats_message& m, std::uint32_t completes);
  void message_sent(payload& p);
  void responses();

  const atc_params m_params;
  const std::uint32_t m_segment;
  const unsigned m_stu_shift;
  atc_stats m_stats;
  atc_store m_store;
  page_request_interface m_pri;
  kit::payload_pool m_pool;

  std::vector<access> m_accesses;
  std::uint32_t m_free_access = none;
  std::uint32_t m_first_done = none, m_last_done = none;  // answered, perhaps in the future
  std::uint32_t m_occupied = 0;                           // slots
  payload* m_refused = nullptr;
  duration m_refused_at;
  kit::ports m_ports;
  kit::delay_line<std::uint32_t> m_lookups;

  std::deque<page> m_pages;  // completions are pointed at: they stay where they are
  std::vector<std::uint32_t> m_free_pages;
  std::uint32_t m_pages_in_use = 0;
  tsl::robin_map<page_id, std::uint32_t, page_id_hash> m_asked;  // where requests coalesce
  growing_ring<std::uint32_t> m_to_ask;
  std::uint32_t m_requests = 0;                 // under way
  std::vector<arch::ats_completion> m_entries;  // of requests for several translations
  std::vector<std::uint32_t> m_free_entries;
  kit::delay_line<std::uint32_t> m_answers;
  kit::delay_line<std::uint32_t> m_retries;

  // Posted requests, and others, in order of their numbers.
  struct outgoing {
    payload* p = nullptr;
    std::uint64_t number = 0;
  };
  growing_ring<outgoing> m_egress[2];  // [1]: posted
  std::uint64_t m_put = 0;
  payload* m_handed_over[2] = {};  // BEGIN_REQ without END_REQ
  duration m_link_free;
  sc_core::sc_event m_pump;

  std::vector<invalidation> m_invalidations;
  std::uint32_t m_invalidation_count = 0;
  bool m_forgets = true;
  payload* m_held = nullptr;  // an Invalidate Request that the link holds
  arch::ats_message m_held_message;
  duration m_service_free;
  kit::delay_line<std::uint32_t> m_serviced;
  kit::delay_line<std::uint32_t> m_drained;
  kit::delay_line<arch::prg_response> m_responses;
  std::deque<message_node> m_messages;
  std::vector<std::uint32_t> m_free_messages;
};

}  // namespace svasim::device
