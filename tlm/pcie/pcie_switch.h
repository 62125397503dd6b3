// A PCI Express switch: one upstream link, any number of downstream ones (PCIe Base Spec 1.3.3,
// 2.4, 2.6). What comes from below waits in the buffer of its port, which the credits of that link
// bound, for the upstream transmitter; ports take turns. What comes from above is routed by
// RequesterID and waits in one buffer in order, so a port that is slow holds up the others
// (head-of- line blocking); completions return credits to the link above when they leave
// (link_params:: completion_headers of that link), messages their posted ones.
//
// A posted TLP may pass non-posted ones of its port, nothing passes a posted one.
//
// Latency is from the first bit in to the first bit out with cut-through; store-and-forward waits
// for the end of a TLP. In either case no TLP ends before it has arrived.
//
// Wiring: make the links with switch_params::below() and above(), bind the sockets, and
// attach_upstream(), attach_downstream() with the links themselves. Leaves out: peer-to-peer
// between ports, virtual channels, a crossbar's own arbitration.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <deque>
#include <string>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/message_pool.h"

namespace svasim::pcie {

struct switch_params {
  base::duration latency = base::ns(115);
  bool cut_through = true;
  // Buffer of each port.
  std::uint32_t posted_headers = 320;
  std::uint32_t posted_data = 2048;
  std::uint32_t nonposted_headers = 320;
  std::uint32_t completion_headers = 320;
  std::uint32_t completion_data = 2048;
  void describe(describe::visitor& v);

  /// `l` as the link of a downstream port: what goes up has the credits of the switch.
  link_params below(link_params l) const;
  /// `l` as the upstream link: what comes down has.
  link_params above(link_params l) const;
};

struct switch_stats : stats::group {
  explicit switch_stats(stats::group* parent) : group(parent, "switch") {}
  stats::counter up_tlps{this, "up_tlps", "TLPs", "TLPs sent on towards the root complex."};
  stats::counter down_tlps{this, "down_tlps", "TLPs",
                           "Answers and messages sent on towards devices."};
  stats::counter credit_stops{this, "credit_stops", "TLPs",
                              "TLPs for which the upstream link had no credits."};
  stats::counter head_waits{this, "head_waits", "TLPs",
                            "TLPs down that waited behind one for another port."};
  stats::counter unrouted{this, "unrouted", "TLPs",
                          "Messages to a RequesterID of no port: dropped."};
};

class pcie_switch final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;
  using port_socket = tlm_utils::passthrough_target_socket_tagged<pcie_switch>;
  using message_socket = tlm_utils::simple_initiator_socket_tagged_optional<pcie_switch>;

  pcie_switch(sc_core::sc_module_name name, const switch_params& params, unsigned ports,
              stats::group* parent);

  tlm_utils::simple_initiator_socket<pcie_switch> to_upstream;  ///< its link's from_device
  /// Its link's to_device.
  tlm_utils::passthrough_target_socket_optional<pcie_switch> from_upstream;
  sc_core::sc_vector<port_socket> from_link;   ///< the links' to_root_complex
  sc_core::sc_vector<message_socket> to_link;  ///< the links' from_root_complex

  void attach_upstream(link& l) { m_upstream = &l; }
  void attach_downstream(unsigned port, link& l);
  /// RequesterIDs from `first` to `last` are below `port`. Those that send are known by that.
  void add_route(unsigned port, std::uint16_t first, std::uint16_t last);

  const switch_stats& statistics() const { return m_stats; }

 private:
  static constexpr std::uint8_t no_port = 255;
  struct up_entry {
    payload* p = nullptr;
    std::uint64_t posted_before = 0;  // of the port: may not be passed
  };
  struct port_state {
    explicit port_state(const std::string& n)
        : posted(("posted_due" + n).c_str()), nonposted(("nonposted_due" + n).c_str()) {}
    link* below = nullptr;
    kit::delay_line<up_entry> posted;
    kit::delay_line<up_entry> nonposted;
    std::uint64_t posted_received = 0, posted_sent = 0;
  };
  struct stopped_tlp {
    payload* p = nullptr;
    unsigned port = 0;
  };
  struct down_entry {
    payload* p = nullptr;
    payload* original = nullptr;  // of a message: `p` is a copy of it
    std::uint8_t port = no_port;
  };

  // pcie_switch.cpp
  tlm::tlm_sync_enum request(int id, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void arbitrate();
  bool send_one(duration present);
  bool may_go(const port_state& from, bool posted, duration present) const;
  void send_up(unsigned from, bool posted);
  void freed(unsigned from, payload& p);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  // pcie_switch_down.cpp
  void answered(payload& p, duration arrival);
  tlm::tlm_sync_enum message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void push_down(const down_entry& e, duration at);
  void forward_down();
  void left(duration start);
  void sent_down(payload& p, duration start, duration end);
  tlm::tlm_sync_enum message_sent(int id, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  const switch_params m_params;
  switch_stats m_stats;
  link* m_upstream = nullptr;
  std::deque<port_state> m_ports;
  std::vector<std::uint8_t> m_port_of;  // by RequesterID

  unsigned m_last = 0;                   // port that had its turn
  std::array<stopped_tlp, 2> m_stopped;  // by posted: handed over, no END_REQ yet
  duration m_up_next;
  sc_core::sc_event m_up_due;

  kit::delay_line<down_entry> m_down;
  bool m_handed_down = false;          // its head is with the link
  std::uint8_t m_down_port = no_port;  // that the one before went to
  duration m_down_last;                // when the last one may go
  duration m_down_next;
  sc_core::sc_event m_down_due;
  message_pool m_copies;
};

}  // namespace svasim::pcie
