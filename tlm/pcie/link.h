// A PCI Express link between a device and a root complex (PCIe Base Spec 2.6, 4.2): serialisation
// in both directions, flight time, a transmit queue, flow-control credits that really stall.
//
// Upstream, the transmit state is private to one device whose calls come in order, so a TLP's start
// is computed when it is handed over and the request is forwarded with its time annotated.
// Downstream, completions come out of order from memory, so they wait for their time in a delay
// line and take the wire in order of time (in batches: the device sees nothing of them before the
// flight time is over). A posted write has no completion TLP: its response is
// the model's notice to the device that memory has taken the data; it travels in order with the
// completions and costs no wire time. So the device sees responses in order of time.
//
// Credits return with the ignorable phase update_fc, sent backward by the receiver when it frees
// the buffer. Leaves out: completion credits (endpoints advertise them infinite), retries, TLP
// reordering.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>
#include <vector>

#include "stats/counter.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/pcie/link_params.h"

namespace svasim::pcie {

struct link_stats : stats::group {
  explicit link_stats(stats::group* parent) : group(parent, "link") {}
  stats::counter up_tlps{this, "up_tlps", "TLPs", "TLPs sent towards the root complex."};
  stats::counter up_bytes{this, "up_bytes", "bytes",
                          "Bytes on the wire, towards the root complex."};
  stats::counter up_busy{this, "up_busy", "ps", "Time the wire up was in use."};
  stats::counter completions{this, "completions", "requests", "Reads answered with completions."};
  stats::counter down_bytes{this, "down_bytes", "bytes", "Bytes on the wire, towards the device."};
  stats::counter down_busy{this, "down_busy", "ps", "Time the wire down was in use."};
  stats::counter credit_stalls{this, "credit_stalls", "TLPs", "TLPs that waited for credits."};
};

class link final : public sc_core::sc_module {
 public:
  link(sc_core::sc_module_name name, const link_params& params, stats::group* parent);

  tlm_utils::passthrough_target_socket<link> from_device;
  tlm_utils::simple_initiator_socket<link> to_root_complex;

  const link_stats& statistics() const { return m_stats; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  // Flow-control credits of one kind of request: free ones, and those on their way back in time
  // order.
  class credit_pool {
   public:
    credit_pool(std::uint64_t headers, std::uint64_t data);
    /// When (not before `t`) one header and `data` credits are free; kit::never when the receiver
    /// has not yet freed enough.
    duration available(duration t, std::uint64_t data);
    /// Use them; available() said when.
    void take(std::uint64_t data);
    void give_back(duration at, std::uint64_t data);

   private:
    struct returning {
      duration at;
      std::uint64_t data;
    };
    void collect();

    std::uint64_t m_headers;
    std::uint64_t m_data;
    std::vector<returning> m_returning;  // ring; a header credit each
    std::size_t m_head = 0;
    std::size_t m_count = 0;
  };

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  /// Put the TLP on the wire at `start` and forward it; returns when the device may send its next.
  duration transmit(payload& p, duration handed_over, duration start);
  void credit_returned(const payload& p, duration at);
  void send_completions();
  std::uint64_t completion_bytes(const payload& p) const;
  duration wire_time(std::uint64_t bytes) const;

  const link_params m_params;
  const std::vector<duration> m_wire_time;  // by number of 4-byte words of a TLP
  link_stats m_stats;

  credit_pool m_posted;
  credit_pool m_nonposted;
  duration m_up_free;
  std::vector<duration> m_starts;  // of the last tx_queue TLPs, a ring
  std::size_t m_next_start = 0;
  payload* m_stalled = nullptr;  // handed over, waiting for credits
  duration m_stalled_since;

  kit::delay_line<payload*> m_completions;
  duration m_down_free;
};

}  // namespace svasim::pcie
