// The root port a device hangs below: maps the RequesterID to a StreamID (IHI 0070 16.4:
// StreamID[15:0] = RequesterID, the bits above name the root complex), holds what has arrived until
// the TBU takes it, and then returns the flow-control credit. In order: a request that the TBU does
// not take stops those behind it. The receive buffer needs no bound of its own, credits bound it.
//
// Where nothing but the traffic itself changes the SMMU (`ahead_of_time`), a request with nothing
// before it is offered when it is announced, its time annotated: an idle TBU serves a hit at once.
//
// Leaves out: peer-to-peer, several ports, ordering between posted and non-posted requests beyond
// FIFO.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"

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
};

class root_complex final : public sc_core::sc_module {
 public:
  /// `ahead_of_time`: no command will come to the SMMU behind this port.
  root_complex(sc_core::sc_module_name name, const root_complex_params& params, bool ahead_of_time,
               stats::group* parent);

  tlm_utils::passthrough_target_socket<root_complex> from_link;
  tlm_utils::simple_initiator_socket<root_complex> to_tbu;

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void offer();
  bool offer_one(payload& p, duration received, duration at);
  void taken(payload& p, duration at);
  void answered(payload& p, duration at);

  const root_complex_params m_params;
  const bool m_ahead_of_time;
  const duration m_cycle;
  root_complex_stats m_stats;
  kit::delay_line<payload*> m_received;
  bool m_waiting = false;  // the head was offered and the TBU has not taken it yet
  duration m_offered_at;   // with m_waiting
  duration m_next_offer;
};

}  // namespace svasim::pcie
