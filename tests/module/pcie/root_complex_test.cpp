#include "tlm/pcie/root_complex.h"

#include <catch2/catch.hpp>

#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;
using manner = test::scripted_target::manner;

namespace {

pcie::root_complex_params params() {
  pcie::root_complex_params p;
  p.up_latency = ns(5);
  p.down_latency = ns(7);
  p.clock = base::mhz(500);  // 2 ns
  return p;
}

struct bench {
  explicit bench(const pcie::root_complex_params& p = params())
      : root_complex("root_complex", p, false, &root) {
    link.socket.bind(link_checker.upstream);
    link_checker.downstream.bind(root_complex.from_link);
    root_complex.to_tbu.bind(tbu_checker.upstream);
    tbu_checker.downstream.bind(tbu.socket);
    tbu.how = manner::on_demand;
    run_until(us(1));
  }
  stats::group root{"test"};
  test::scripted_initiator link{"link"};
  kit::protocol_checker link_checker{"link_checker"};
  pcie::root_complex root_complex;
  kit::protocol_checker tbu_checker{"tbu_checker"};
  test::scripted_target tbu{"tbu"};
};

}  // namespace

TEST_CASE("a request reaches the TBU after the receive path, its answer after the transmit path") {
  bench b;
  b.tbu.how = manner::at_once;
  b.tbu.latency = ns(100);
  const auto& r = b.link.read(0x1000, 64, ns(3));
  CHECK(b.tbu.arrivals.empty());
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 1);
  CHECK(b.tbu.arrivals[0].at == us(1) + ns(3 + 5));
  CHECK(r.answered == us(1) + ns(3 + 5 + 100 + 7));
}

TEST_CASE("the StreamID is the RequesterID below the segment") {
  auto p = params();
  p.segment = 3;
  bench b(p);
  auto& r = b.link.make(tlm::TLM_READ_COMMAND, 0, 64);
  r.ext().requester_id = 0x0108;
  b.link.send(r);
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 1);
  CHECK(b.tbu.arrivals[0].sid == base::stream_id(0x30108));
}

TEST_CASE("one request a cycle goes to the TBU, in order of arrival") {
  bench b;
  for (unsigned n = 0; n < 4; ++n) b.link.read(n * 64, 64);
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 4);
  for (unsigned n = 0; n < 4; ++n) {
    CHECK(b.tbu.arrivals[n].address == n * 64);
    CHECK(b.tbu.arrivals[n].at == us(1) + ns(5 + 2 * n));
  }
}

TEST_CASE("a credit returns when the TBU takes the request, neither before nor at its answer") {
  bench b;
  const auto& r = b.link.read(0, 64);
  run_dry();
  CHECK(r.credited == us(1) + ns(5));
  CHECK(r.credits == 1);
  run_until(us(2));
  b.tbu.answer(*r.p);
  CHECK(r.credits == 1);
  CHECK(r.answered == us(2) + ns(7));
}

TEST_CASE("a request the TBU does not take stops those behind it") {
  bench b;
  b.tbu.how = manner::held;
  const auto& first = b.link.read(0x00, 64);
  const auto& second = b.link.read(0x40, 64);
  run_until(us(2));
  CHECK(b.tbu.arrivals.size() == 1);
  CHECK(first.credits == 0);
  b.tbu.how = manner::on_demand;
  b.tbu.accept(*first.p);
  CHECK(first.credited == us(2));
  CHECK(second.credits == 0);
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 2);
  CHECK(b.tbu.arrivals[1].at == us(2) + ns(2));
  CHECK(second.credited == us(2) + ns(2));
}

TEST_CASE("an answer to a request that was held takes it, and the next one goes on") {
  bench b;
  b.tbu.how = manner::held;
  const auto& first = b.link.read(0x00, 64);
  const auto& second = b.link.read(0x40, 64);
  run_until(us(2));
  b.tbu.how = manner::at_once;
  b.tbu.answer(*first.p, ns(50));
  run_dry();
  CHECK(first.credits == 1);
  CHECK(first.credited == us(2));
  CHECK(first.answered == us(2) + ns(50 + 7));
  CHECK(second.answered == us(2) + ns(2 + 7));
}

TEST_CASE("requests that are taken can be answered in any order") {
  bench b;
  const auto& first = b.link.read(0x00, 64);
  const auto& second = b.link.read(0x40, 64);
  run_until(us(2));
  b.tbu.answer(*second.p);
  run_until(us(3));
  b.tbu.answer(*first.p);
  CHECK(second.answered == us(2) + ns(7));
  CHECK(first.answered == us(3) + ns(7));
  b.link_checker.check_drained();
  b.tbu_checker.check_drained();
}

TEST_CASE("waiting for the TBU is in the log of the request, the receive path apart") {
  bench b;
  b.tbu.how = manner::held;
  b.link.read(0x00, 64);
  auto& second = b.link.read(0x40, 64);
  run_until(us(2));
  b.tbu.how = manner::at_once;
  b.tbu.accept(*b.tbu.arrivals[0].p);
  run_dry();
  duration receive, wait, sum;
  for (const auto& s : *second.ext().log) {
    sum += s.length;
    if (s.what == kit::stage::root_complex_up) receive += s.length;
    if (s.what == kit::stage::tbu_wait) wait += s.length;
  }
  CHECK(receive == ns(5));
  CHECK(wait == us(1) + ns(2) - ns(5));
  CHECK(sum == second.answered - second.sent);
}
