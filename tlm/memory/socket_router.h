// Between the meshes and the caches of several sockets: each address has a home socket, whose cache
// and memory it is in; a request from another socket takes a hop there, and its answer one back.
// While the cache of the home does not take a request, others for it wait here in order of arrival,
// one of each mesh, so nothing queues without bound.
//
// Leaves out: bandwidth of the links between sockets, caching of remote lines, snoops; a hop counts
// as time of the interconnect.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <deque>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/time.h"

namespace svasim::memory {

struct socket_router_params {
  base::duration hop = base::ns(100);
  void describe(describe::visitor& v);
};

struct socket_router_stats : stats::group {
  explicit socket_router_stats(stats::group* parent) : group(parent, "socket_router") {}
  stats::counter local{this, "local", "requests", "Requests to memory of their own socket."};
  stats::counter remote{this, "remote", "requests", "Requests to memory of another socket."};
  stats::counter held{this, "held", "requests", "Requests a cache did not take at once."};
};

class socket_router final : public sc_core::sc_module {
 public:
  using in_socket = tlm_utils::passthrough_target_socket_tagged<socket_router>;
  using out_socket = tlm_utils::simple_initiator_socket_tagged<socket_router>;
  /// Memory at [base, base + size) is at home in `socket`.
  struct home_range {
    std::uint64_t base = 0;
    base::byte_size size;
    unsigned socket = 0;
  };

  /// What `homes` does not name is at home in socket 0.
  socket_router(sc_core::sc_module_name name, const socket_router_params& params, unsigned sockets,
                std::vector<home_range> homes, stats::group* parent);

  sc_core::sc_vector<in_socket> from;  ///< the meshes' to_cache
  sc_core::sc_vector<out_socket> to;   ///< the caches' from_interconnect

  const socket_router_stats& statistics() const { return m_stats; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;
  struct held_request {
    payload* p = nullptr;
    unsigned from = 0;
    duration at;
  };
  struct home_state {
    held_request offered;  // the cache has not taken it yet
    std::deque<held_request> waiting;
  };

  tlm::tlm_sync_enum request(int socket, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(int socket, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void blocking(int socket, payload& p, sc_core::sc_time& t);
  void answer(const held_request& r, unsigned home, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void offer_waiting(unsigned home);
  unsigned home_of(const payload& p) const;
  sc_core::sc_time hop(unsigned from, unsigned home) const;
  void count(unsigned from, unsigned home);

  const duration m_hop;
  const std::vector<home_range> m_homes;
  socket_router_stats m_stats;
  std::vector<home_state> m_at;  // by home socket
};

}  // namespace svasim::memory
