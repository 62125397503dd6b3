#include "tlm/kit/protocol_checker.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/time_matchers.h"
#include "tlm/kit/payload_pool.h"

using namespace svasim;
using base::duration;
using base::ns;
using kit::payload_pool;
using payload = tlm::tlm_generic_payload;

namespace {

// An initiator and a target that do what the test says, right or wrong, with a checker between.
struct pair_under_watch {
  class initiator_module final : public sc_core::sc_module {
   public:
    explicit initiator_module(sc_core::sc_module_name n) : sc_module(n) {
      socket.register_nb_transport_bw(this, &initiator_module::bw);
    }
    tlm_utils::simple_initiator_socket<initiator_module> socket{"socket"};
    tlm::tlm_sync_enum answer = tlm::TLM_COMPLETED;

   private:
    tlm::tlm_sync_enum bw(payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
      return phase == tlm::BEGIN_RESP ? answer : tlm::TLM_ACCEPTED;
    }
  };
  class target_module final : public sc_core::sc_module {
   public:
    explicit target_module(sc_core::sc_module_name n) : sc_module(n) {
      socket.register_nb_transport_fw(this, &target_module::fw);
    }
    tlm_utils::passthrough_target_socket<target_module> socket{"socket"};
    tlm::tlm_sync_enum answer = tlm::TLM_ACCEPTED;
    tlm::tlm_phase phase_back = tlm::END_REQ;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    sc_core::sc_time time_back;

   private:
    tlm::tlm_sync_enum fw(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
      phase = phase_back;
      t = time_back;
      if (status != tlm::TLM_INCOMPLETE_RESPONSE) p.set_response_status(status);
      return answer;
    }
  };

  pair_under_watch() {
    initiator.socket.bind(checker.upstream);
    checker.downstream.bind(target.socket);
    test::run_until(ns(1));
  }
  payload& take(std::uint64_t address = 0x40) {
    return pool.take(tlm::TLM_READ_COMMAND, address, 8);
  }
  void forward(payload& p, tlm::tlm_phase phase = tlm::BEGIN_REQ, duration t = duration()) {
    sc_core::sc_time annotated = kit::to_sc(t);
    initiator.socket->nb_transport_fw(p, phase, annotated);
  }
  void backward(payload& p, tlm::tlm_phase phase, duration t = duration()) {
    sc_core::sc_time annotated = kit::to_sc(t);
    target.socket->nb_transport_bw(p, phase, annotated);
  }
  void respond(payload& p, duration t = duration()) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    backward(p, tlm::BEGIN_RESP, t);
  }

  initiator_module initiator{"initiator"};
  kit::protocol_checker checker{"checker"};
  target_module target{"target"};
  payload_pool pool;
};

void breaks(const std::string& message, const std::function<void()>& deed) {
  try {
    deed();
    FAIL("not caught: " << message);
  } catch (const std::logic_error& e) {
    CHECK(e.what() == "checker: " + message + " (address 0x40, at 1000 ps)");
  }
}

}  // namespace

TEST_CASE("well-behaved transactions of every kind pass the checker") {
  pair_under_watch w;
  payload& at_once = w.take();
  w.target.answer = tlm::TLM_COMPLETED;
  w.target.status = tlm::TLM_OK_RESPONSE;
  w.target.time_back = kit::to_sc(ns(5));
  w.forward(at_once);

  w.target.answer = tlm::TLM_UPDATED;
  w.target.status = tlm::TLM_INCOMPLETE_RESPONSE;
  payload &first = w.take(), &second = w.take();
  w.forward(first);
  w.forward(second);
  w.backward(second, kit::update_fc);
  w.respond(second);
  w.respond(first);

  w.target.answer = tlm::TLM_ACCEPTED;
  payload &taken_later = w.take(), &answered_later = w.take();
  w.forward(taken_later);
  w.backward(taken_later, tlm::END_REQ);
  w.forward(answered_later);
  w.respond(answered_later);
  CHECK(w.checker.requests() == 5);
  breaks("still in flight at the end", [&] { w.checker.check_drained(); });
  w.respond(taken_later);
  w.checker.check_drained();
}

TEST_CASE("the checker catches a request before END_REQ of the one before") {
  pair_under_watch w;
  w.forward(w.take());
  breaks("BEGIN_REQ before END_REQ of the request before", [&] { w.forward(w.take()); });
}

TEST_CASE("the checker catches a payload that is sent while it is in flight") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  payload& p = w.take();
  w.forward(p);
  breaks("BEGIN_REQ for a payload in flight", [&] { w.forward(p); });
}

