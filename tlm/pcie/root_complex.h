// The root port a device hangs below: maps the RequesterID to a StreamID (IHI 0070 16.4:
// StreamID[15:0] = RequesterID, the bits above name the root complex), holds what has arrived until
// the TBU takes it, and then returns the flow-control credit. In order: a request that the TBU does
// not take stops those behind it. The receive buffer needs no bound of its own, credits bound it.
//
// Where nothing but the traffic itself changes the SMMU (`ahead_of_time`), a request with nothing
// before it is offered when it is announced, its time annotated: an idle TBU serves a hit at once.
//
// ATS Translation Requests go past the TBU, messages to whoever set on_message, messages of the
// SMMU down to the function they name. Ordering (PCIe Base Spec 2.4; vsva-flow section 2): nothing
// passes a posted write or message that came before; a message passes reads. An invalidate
// completion and an MSI go on only when every write before them has been answered.
//
// Leaves out: peer-to-peer, relaxed ordering. Posted writes do not pass a read that the TBU does
// not take (the TBU waits for nothing that a device sends).
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/pcie/message_pool.h"

namespace svasim::pcie {

struct root_complex_params {
  std::uint32_t segment = 0;
  base::duration up_latency = base::ns(5);
  base::duration down_latency = base::ns(5);
  base::frequency clock = base::mhz(1000);
  void describe(describe::visitor& v);
};

struct root_complex_stats : stats::group {
  explicit root_complex_stats(stats::group* parent) : group(parent, "root_complex") {}
  stats::counter requests{this, "requests", "requests", "Requests offered to the TBU."};
  stats::counter refused{this, "refused", "requests", "Requests the TBU did not take at once."};
  stats::counter translations{this, "translations", "requests", "ATS Translation Requests."};
  stats::counter messages{this, "messages", "TLPs", "Messages of devices handed on."};
  stats::counter message_waits{this, "message_waits", "TLPs",
                               "Messages for which there was no room at once."};
  stats::counter unclaimed{this, "unclaimed", "TLPs",
                           "Messages and Translation Requests with nobody to go to: dropped, and "
                           "answered as unsupported."};
  stats::counter messages_down{this, "messages_down", "TLPs", "Messages sent to devices."};
  stats::counter unknown_function{this, "unknown_function", "TLPs",
                                  "Messages to a function that is not below this port (UR)."};
  stats::histogram push_time{this, "push_time", "ps",
                             "What a completion of an invalidation waited for writes before it."};
};

class root_complex final : public sc_core::sc_module {
 public:
  /// `ahead_of_time`: no command will come to the SMMU behind this port.
  root_complex(sc_core::sc_module_name name, const root_complex_params& params, bool ahead_of_time,
               stats::group* parent);

  tlm_utils::passthrough_target_socket<root_complex> from_link;
  tlm_utils::simple_initiator_socket<root_complex> to_tbu;
  /// Translation Requests, where the SMMU has a port for them.
  tlm_utils::simple_initiator_socket_optional<root_complex> to_ats_requests;
  /// Messages of the SMMU (blocking; returns when the message is on the wire), and on to the link.
  tlm_utils::passthrough_target_socket_optional<root_complex> from_ats;
  tlm_utils::simple_initiator_socket_optional<root_complex> to_link;

  /// A message has arrived, its StreamIDs filled in; false: no room, until room() is called.
  std::function<bool(const arch::ats_message&)> on_message;
  void room();
  /// Tells which writes are MSIs; empty: none.
  std::function<bool(const tlm::tlm_generic_payload&)> is_msi;
  /// RequesterIDs from `first` to `last` are below this port.
  void add_functions(std::uint16_t first, std::uint16_t last);
  bool has_function(base::stream_id sid) const;

  const root_complex_stats& statistics() const { return m_stats; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  // A message or Translation Request, and what of the other kinds has to go before it.
  struct pending {
    payload* p = nullptr;
    std::uint64_t messages = 0;
    std::uint64_t writes = 0;
    std::uint64_t requests = 0;  // received before: they may go before it, not those after
  };

  // root_complex.cpp: to the TBU
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void offer();
  bool held_back(const payload& p) const;
  bool offer_one(payload& p, duration received, duration at);
  void taken(payload& p, duration at);
  void freed(payload& p, duration at);
  void write_answered(duration at);
  bool some_wait() const { return m_held || !m_messages.empty() || !m_translations.empty(); }
  void answered(payload& p, duration at);

  // root_complex_ats.cpp
  void receive_ats(payload& p, duration at);
  void hand_on_messages();
  bool may_hand_on(const pending& r, duration present);
  bool hand_on(payload& p, duration arrived);
  void offer_translations();
  bool offer_translation(payload& p);
  void unsupported(payload& p);
  tlm::tlm_sync_enum translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void send_down(payload& p, sc_core::sc_time& t);
  tlm::tlm_sync_enum sent_down(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void go_on();

  const root_complex_params m_params;
  const bool m_ahead_of_time;
  const duration m_cycle;
  root_complex_stats m_stats;
  kit::delay_line<payload*> m_received;
  bool m_waiting = false;  // the head was offered and the TBU has not taken it yet
  bool m_held = false;     // the head is behind something posted
  duration m_offered_at;   // with m_waiting
  duration m_next_offer;

  std::uint64_t m_requests_received = 0, m_requests_taken = 0;
  std::uint64_t m_writes_received = 0, m_writes_taken = 0;
  std::uint64_t m_messages_received = 0, m_messages_gone = 0;
  std::uint64_t m_unanswered = 0;  // writes the TBU has taken
  duration m_visible;              // when those that are answered are in memory

  kit::delay_line<pending> m_messages;
  bool m_no_room = false;  // for their head
  kit::delay_line<pending> m_translations;
  bool m_translation_waits = false;  // their head was offered
  std::vector<bool> m_functions;     // by RequesterID; empty: none
  message_pool m_down;
  sc_core::sc_mutex m_down_wire;
  sc_core::sc_event m_sent_down;
};

}  // namespace svasim::pcie
