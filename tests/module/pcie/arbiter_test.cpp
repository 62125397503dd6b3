// Root ports in front of one TBU, functions on one link, and the messages of one SMMU for several
// root complexes.
#include "tlm/pcie/arbiter.h"

#include "message_bench.h"
#include "tlm/pcie/ats_router.h"

using namespace svasim;
using base::ns;
using base::us;
using pcie::arbiter;
using test::make_message;
using test::message_with;
using test::run_dry;
using test::run_until;
using code = arch::ats_message_code;
using manner = test::scripted_target::manner;

namespace {

struct bench {
  explicit bench(arbiter::target kind) : turns("arbiter", kind, 3, &root) {
    for (unsigned i = 0; i < 3; ++i) {
      const std::string n = std::to_string(i);
      from.emplace_back(("from" + n).c_str());
      checkers.emplace_back(("checker" + n).c_str(),
                            kit::protocol_checker::exclusion::posted_apart);
      receivers.emplace_back(("receiver" + n).c_str());
      from[i].socket.bind(checkers[i].upstream);
      checkers[i].downstream.bind(turns.from[i]);
      turns.to_function[i].bind(receivers[i].socket);
    }
    link.socket.bind(turns.from_link);
    turns.to.bind(to_checker.upstream);
    to_checker.downstream.bind(to.socket);
    run_until(us(1));
  }
  test::scripted_initiator::request& send(unsigned i, tlm::tlm_command c,
                                          base::duration after = {}) {
    auto& r = from[i].make(c, i * 0x1000, 64);
    r.ext().requester_id = static_cast<std::uint16_t>(0x100 + i);
    r.ext().sid = base::stream_id(0x20100 + i);
    from[i].send(r, after);
    return r;
  }
  stats::group root{"test"};
  arbiter turns;
  std::deque<test::scripted_initiator> from;
  std::deque<kit::protocol_checker> checkers;
  std::deque<test::scripted_target> receivers;
  test::scripted_initiator link{"link"};
  kit::protocol_checker to_checker{"to_checker", kit::protocol_checker::exclusion::posted_apart};
  test::scripted_target to{"to"};
};

constexpr auto rd = tlm::TLM_READ_COMMAND;
constexpr auto wr = tlm::TLM_WRITE_COMMAND;

}  // namespace

TEST_CASE("a request goes through an idle arbiter at its time, and its answer back") {
  bench b(arbiter::target::smmu);
  b.to.latency = ns(50);
  const auto& r = b.send(1, rd, ns(3));
  run_dry();
  CHECK(b.to.arrivals.at(0).at == us(1) + ns(3));
  CHECK(r.answered == us(1) + ns(53));
}

TEST_CASE("root ports take turns at a TBU that does not take their requests at once") {
  bench b(arbiter::target::smmu);
  b.to.how = manner::held;
  for (unsigned i = 0; i < 3; ++i) b.send(i, rd);
  for (unsigned n = 0; n < 7; ++n) {
    run_until(us(2 + n));
    REQUIRE(b.to.arrivals.size() == n + 1);
    const unsigned port = (n + 1) % 3;  // one after the other
    CHECK(b.to.arrivals[n].address == port * 0x1000);
    CHECK(b.from[port].requests.back().accepted == kit::never);
    b.to.accept(*b.to.arrivals[n].p);
    CHECK(b.from[port].requests.back().accepted == us(2 + n));
    b.send(port, rd);
  }
  CHECK(b.turns.statistics().contended.value() == 6);
}

TEST_CASE("an answer goes back to its port, in whatever order they come") {
  bench b(arbiter::target::smmu);
  b.to.how = manner::on_demand;
  const auto& r0 = b.send(0, rd);
  const auto& r2 = b.send(2, wr);
  run_until(us(2));
  b.to.answer(*r2.p);
  CHECK(r2.answered == us(2));
  CHECK_FALSE(r0.done());
  b.to.answer(*r0.p, ns(5));
  CHECK(r0.answered == us(2) + ns(5));
  b.to_checker.check_drained();
}

