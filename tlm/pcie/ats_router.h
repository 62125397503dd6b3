// Messages of one SMMU for the devices of several root complexes: each goes to the root complex of
// its StreamID (blocking); to none: unsupported. No time of its own.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "stats/counter.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::pcie {

struct ats_router_stats : stats::group {
  explicit ats_router_stats(stats::group* parent) : group(parent, "ats_router") {}
  stats::counter messages{this, "messages", "TLPs", "Messages handed on."};
  stats::counter unknown{this, "unknown", "TLPs",
                         "Messages to a StreamID of no root complex (UR)."};
};

class ats_router final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using socket = tlm_utils::simple_initiator_socket_tagged<ats_router>;

  ats_router(sc_core::sc_module_name name, unsigned ports, stats::group* parent);

  tlm_utils::passthrough_target_socket<ats_router> from_ats;
  sc_core::sc_vector<socket> to_root_complex;

  /// Whether a StreamID is behind a port: root_complex::has_function of that one.
  void add_route(unsigned port, std::function<bool(base::stream_id)> has);

  const ats_router_stats& statistics() const { return m_stats; }

 private:
  void message(payload& p, sc_core::sc_time& t);

  ats_router_stats m_stats;
  std::vector<std::function<bool(base::stream_id)>> m_has;
};

}  // namespace svasim::pcie
