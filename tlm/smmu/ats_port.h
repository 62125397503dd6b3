// Where the SMMU and the ATS devices exchange messages (IHI 0070 3.9, 4.5, 8; PCIe 10.3, 10.4).
//
// CMD_ATC_INV becomes an Invalidate Request with an ITag of its destination, and is answered when
// all its completions are there, when the destination does not support it, or when it times out;
// then the next CMD_SYNC of its queue fails. Without a free ITag the queue that sends waits.
// PRG Responses, of CMD_PRI_RESP and of the PRI queue itself, are sent and forgotten.
//
// Messages are posted writes of traffic::message, one at a time; a target tells by an error that
// the function does not exist (UR). What devices send comes in by receive().
//
// Leaves out: credits and bytes of the link, which are the target's; Secure streams.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "arch/ats_message.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/smmu/queue_params.h"

namespace svasim::smmu {

struct ats_stats : stats::group {
  explicit ats_stats(stats::group* parent) : group(parent, "ats") {}
  stats::counter invalidations{this, "invalidations", "messages", "Invalidate Requests sent."};
  stats::counter completed{this, "completed", "messages", "Invalidate Requests that completed."};
  stats::counter unsupported{this, "unsupported", "messages",
                             "Invalidate Requests to a function that does not know them."};
  stats::counter timeouts{this, "timeouts", "messages", "Invalidate Requests never answered."};
  stats::counter unexpected{this, "unexpected", "messages",
                            "Completions of an ITag that is not in use."};
  stats::counter itag_waits{this, "itag_waits", "commands", "ATC_INV that waited for an ITag."};
  stats::counter responses{this, "responses", "messages", "PRG Responses sent."};
  stats::counter page_requests{this, "page_requests", "messages", "Page requests received."};
  stats::occupancy itags{this, "itags", "itags", "Invalidate Requests under way."};
  stats::histogram invalidation_time{this, "invalidation_time", "ps",
                                     "From sending an Invalidate Request to its last completion."};
};

/// The ATC invalidations of one command queue that no CMD_SYNC has waited for yet.
struct ats_account {
  std::uint32_t open = 0;
  bool failed = false;
};

class ats_port final : public sc_core::sc_module {
 public:
  ats_port(sc_core::sc_module_name name, const ats_params& params, stats::group* parent);

  tlm_utils::simple_initiator_socket<ats_port> to_device;

  /// In a thread: send what the legal CMD_ATC_INV asks for, as soon as there is an ITag.
  void invalidate(ats_account& by, const arch::command& atc_inv);
  /// In a thread: wait until all of `by` are answered. False where some timed out since the last
  /// call.
  [[nodiscard]] bool wait_answered(ats_account& by);
  /// In a thread: send a PRG Response.
  void respond(const arch::prg_response& r);
  /// A message of a device has arrived. Others than completions and page requests are not for an
  /// SMMU and are dropped.
  void receive(const arch::ats_message& m);
  std::function<void(const arch::page_request&)> on_page_request;

  /// A PRG Response is a hop of its fault in `log`; null: none.
  void log_hops(kit::hop_log* log) { m_hops = log; }

  const ats_stats& statistics() const { return m_stats; }

 private:
  struct open_request {
    ats_account* by = nullptr;  // null: free
    base::stream_id sid;
    std::uint8_t itag = 0;
    std::uint8_t received = 0;  // completions
    base::duration sent;
  };
  open_request* take_itag(base::stream_id sid);
  void close(open_request& r);
  void completed(open_request& r, std::uint8_t wanted);
  bool send(const arch::ats_message& m);
  void time_out();

  const ats_params m_params;
  ats_stats m_stats;
  kit::payload_pool m_pool;
  kit::hop_log* m_hops = nullptr;
  std::vector<open_request> m_open;
  std::uint32_t m_open_count = 0;
  sc_core::sc_event m_closed;
  sc_core::sc_event m_timer;
  sc_core::sc_mutex m_wire;
};

}  // namespace svasim::smmu