TEST_CASE("an answer to a request that was not taken takes it") {
  bench b(arbiter::target::smmu);
  b.to.how = manner::held;
  const auto& r0 = b.send(0, rd);
  const auto& r1 = b.send(1, rd);
  run_until(us(2));
  b.to.answer(*r1.p);
  run_until(us(3));
  CHECK(r1.answered == us(2));
  CHECK(b.to.arrivals.size() == 2);
  CHECK_FALSE(r0.done());
}

TEST_CASE("before a link, what is posted passes a read that the link does not take") {
  bench b(arbiter::target::link);
  b.to.how = manner::held;
  const auto& r = b.send(0, rd);
  run_until(us(2));
  b.to.how = manner::on_demand;
  const auto& w = b.send(1, wr);
  b.send(2, rd);
  run_until(us(3));
  CHECK(w.accepted == us(2));
  CHECK(r.accepted == kit::never);
  CHECK(b.to.arrivals.size() == 2);
  b.to.accept(*r.p);
  run_until(us(4));
  CHECK(b.to.arrivals.size() == 3);
}

TEST_CASE("before a link, a read of a port does not pass what is posted before it") {
  bench b(arbiter::target::link);
  b.to.how = manner::held;
  const auto& other = b.send(1, wr);
  run_until(us(2));
  b.send(0, wr);
  b.send(0, rd);
  run_until(us(3));
  CHECK(b.to.arrivals.size() == 1);
  b.to.how = manner::on_demand;
  b.to.accept(*other.p);
  run_until(us(4));
  REQUIRE(b.to.arrivals.size() == 3);
  CHECK(b.to.arrivals[1].write);
  CHECK_FALSE(b.to.arrivals[2].write);
}

TEST_CASE("messages down go to the function they name") {
  bench b(arbiter::target::link);
  b.turns.add_route(2, 0x102);
  const auto m = message_with(code::prg_response);
  auto& known = make_message(b.link, m, 0x102);
  b.link.send(known);
  auto& unknown = make_message(b.link, m, 0x107);
  b.link.send(unknown);
  CHECK(b.receivers[2].arrivals.size() == 1);
  CHECK(known.p->is_response_ok());
  CHECK(unknown.p->is_response_error());
  CHECK(b.turns.statistics().unrouted.value() == 1);
}

TEST_CASE("a function behind two ports is refused") {
  bench b(arbiter::target::link);
  b.turns.add_route(0, 0x102);
  CHECK_THROWS_WITH(b.turns.add_route(1, 0x102), "arbiter: 0x102 is behind two ports, 0 and 1");
}

TEST_CASE("a message of the SMMU goes to the root complex of its StreamID, or is unsupported") {
  stats::group root{"test"};
  pcie::ats_router router("router", 2, &root);
  test::scripted_initiator smmu("smmu");
  test::scripted_target ports[2] = {test::scripted_target("port0"), test::scripted_target("port1")};
  smmu.socket.bind(router.from_ats);
  for (unsigned i = 0; i < 2; ++i) {
    router.to_root_complex[i].bind(ports[i].socket);
    router.add_route(i, [i](base::stream_id sid) { return sid.value() >> 16 == i; });
  }
  run_until(us(1));
  auto m = message_with(code::prg_response);
  m.sid = base::stream_id(0x10100);
  auto& r = make_message(smmu, m);
  smmu.blocking(r);
  CHECK(r.p->is_response_ok());
  CHECK(ports[0].arrivals.empty());
  CHECK(ports[1].arrivals.size() == 1);
  m.sid = base::stream_id(0x20100);
  auto& none = make_message(smmu, m);
  smmu.blocking(none);
  CHECK(none.p->is_response_error());
  CHECK(router.statistics().unknown.value() == 1);
}
