// What stands around the modules of a bench: a memory that answers at once, a requester of single
// reads, and the passing of simulated time.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>
#include <tlm>

#include <functional>

#include "base/sparse_memory.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"

namespace svasim::validate {

/// Everything that happens up to and at `t` happens; `t` is not before now.
inline void run_until(base::duration t) {
  using handler = sc_core::sc_report_handler;
  handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
  if (kit::now() < t) sc_core::sc_start(kit::to_sc(t - kit::now()));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}
/// Until nothing more is going to happen.
inline void run_dry() {
  run_until(kit::now());
  while (sc_core::sc_pending_activity()) {
    run_until(kit::now() + kit::from_sc(sc_core::sc_time_to_pending_activity()));
  }
}

/// Takes any number of requests at once and answers each after `latency`.
class flat_memory final : public sc_core::sc_module {
 public:
  explicit flat_memory(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_fw(this, &flat_memory::request);
    socket.register_b_transport(this, &flat_memory::blocking);
  }
  tlm_utils::passthrough_target_socket<flat_memory> socket;

  base::duration latency;
  base::sparse_memory* bytes = nullptr;  ///< where reads and writes go; null: nowhere
  std::uint64_t requests = 0;
  base::duration last;  ///< when the last one came

 private:
  void take(tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
    ++requests;
    last = kit::now() + kit::from_sc(t);
    if (bytes != nullptr && !kit::extension_of(p).timing_only) {
      const base::pa address(p.get_address());
      if (p.is_write()) {
        bytes->write(address, p.get_data_ptr(), p.get_data_length());
      } else {
        bytes->read(address, p.get_data_ptr(), p.get_data_length());
      }
    }
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    t += kit::to_sc(latency);
  }
  tlm::tlm_sync_enum request(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& t) {
    take(p, t);
    phase = tlm::END_REQ;
    return tlm::TLM_COMPLETED;
  }
  void blocking(tlm::tlm_generic_payload& p, sc_core::sc_time& t) { take(p, t); }
};

/// Sends reads, and does not look at the answers.
class requester final : public sc_core::sc_module {
 public:
  explicit requester(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_bw(this, &requester::response);
  }
  tlm_utils::simple_initiator_socket<requester> socket;

  void read(std::uint64_t address, std::uint32_t length, base::stream_id sid) {
    tlm::tlm_generic_payload& p = m_pool.take(tlm::TLM_READ_COMMAND, address, length);
    kit::dma_extension& e = kit::extension_of(p);
    e.address = base::iova(address);
    e.kind = kit::traffic::dma;
    e.sid = sid;
    e.timing_only = true;
    e.log->start(kit::stage::device_issue, kit::now());
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time t;
    socket->nb_transport_fw(p, phase, t);
  }

 private:
  tlm::tlm_sync_enum response(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
    const bool last = phase == tlm::BEGIN_RESP;
    return last ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
  }

  kit::payload_pool m_pool;
};

}  // namespace svasim::validate
