// The SMMU's port for messages, a root port, a link and two functions of a device that share it.
#include "message_bench.h"
#include "tlm/pcie/arbiter.h"
#include "tlm/pcie/root_complex.h"
#include "tlm/smmu/ats_port.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::make_message;
using test::run_dry;
using test::run_until;
using manner = test::scripted_target::manner;

namespace {

constexpr duration flight = ns(100);

struct bench : sc_core::sc_module {
  bench()
      : sc_module(sc_core::sc_module_name("bench")),
        ats("ats", smmu::ats_params{}, &root),
        root_complex("root_complex", port_params(), false, &root),
        link("link", test::slow_link(), &root),
        functions("functions", pcie::arbiter::target::link, 2, &root) {
    ats.to_device.bind(root_complex.from_ats);
    root_complex.to_link.bind(link.from_root_complex);
    root_complex.to_tbu.bind(tbu.socket);
    link.to_root_complex.bind(root_complex.from_link);
    link.to_device.bind(functions.from_link);
    functions.to.bind(link_checker.upstream);
    link_checker.downstream.bind(link.from_device);
    root_complex.add_functions(0x100, 0x101);
    root_complex.on_message = [this](const arch::ats_message& m) {
      ats.receive(m);
      return true;
    };
    for (unsigned i = 0; i < 2; ++i) {
      functions.add_route(i, 0x100 + i);
      engines[i].socket.bind(functions.from[i]);
      functions.to_function[i].bind(receivers[i].socket);
      receivers[i].on_request = [this, i](tlm::tlm_generic_payload& p) {
        answers.push_back(arch::completion_of(*kit::extension_of(p).message));
        auto id = static_cast<std::uint16_t>(0x100 + i);
        engines[i].send(make_message(engines[i], answers.back(), id));
      };
    }
    SC_HAS_PROCESS(bench);
    SC_THREAD(invalidate_both);
  }
  static pcie::root_complex_params port_params() {
    pcie::root_complex_params p;
    p.segment = 3;
    p.up_latency = ns(5);
    p.down_latency = ns(7);
    return p;
  }
  void invalidate_both() {
    sc_core::wait(kit::to_sc(us(1)));
    arch::command c;
    c.op = arch::opcode::atc_inv;
    for (const std::uint32_t sid : {0x30100u, 0x30101u, 0x30105u}) {
      c.sid = base::stream_id(sid);
      ats.invalidate(account, c);
      sent.push_back(kit::now());
    }
    good = ats.wait_answered(account);
    done = kit::now();
  }
  duration wire(std::uint64_t bytes) const { return link.wire_time(bytes); }

  stats::group root{"test"};
  smmu::ats_port ats;
  pcie::root_complex root_complex;
  pcie::link link;
  pcie::arbiter functions;
  kit::protocol_checker link_checker{"link_checker",
                                     kit::protocol_checker::exclusion::posted_apart};
  test::scripted_initiator engines[2] = {test::scripted_initiator("engine0"),
                                         test::scripted_initiator("engine1")};
  test::scripted_target receivers[2] = {test::scripted_target("receiver0"),
                                        test::scripted_target("receiver1")};
  test::scripted_target tbu{"tbu"};
  std::deque<arch::ats_message> answers;
  smmu::ats_account account;
  std::vector<duration> sent;
  bool good = false;
  duration done;
};

}  // namespace

TEST_CASE("an ATC invalidation goes to its function and back in the time of port and link") {
  bench b;
  run_dry();
  CHECK(b.good);
  REQUIRE(b.sent.size() == 3);
  const duration one = ns(7) + b.wire(32);
  CHECK(b.sent[0] == us(1) + one);
  CHECK(b.sent[1] == us(1) + one * 2);
  CHECK(b.sent[2] == b.sent[1]);  // of no function of the port: at once
  CHECK(b.receivers[0].arrivals.at(0).at == us(1) + one + flight);
  CHECK(b.receivers[1].arrivals.at(0).at == us(1) + one * 2 + flight);
  CHECK(b.done == us(1) + one * 2 + flight + b.wire(24) + flight + ns(5));
  CHECK(b.ats.statistics().completed.value() == 2);
  CHECK(b.ats.statistics().unsupported.value() == 1);
}

TEST_CASE("an ATC invalidation is over only when the writes before its completion are in memory") {
  bench b;
  b.tbu.how = manner::on_demand;
  run_until(us(1));
  auto& w = b.engines[1].make(tlm::TLM_WRITE_COMMAND, 0x1000, 64);
  w.ext().requester_id = 0x101;
  b.engines[1].send(w);
  run_until(us(9));
  CHECK(b.ats.statistics().completed.value() == 0);
  b.tbu.answer(*w.p, ns(40));
  run_dry();
  CHECK(b.good);
  CHECK(b.done == us(9) + ns(40));
  CHECK(w.answered == us(9) + ns(40) + ns(7) + flight);
}
