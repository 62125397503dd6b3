// The coherent mesh between requesters (TBUs, TCU, CPUs) and the system-level cache: a fixed
// latency each way for every port. While the cache does not take a request, one of each port can be
// held here and the ports wait, so nothing queues without bound. Requesters pace themselves to
// their own clock.
//
// What a device reads and writes may be in the memory of another socket (remote_buffers): such
// requests take longer each way; tables and queues stay with the SMMU.
//
// Requests to the device window go to devices instead (interrupt controllers: message interrupts),
// which must answer at once.
//
// Leaves out: topology, hop counts, snoop traffic, bandwidth of the mesh and between sockets, a
// system-level cache for each socket.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

#include "describe/visitor.h"
#include "stats/counter.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/time.h"

namespace svasim::memory {

struct interconnect_params {
  base::duration latency = base::ns(15);
  bool remote_buffers = false;
  base::duration remote_latency = base::ns(25);
  std::uint64_t device_base = 0x8000000;
  base::byte_size device_size = base::mib(32);
  void describe(describe::visitor& v);
};

struct interconnect_stats : stats::group {
  explicit interconnect_stats(stats::group* parent) : group(parent, "interconnect") {}
  stats::counter requests{this, "requests", "requests", "Requests of all ports."};
  stats::counter held{this, "held", "requests", "Requests the cache did not take at once."};
  stats::counter devices{this, "devices", "requests", "Requests to the device window."};
};

class interconnect final : public sc_core::sc_module {
 public:
  using port_socket = tlm_utils::passthrough_target_socket_tagged<interconnect>;

  /// `ports` requesters, at least 1, at most 255.
  interconnect(sc_core::sc_module_name name, const interconnect_params& params, unsigned ports,
               stats::group* parent);

  sc_core::sc_vector<port_socket> from;
  tlm_utils::simple_initiator_socket<interconnect> to_cache;
  /// Where nothing is bound there is no device window.
  tlm_utils::simple_initiator_socket_optional<interconnect> to_devices;
  /// Called for each write to memory, with its port, when it is handed on; may be empty.
  std::function<void(unsigned port, std::uint64_t address, unsigned length)> on_write;

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  tlm::tlm_sync_enum request(int port, payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum to_device(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  bool for_device(const payload& p) const {
    return m_devices && p.get_address() - m_params.device_base < m_params.device_size.value();
  }
  /// One way to the cache that the request belongs to.
  duration way_of(const payload& p) const {
    const bool remote = m_params.remote_buffers && kit::extension_of(p).kind == kit::traffic::dma;
    return remote ? m_params.latency + m_params.remote_latency : m_params.latency;
  }
  void note_write(unsigned port, const payload& p) const {
    if (on_write && p.is_write()) on_write(port, p.get_address(), p.get_data_length());
  }
  void start_of_simulation() override { m_devices = to_devices.size() != 0; }
  void blocking(int port, payload& p, sc_core::sc_time& t);
  void answer(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void offer_held();

  // A request that waits for one at the cache.
  struct held_request {
    payload* p;
    duration at;
  };

  const interconnect_params m_params;
  bool m_devices = false;
  interconnect_stats m_stats;
  payload* m_offered = nullptr;      // the cache has not taken it yet
  std::vector<held_request> m_held;  // at most one a port, in order of arrival
};

}  // namespace svasim::memory
