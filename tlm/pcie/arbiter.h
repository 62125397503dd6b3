// Several requesters in front of one target: root ports that share a TBU or a port for Translation
// Requests, functions that share a link. They take turns; a request waits where it is until the
// target takes it, answers go back the way their request came.
//
// Posted and non-posted requests are stopped apart where the target is a link (target::link), as
// there. No time of its own. Messages down go to the function they name.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "stats/counter.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/time.h"

namespace svasim::pcie {

struct arbiter_stats : stats::group {
  explicit arbiter_stats(stats::group* parent) : group(parent, "arbiter") {}
  stats::counter requests{this, "requests", "requests", "Requests handed on."};
  stats::counter contended{this, "contended", "requests", "Requests that waited for their turn."};
  stats::counter unrouted{this, "unrouted", "TLPs",
                          "Messages to a function that is not here: dropped."};
};

class arbiter final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;
  using port_socket = tlm_utils::passthrough_target_socket_tagged<arbiter>;
  using message_socket = tlm_utils::simple_initiator_socket_tagged_optional<arbiter>;
  /// What is behind it: requesters are told apart by StreamID, or before a link by RequesterID.
  enum class target { smmu, link };

  arbiter(sc_core::sc_module_name name, target kind, unsigned ports, stats::group* parent);

  sc_core::sc_vector<port_socket> from;
  tlm_utils::simple_initiator_socket<arbiter> to;
  /// Messages down, from the link's to_device, to the functions.
  tlm_utils::passthrough_target_socket_optional<arbiter> from_link;
  sc_core::sc_vector<message_socket> to_function;

  /// Where messages to this StreamID or RequesterID go. Those that have sent are known by that.
  void add_route(unsigned port, std::uint32_t id);

  const arbiter_stats& statistics() const { return m_stats; }

 private:
  struct waiting {
    payload* p = nullptr;
    duration at;
    bool behind = false;  // a posted one of its port, which it may not pass
  };
  struct stopped {
    payload* p = nullptr;
    unsigned port = 0;
  };

  tlm::tlm_sync_enum request(int id, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void arbitrate();
  bool send_one(duration present, duration& next);
  void send(unsigned port, std::size_t kind);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum taken(int id, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  std::size_t kind_of(const payload& p) const;
  std::uint32_t id_of(const payload& p) const;

  const target m_target;
  arbiter_stats m_stats;
  std::vector<std::array<waiting, 2>> m_waiting;  // by port, and posted before a link
  std::array<stopped, 2> m_stopped;               // handed on, no END_REQ yet
  std::unordered_map<std::uint32_t, unsigned> m_port_of;
  unsigned m_last = 0;
  duration m_next;
  sc_core::sc_event m_due;
};

}  // namespace svasim::pcie