TEST_CASE("the checker catches a phase that does not belong on the way forward") {
  pair_under_watch w;
  breaks("only BEGIN_REQ goes forward", [&] { w.forward(w.take(), tlm::END_RESP); });
}

TEST_CASE("the checker catches a payload without memory management") {
  pair_under_watch w;
  kit::dma_payload p;
  p.set_address(0x40);
  breaks("payload without memory management", [&] { w.forward(p); });
}

TEST_CASE("the checker catches a payload that is not from a pool") {
  pair_under_watch w;
  kit::dma_payload p;  // its extension is not in place
  p.set_address(0x40);
  p.set_mm(&w.pool);
  p.acquire();
  breaks("payload of no payload_pool", [&] { w.forward(p); });
}

TEST_CASE("the checker catches a payload without data") {
  pair_under_watch w;
  payload& p = w.take();
  p.set_data_length(0);
  breaks("payload without data", [&] { w.forward(p); });
  payload& q = w.take();
  q.set_data_ptr(nullptr);
  breaks("payload without data", [&] { w.forward(q); });
}

TEST_CASE("the checker catches a request whose response is set already") {
  pair_under_watch w;
  payload& p = w.take();
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  breaks("response already set", [&] { w.forward(p); });
}

TEST_CASE("the checker catches a completion without a response status") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_COMPLETED;
  breaks("no response status", [&] { w.forward(w.take()); });
}

TEST_CASE("the checker catches a response without a response status") {
  pair_under_watch w;
  payload& p = w.take();
  w.forward(p);
  breaks("no response status", [&] { w.backward(p, tlm::BEGIN_RESP); });
}

TEST_CASE("the checker catches a completion before the request") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_COMPLETED;
  w.target.status = tlm::TLM_OK_RESPONSE;
  breaks("the time of a transaction steps back",
         [&] { w.forward(w.take(), tlm::BEGIN_REQ, ns(5)); });
}

TEST_CASE("the checker catches a response before the request") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  w.target.time_back = kit::to_sc(ns(5));
  payload& p = w.take();
  w.forward(p, tlm::BEGIN_REQ, ns(5));
  breaks("the time of a transaction steps back", [&] { w.respond(p, ns(4)); });
}

TEST_CASE("the checker catches an END_REQ before its BEGIN_REQ") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  breaks("END_REQ before BEGIN_REQ", [&] { w.forward(w.take(), tlm::BEGIN_REQ, ns(5)); });
}

TEST_CASE("the checker catches a second END_REQ") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  payload& p = w.take();
  w.forward(p);
  breaks("END_REQ twice", [&] { w.backward(p, tlm::END_REQ); });
}

TEST_CASE("the checker catches TLM_UPDATED with a phase other than END_REQ") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  w.target.phase_back = tlm::BEGIN_RESP;
  breaks("TLM_UPDATED with a phase other than END_REQ", [&] { w.forward(w.take()); });
}

TEST_CASE("the checker catches phases for a payload that is not in flight") {
  pair_under_watch w;
  payload& p = w.take();
  breaks("update_fc for a payload not in flight", [&] { w.backward(p, kit::update_fc); });
  breaks("backward phase for a payload not in flight", [&] { w.backward(p, tlm::END_REQ); });
  breaks("backward phase for a payload not in flight", [&] { w.respond(p); });
}

TEST_CASE("the checker catches a second response") {
  pair_under_watch w;
  payload& p = w.take();
  w.forward(p);
  w.respond(p);
  breaks("backward phase for a payload not in flight", [&] { w.respond(p); });
}

TEST_CASE("the checker catches a phase that does not belong on the way back") {
  pair_under_watch w;
  payload& p = w.take();
  w.forward(p);
  breaks("only END_REQ and BEGIN_RESP go backward", [&] { w.backward(p, tlm::END_RESP); });
}

TEST_CASE("the checker catches a length or a command that changed on the way") {
  pair_under_watch w;
  w.target.answer = tlm::TLM_UPDATED;
  payload &shorter = w.take(), &turned = w.take();
  w.forward(shorter);
  w.forward(turned);
  shorter.set_data_length(4);
  breaks("length or command changed on the way", [&] { w.respond(shorter); });
  turned.set_command(tlm::TLM_WRITE_COMMAND);
  breaks("length or command changed on the way", [&] { w.respond(turned); });
}

TEST_CASE("the checker catches an initiator that does not complete a response") {
  pair_under_watch w;
  w.initiator.answer = tlm::TLM_ACCEPTED;
  payload& p = w.take();
  w.forward(p);
  breaks("BEGIN_RESP not completed", [&] { w.respond(p); });
}
