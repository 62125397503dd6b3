// The DMA engine of a PCIe function: takes accesses from a feed, cuts them into requests (reads at
// Max_Read_Request_Size, writes at Max_Payload_Size, neither across 4 KiB; PCIe Base
// Spec 2.2.7, 2.2.9) and keeps a bounded number of them under way. Every request is untranslated
// (AT=00); with ATS, an atc between it and the link translates them.
//
// Modes: `open` issues at the time of the trace record, scaled, and falls behind when tags run out;
// `closed` issues as soon as a tag is free; `serial` has one packet of accesses in the whole system
// (of one, unless `packet` says more): the next is issued when all of it are answered.
//
// Responses arrive in order of time. Where nothing outside the device depends on when it sees one
// (the feed does not ask, issue is not bound to time, credits cannot run out), it is handled when
// it is announced, with its time annotated, and so is the request that follows: the same times with
// one kernel event less.
//
// Leaves out: the device's own work between accesses, ordering rules between its requests.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "tlm/kit/breakdown.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/payload_pool.h"
#include "trace/feed.h"

namespace svasim::device {

enum class issue_mode : std::uint8_t { open, closed, serial };

struct dma_engine_params {
  issue_mode mode = issue_mode::closed;
  std::uint32_t outstanding_reads = 128;
  std::uint32_t outstanding_writes = 128;
  std::uint32_t packet = 1;
  base::duration issue_interval = base::ps(0);
  std::uint32_t time_scale_ppm = 1000000;
  void describe(describe::visitor& v);
};

struct dma_engine_stats : stats::group {
  explicit dma_engine_stats(stats::group* parent) : group(parent, "dma") {}
  stats::counter accesses{this, "accesses", "accesses", "Trace records taken."};
  stats::counter issued{this, "issued", "requests", "Requests sent."};
  stats::counter completed{this, "completed", "requests", "Requests answered with success."};
  stats::counter faulted{this, "faulted", "requests", "Requests answered with an error."};
  stats::counter bytes{this, "bytes", "bytes", "Data of the requests that succeeded."};
  stats::counter mismatches{this, "output_mismatches", "requests",
                            "Requests whose stage-1 output differs from the trace."};
  stats::occupancy in_flight{this, "in_flight", "requests", "Requests under way."};
  stats::histogram read{this, "read_latency", "ps", "Issue to last data of a read."};
  stats::histogram write{this, "write_latency", "ps", "Issue of a write until memory has it."};
  stats::histogram translation{this, "translation_latency", "ps",
                               "Arrival at the TBU until translated."};
};

class dma_engine final : public sc_core::sc_module {
 public:
  using duration = base::duration;
  struct limits {
    base::byte_size mps;
    base::byte_size mrrs;
    bool credits_cover_outstanding = false;  ///< the link can never run out of credits
  };
  /// `feed` must outlive the module.
  dma_engine(sc_core::sc_module_name name, const dma_engine_params& params, limits tlp,
             trace::feed& feed, stats::group* parent);

  tlm_utils::simple_initiator_socket<dma_engine> to_link;

  /// Called once, when the feed has ended and nothing is under way.
  std::function<void(duration at)> on_finished;
  /// Called every 65536 completions (for progress); may be empty.
  std::function<void(std::uint64_t completed)> on_progress;
  /// Sees each request when its response has arrived and before it is counted, its stage log
  /// finished at `at`, with the part of its time that was translation; empty when nobody looks.
  std::function<void(const tlm::tlm_generic_payload&, duration at, duration translation)>
      on_request_done;

  const dma_engine_stats& statistics() const { return m_stats; }
  const kit::breakdown& stages() const { return m_stages; }
  bool finished() const { return m_finished; }
  /// When the last request so far was answered.
  duration last_done() const { return m_last_done; }
  /// "access to IOVA 0x.. of StreamID 0x..: got .., the trace says .."; empty while all agree.
  const std::string& first_mismatch() const { return m_first_mismatch; }

 private:
  using payload = tlm::tlm_generic_payload;

  // An access that has requests under way or still to send.
  struct live_access {
    trace::record record;
    std::uint32_t pending = 0;
    bool all_sent = false;
    bool failed = false;  // a request of it was answered with an error
  };

  void issue_now();
  void issue(duration at);
  void complete();
  void finish(payload& p, duration at);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  bool take_record(duration at);
  bool packet_is_full();
  bool may_send() const;
  bool wait_for_time(duration at);
  void send_piece(duration at);
  void account(payload& p, duration at);
  void compare_output(const payload& p);
  void release(live_access& access, std::uint32_t slot);
  std::uint32_t piece_length() const;

  const dma_engine_params m_params;
  const limits m_limits;
  trace::feed& m_feed;
  const bool m_notify_feed;
  const bool m_ahead_of_time;  // responses may be handled when announced
  dma_engine_stats m_stats;
  kit::breakdown m_stages;
  kit::payload_pool m_pool;
  kit::delay_line<payload*> m_completions;
  sc_core::sc_event m_issue_event;

  std::vector<live_access> m_live;
  std::vector<std::uint32_t> m_free_slots;
  std::uint32_t m_slot = 0;  // the access being sent
  bool m_have_record = false;
  std::uint32_t m_sent_bytes = 0;  // of it
  duration m_due;                  // when it was due
  duration m_next_request;         // the link takes the next one
  duration m_paced;                // the engine makes the next one
  bool m_link_busy = false;        // BEGIN_REQ without END_REQ
  bool m_link_freed = false;       // its END_REQ lies in the future, and issue goes on then
  std::uint32_t m_reads = 0;
  std::uint32_t m_writes = 0;
  std::uint32_t m_live_count = 0;
  std::uint32_t m_in_packet = 0;  // accesses taken of the present one
  bool m_feed_ended = false;
  bool m_finished = false;
  std::uint64_t m_done = 0;
  duration m_last_done;
  std::string m_first_mismatch;
};

}  // namespace svasim::device
