#include "tlm/pcie/link.h"

#include "link_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::link_bench;
using test::run_dry;
using test::run_until;
using test::slow_link;

namespace {
constexpr duration flight = ns(100);
}

TEST_CASE("a TLP arrives after its serialisation and its flight") {
  link_bench b;
  const auto& r = b.device.read(0x1000, 256);
  CHECK(r.accepted == link_bench::start);
  CHECK(b.arrival(0) == b.read_wire() + flight);
}

TEST_CASE("TLPs follow each other on the wire in the order they were handed over") {
  link_bench b;
  b.device.write(0x1000, 64);
  b.device.read(0x2000, 64);
  b.device.write(0x3000, 64, ns(5));
  REQUIRE(b.root_complex.arrivals.size() == 3);
  CHECK(b.arrival(0) == b.write_wire(64) + flight);
  CHECK(b.arrival(1) == b.write_wire(64) + b.read_wire() + flight);
  CHECK(b.arrival(2) == b.write_wire(64) * 2 + b.read_wire() + flight);
}

TEST_CASE("a TLP of an idle link starts when it is handed over") {
  link_bench b;
  b.device.read(0x1000, 64);
  b.device.read(0x2000, 64, us(2));
  CHECK(b.arrival(1) == us(2) + b.read_wire() + flight);
}

TEST_CASE("a PASID makes a request four bytes longer on the wire") {
  link_bench b;
  auto& r = b.device.make(tlm::TLM_READ_COMMAND, 0x1000, 64);
  r.ext().has_ssid = true;
  b.device.send(r);
  CHECK(b.arrival(0) == b.wire(28) + flight);
}

TEST_CASE("the transmit queue takes a TLP once the one its size before has left") {
  auto p = slow_link();
  p.tx_queue = 2;
  link_bench b(p);
  const duration wire = b.read_wire();
  const auto taken = [&] { return b.device.read(0x1000, 64).accepted - link_bench::start; };
  CHECK(taken() == ns(0));  // on the wire
  CHECK(taken() == ns(0));  // in the queue
  CHECK(taken() == ns(0));  // in the queue
  CHECK(taken() == wire);
  CHECK(taken() == wire * 2);
}

TEST_CASE("a read comes back after the serialisation of its completions and the flight") {
  link_bench b;
  const auto& r = b.device.read(0x1000, 512);
  run_until(us(5));
  b.root_complex.answer(*r.p, ns(10));
  run_dry();
  CHECK(r.answered == us(5) + ns(10) + b.wire(2 * 20 + 512) + flight);
}

TEST_CASE("completions cross MPS by the untranslated address") {
  link_bench b;
  const auto& r = b.device.read(0x10c0, 128);
  b.root_complex.arrivals[0].p->set_address(0x7000);  // as the TBU does
  run_until(us(5));
  b.root_complex.answer(*r.p);
  run_dry();
  CHECK(r.answered == us(5) + b.wire(2 * 20 + 128) + flight);
}

TEST_CASE("a read that failed is answered by a completion without data") {
  link_bench b;
  const auto& r = b.device.read(0x1000, 512);
  run_until(us(5));
  b.root_complex.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.root_complex.answer(*r.p);
  run_dry();
  CHECK(r.answered == us(5) + b.wire(20) + flight);
  CHECK(r.p->is_response_error());
}

TEST_CASE("completions take the wire in the order of their times, not of their announcement") {
  link_bench b;
  const auto& a = b.device.read(0x1000, 64);
  const auto& c = b.device.read(0x2000, 64);
  run_until(us(5));
  b.root_complex.answer(*a.p, ns(500));
  b.root_complex.answer(*c.p, ns(50));
  run_dry();
  CHECK(b.device.order == std::vector<std::uint64_t>{1, 0});
  CHECK(c.answered == us(5) + ns(50) + b.wire(84) + flight);
  CHECK(a.answered == us(5) + ns(500) + b.wire(84) + flight);
}

TEST_CASE("the device sees responses in order of time") {
  link_bench b;
  duration last;
  b.device.on_answer = [&](auto& r) {
    CHECK(last <= r.answered);
    last = r.answered;
  };
  for (unsigned n = 0; n < 40; ++n) {
    if (n % 3 == 0) {
      b.device.write(n * 4096, 64);
    } else {
      b.device.read(n * 4096, 64 + n * 8);
    }
  }
  run_until(us(20));
  for (unsigned n = 0; n < 40; ++n) {
    b.root_complex.answer(*b.root_complex.arrivals[n].p, ns((n * 37) % 41 * 20));
  }
  run_dry();
  CHECK(b.device.order.size() == 40);
  b.device_checker.check_drained();
  b.port_checker.check_drained();
}

TEST_CASE("the notice that a write is in memory costs no wire, but keeps its place") {
  link_bench b;
  const auto& w = b.device.write(0x1000, 256);
  const auto& r1 = b.device.read(0x2000, 64);
  const auto& r2 = b.device.read(0x3000, 64);
  run_until(us(5));
  b.root_complex.answer(*r1.p);
  b.root_complex.answer(*w.p);
  b.root_complex.answer(*r2.p);
  run_dry();
  CHECK(r1.answered == us(5) + b.wire(84) + flight);
  CHECK(w.answered == us(5) + b.wire(84) + flight);
  CHECK(r2.answered == us(5) + b.wire(84) * 2 + flight);
  CHECK(b.link.statistics().completions.value() == 2);
  CHECK(b.link.statistics().down_bytes.value() == 2 * 84);
}

TEST_CASE("a write alone is announced after the flight") {
  link_bench b;
  const auto& w = b.device.write(0x1000, 256);
  run_until(us(5));
  b.root_complex.answer(*w.p, ns(3));
  run_dry();
  CHECK(w.answered == us(5) + ns(3) + flight);
}

TEST_CASE("bytes and busy time of both directions are counted") {
  link_bench b;
  const auto& w = b.device.write(0x1000, 256);
  const auto& r = b.device.read(0x2000, 512);
  run_until(us(5));
  b.root_complex.answer(*w.p);
  b.root_complex.answer(*r.p);
  run_dry();
  const auto& s = b.link.statistics();
  CHECK(s.up_tlps.value() == 2);
  CHECK(s.up_bytes.value() == 280 + 24);
  CHECK(s.up_busy.value() == (b.write_wire(256) + b.read_wire()).value());
  CHECK(s.down_bytes.value() == 552);
  CHECK(s.down_busy.value() == b.wire(552).value());
  CHECK(s.credit_stalls.value() == 0);
}
