// The coherent mesh between requesters (TBUs, TCU, CPUs) and the system-level cache: a fixed
// latency each way for every port. While the cache does not take a request, one of each port can be
// held here and the ports wait, so nothing queues without bound. Requesters pace themselves to
// their own clock.
//
// Leaves out: topology, hop counts, snoop traffic, bandwidth of the mesh.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/time.h"

namespace svasim::memory {

struct interconnect_params {
  base::duration latency = base::ns(15);
  void describe(describe::visitor& v);
};

struct interconnect_stats : stats::group {
  explicit interconnect_stats(stats::group* parent) : group(parent, "interconnect") {}
  stats::counter requests{this, "requests", "requests", "Requests of all ports."};
  stats::counter held{this, "held", "requests", "Requests the cache did not take at once."};
};

class interconnect final : public sc_core::sc_module {
 public:
  using port_socket = tlm_utils::passthrough_target_socket_tagged<interconnect>;

  /// `ports` requesters, at least 1, at most 255.
  interconnect(sc_core::sc_module_name name, const interconnect_params& params, unsigned ports,
               stats::group* parent);

  sc_core::sc_vector<port_socket> from;
  tlm_utils::simple_initiator_socket<interconnect> to_cache;

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  tlm::tlm_sync_enum request(int port, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void blocking(int port, payload& p, sc_core::sc_time& t);
  void answer(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void offer_held();

  // A request that waits for one at the cache.
  struct held_request {
    payload* p;
    duration at;
  };

  const interconnect_params m_params;
  interconnect_stats m_stats;
  payload* m_offered = nullptr;      // the cache has not taken it yet
  std::vector<held_request> m_held;  // at most one a port, in order of arrival
};

}  // namespace svasim::memory
