#include "tests/support/scripted_initiator.h"

#include "tests/support/time_matchers.h"

namespace svasim::test {

using kit::from_sc;
using kit::now;
using kit::to_sc;

scripted_initiator::scripted_initiator(sc_core::sc_module_name name)
    : sc_module(name), socket("socket") {
  fail_on_warnings();
  socket.register_nb_transport_bw(this, &scripted_initiator::response);
}

scripted_initiator::request& scripted_initiator::make(tlm::tlm_command command,
                                                      std::uint64_t address, std::uint32_t length) {
  request& r = requests.emplace_back();
  r.p = &m_pool.take(command, address, length);
  r.ext().id = requests.size() - 1;
  r.ext().address = base::iova(address);
  r.ext().kind = kit::traffic::dma;
  return r;
}

tlm::tlm_sync_enum scripted_initiator::send(request& r, duration after) {
  r.sent = now() + after;
  r.ext().log->start(kit::stage::device_issue, r.sent);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(after);
  const tlm::tlm_sync_enum status = socket->nb_transport_fw(*r.p, phase, t);
  if (status == tlm::TLM_COMPLETED) {
    r.accepted = r.sent;
    answered(r, now() + from_sc(t));
  } else if (status == tlm::TLM_UPDATED && r.accepted == kit::never) {
    r.accepted = now() + from_sc(t);
  }
  return status;
}

scripted_initiator::request& scripted_initiator::read(std::uint64_t address, std::uint32_t length,
                                                      duration after) {
  request& r = make(tlm::TLM_READ_COMMAND, address, length);
  send(r, after);
  return r;
}

scripted_initiator::request& scripted_initiator::write(std::uint64_t address, std::uint32_t length,
                                                       duration after) {
  request& r = make(tlm::TLM_WRITE_COMMAND, address, length);
  send(r, after);
  return r;
}

base::duration scripted_initiator::blocking(request& r) {
  r.sent = now();
  r.ext().log->start(kit::stage::device_issue, r.sent);
  sc_core::sc_time t;
  socket->b_transport(*r.p, t);
  return now() + from_sc(t) - r.sent;
}

void scripted_initiator::answered(request& r, duration at) {
  r.answered = at;
  if (r.accepted == kit::never) r.accepted = at;
  r.answers += 1;
  r.ext().log->finish(at);
  order.push_back(r.ext().id);
  if (on_answer) on_answer(r);
}

tlm::tlm_sync_enum scripted_initiator::response(payload& p, tlm::tlm_phase& phase,
                                                sc_core::sc_time& t) {
  request& r = requests[kit::extension_of(p).id];
  const duration at = now() + from_sc(t);
  if (phase == kit::update_fc) {
    r.credited = at;
    r.credits += 1;
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_REQ) {
    r.accepted = at;
    return tlm::TLM_ACCEPTED;
  }
  answered(r, at);
  return tlm::TLM_COMPLETED;
}

}  // namespace svasim::test
