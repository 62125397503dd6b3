// A PCI Express link between a device (or switch) and a root complex (or switch) (PCIe Base
// Spec 2.4, 2.6, 4.2): serialisation in both directions, flight time, a transmit queue,
// flow-control credits that really stall.
//
// Upstream, the transmit state is private to one device whose calls come in order, so a TLP's start
// is computed when it is handed over and the request is forwarded with its time annotated. A
// request without credits gets its END_REQ later; request exclusion holds for posted and non-posted
// ones apart, so that a device may send a posted one past a read that waits (not the reverse).
//
// Downstream, completions come out of order from memory, so they wait for their time in a delay
// line and take the wire in order of time (in batches: the device sees nothing of them before the
// flight time is over). A posted write has no completion TLP: its response is
// the model's notice to the device that memory has taken the data; it travels in order with the
// completions and costs no wire time. So the device sees responses in order of time.
//
// Messages down have a place among the completions, and posted credits. A device that does not take
// one (TLM_ACCEPTED, END_REQ later) stops all behind it, at its receiver, and once the credits are
// used up, at the transmitter. A device takes a message by TLM_COMPLETED; a switch holds it
// (TLM_UPDATED) and answers by BEGIN_RESP when its buffer is free.
//
// Credits return with the ignorable phase update_fc, sent backward by the receiver when it frees
// the buffer; those of completions, which only a switch limits, by completion_freed(). Leaves out:
// retries, relaxed ordering.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <functional>
#include <tlm>
#include <vector>

#include "stats/counter.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/pcie/credit_pool.h"
#include "tlm/pcie/link_params.h"

namespace svasim::pcie {

struct link_stats : stats::group {
  explicit link_stats(stats::group* parent) : group(parent, "link") {}
  stats::counter up_tlps{this, "up_tlps", "TLPs", "TLPs sent towards the root complex."};
  stats::counter up_bytes{this, "up_bytes", "bytes",
                          "Bytes on the wire, towards the root complex."};
  stats::counter up_busy{this, "up_busy", "ps", "Time the wire up was in use."};
  stats::counter completions{this, "completions", "requests", "Reads answered with completions."};
  stats::counter messages_down{this, "messages_down", "TLPs", "Messages sent to the device."};
  stats::counter down_bytes{this, "down_bytes", "bytes", "Bytes on the wire, towards the device."};
  stats::counter down_busy{this, "down_busy", "ps", "Time the wire down was in use."};
  stats::counter credit_stalls{this, "credit_stalls", "TLPs", "TLPs that waited for credits."};
  stats::counter down_stalls{this, "down_stalls", "TLPs",
                             "TLPs towards the device that waited for credits."};
  stats::counter refused{this, "refused", "TLPs", "Messages the device did not take at once."};
};

class link final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  link(sc_core::sc_module_name name, const link_params& params, stats::group* parent);

  tlm_utils::passthrough_target_socket<link> from_device;
  tlm_utils::simple_initiator_socket<link> to_root_complex;
  /// Messages down; END_REQ when one is on the wire, BEGIN_RESP when its receiver has taken it.
  tlm_utils::passthrough_target_socket_optional<link> from_root_complex;
  tlm_utils::simple_initiator_socket_optional<link> to_device;

  /// For a switch above this link: what it handed down takes the wire from `start` to `end`.
  std::function<void(payload&, duration start, duration end)> on_sent_down;
  /// From a switch below this link: the buffer of a completion is free at `at`.
  void completion_freed(const payload& p, duration at);

  const link_params& params() const { return m_params; }
  const link_stats& statistics() const { return m_stats; }
  /// What `bytes` (a multiple of 4) occupy the wire for.
  duration wire_time(std::uint64_t bytes) const { return m_wire_time[bytes / 4]; }
  /// Bytes on the wire of a request or message up.
  std::uint64_t up_bytes(const payload& p) const;
  /// Bytes on the wire of what answers `p`; 0 for a posted request.
  std::uint64_t completion_bytes(const payload& p) const;
  /// Bytes of the first TLP of those.
  std::uint64_t first_completion_bytes(const payload& p) const;

 private:
  struct stalled_request {
    payload* p = nullptr;
    duration since;
  };
  struct cost {
    std::uint64_t headers, data;
  };

  // link.cpp: up
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  /// Put the TLP on the wire at `start` and forward it; returns when the device may send its next.
  duration transmit(payload& p, bool posted, duration handed_over, duration start);
  void credit_returned(const payload& p, duration at);
  void release_stalled(bool posted);
  credit_pool& pool(bool posted) { return posted ? m_posted : m_nonposted; }

  // link_down.cpp
  tlm::tlm_sync_enum message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void send_down();
  duration take_credits_down(const payload& p, bool message, duration at);
  void transmit_down(payload& p, bool message, duration ready);
  void go_on_down();
  void deliver();
  tlm::tlm_sync_enum taken(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void message_taken(payload& p, duration at);
  cost completion_cost(const payload& p) const;

  const link_params m_params;
  const std::vector<duration> m_wire_time;  // by number of 4-byte words of a TLP
  link_stats m_stats;

  credit_pool m_posted;
  credit_pool m_nonposted;
  duration m_up_free;
  std::vector<duration> m_starts;  // of the last tx_queue TLPs, a ring
  std::size_t m_next_start = 0;
  std::array<stalled_request, 2> m_stalled;  // by posted: handed over, waiting for credits

  kit::delay_line<payload*> m_down;
  sc_core::sc_event m_due_down;       // messages, and what a switch sends, take no slack
  std::uint32_t m_messages_down = 0;  // in m_down
  bool m_down_stopped = false;        // its head waits for credits
  duration m_down_free;
  credit_pool m_posted_down;
  credit_pool m_completions_down;
  kit::delay_line<payload*> m_arrivals;  // at the receiver, from the first message on
  payload* m_refused = nullptr;          // the message before them, which the device did not take
};

}  // namespace svasim::pcie
