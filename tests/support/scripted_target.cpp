#include "tests/support/scripted_target.h"

#include "tests/support/time_matchers.h"

namespace svasim::test {

using kit::from_sc;
using kit::now;
using kit::to_sc;

scripted_target::scripted_target(sc_core::sc_module_name name)
    : sc_module(name), socket("socket"), m_due("due") {
  fail_on_warnings();
  socket.register_nb_transport_fw(this, &scripted_target::request);
  socket.register_b_transport(this, &scripted_target::blocking);
  SC_HAS_PROCESS(scripted_target);
  SC_METHOD(answer_due);
  sensitive << m_due.event();
  dont_initialize();
}

void scripted_target::take(payload& p, duration at) {
  arrivals.push_back(
      {&p, at, p.get_address(), p.get_data_length(), p.is_write(), kit::extension_of(p).sid});
  if (bytes != nullptr && !kit::extension_of(p).timing_only) {
    const base::pa address(p.get_address());
    if (p.is_write()) {
      bytes->write(address, p.get_data_ptr(), p.get_data_length());
    } else {
      bytes->read(address, p.get_data_ptr(), p.get_data_length());
    }
  }
  if (on_request) on_request(p);
}

tlm::tlm_sync_enum scripted_target::request(payload& p, tlm::tlm_phase& phase,
                                            sc_core::sc_time& t) {
  const duration at = now() + from_sc(t);
  const manner manner_now = how;
  take(p, at);
  phase = tlm::END_REQ;
  switch (manner_now) {
    case manner::at_once:
      p.set_response_status(status);
      t += to_sc(latency);
      return tlm::TLM_COMPLETED;
    case manner::late:
      m_due.push(&p, at + latency);
      return tlm::TLM_UPDATED;
    case manner::on_demand:
      return tlm::TLM_UPDATED;
    case manner::held:
      break;
  }
  return tlm::TLM_ACCEPTED;
}

void scripted_target::blocking(payload& p, sc_core::sc_time& t) {
  take(p, now() + from_sc(t));
  p.set_response_status(status);
  t += to_sc(latency);
}

void scripted_target::answer_due() {
  const duration present = now();
  while (m_due.due(present)) {
    payload& p = *m_due.front();
    m_due.pop();
    answer(p);
  }
  m_due.rearm(present);
}

void scripted_target::accept(payload& p) {
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time zero;
  socket->nb_transport_bw(p, phase, zero);
}

void scripted_target::answer(payload& p, duration after) {
  p.set_response_status(status);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(after);
  socket->nb_transport_bw(p, phase, t);
}

void scripted_target::free_buffer(payload& p) {
  tlm::tlm_phase phase = kit::update_fc;
  sc_core::sc_time zero;
  socket->nb_transport_bw(p, phase, zero);
}

}  // namespace svasim::test
