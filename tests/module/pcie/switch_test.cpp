// Times, routes and turns of a switch.
#include "fabric_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::fabric_bench;
using test::fabric_shape;
using test::run_dry;
using test::run_until;
using test::slow_link;
using code = arch::ats_message_code;
using manner = test::scripted_target::manner;

namespace {

constexpr duration flight = ns(100);
constexpr duration latency = ns(115);

fabric_shape shape(unsigned devices, bool cut_through = false) {
  fabric_shape s;
  s.devices.assign(devices, slow_link());
  s.fabric.latency = latency;
  s.fabric.cut_through = cut_through;
  return s;
}

duration wire(std::uint64_t bytes, const pcie::link_params& p = slow_link()) {
  return transfer_time(base::bytes(bytes), p.tlp_rate());
}

arch::ats_message to(std::uint32_t sid, code c = code::prg_response) {
  auto m = test::message_with(c);
  m.sid = base::stream_id(sid);
  return m;
}

}  // namespace

TEST_CASE("a switch that stores adds its latency and a second serialisation, both ways") {
  fabric_bench b(shape(1));
  b.tbu.latency = us(1);
  run_until(us(1));
  const auto& r = b.devices[0].read(0x1000, 64);
  run_dry();
  const duration up = (wire(24) + flight) * 2 + latency;
  CHECK(b.tbu.arrivals.at(0).at == us(1) + up);
  CHECK(r.answered == us(2) + up + (wire(84) + flight) * 2 + latency);
}

TEST_CASE("with cut-through a TLP takes the second wire while it arrives") {
  fabric_bench b(shape(1, true));
  b.tbu.latency = us(1);
  run_until(us(1));
  const auto& r = b.devices[0].read(0x1000, 512);
  run_dry();
  const duration up = wire(24) + flight * 2 + latency;
  CHECK(b.tbu.arrivals.at(0).at == us(1) + up);
  CHECK(r.answered == us(2) + up + wire(2 * 20 + 512) + flight * 2 + latency);
}

TEST_CASE("a switch that stores has one of several completions to wait for") {
  fabric_bench b(shape(1));
  run_until(us(1));
  const auto& r = b.devices[0].read(0x1000, 512);
  run_dry();
  const duration up = (wire(24) + flight) * 2 + latency;
  const duration first = wire(20 + 512 + 20) - (wire(20 + 512 + 20) - wire(276));
  CHECK(r.answered == us(1) + up + first + wire(20 + 512 + 20) + flight * 2 + latency);
}

TEST_CASE("from a slow link to a fast one a TLP goes on so that it ends when it has arrived") {
  auto s = shape(1, true);
  s.up.lanes = 4;
  fabric_bench b(s);
  run_until(us(1));
  b.devices[0].write(0x1000, 256);
  run_dry();
  // The wire up is the faster one: the end leaves as soon as it is there.
  CHECK(b.tbu.arrivals.at(0).at == us(1) + wire(280) + flight * 2 + latency);
}

TEST_CASE("answers and messages go to the port of their RequesterID") {
  fabric_bench b(shape(3));
  run_until(us(1));
  const auto& r = b.devices[1].read(0x1000, 64);
  const auto& w = b.devices[2].write(0x2000, 64);
  b.send(to(0x200));
  b.send(to(0x300, code::invalidate_request));
  run_dry();
  CHECK(r.done());
  CHECK(w.done());
  CHECK(b.devices[0].receiver.arrivals.empty());
  CHECK(b.devices[1].receiver.arrivals.size() == 1);
  CHECK(b.devices[2].receiver.arrivals.size() == 1);
  CHECK(b.sent_down == 2);
  CHECK(b.switches[0]->statistics().down_tlps.value() == 4);
}

TEST_CASE("a message to a RequesterID of no port is dropped, and counted") {
  fabric_bench b(shape(2));
  run_until(us(1));
  b.send(to(0x900));
  b.send(to(0x100));
  run_dry();
  CHECK(b.sent_down == 2);
  CHECK(b.switches[0]->statistics().unrouted.value() == 1);
  CHECK(b.devices[0].receiver.arrivals.size() == 1);
}

TEST_CASE("functions of a device share its port") {
  fabric_bench b(shape(2));
  run_until(us(1));
  auto& a = b.devices[0].make(tlm::TLM_READ_COMMAND, 0, 64);
  a.ext().requester_id = 0x101;
  b.devices[0].engine.send(a);
  auto& c = b.devices[0].make(tlm::TLM_READ_COMMAND, 0, 64);
  b.devices[0].engine.send(c);
  b.send(to(0x101));
  b.send(to(0x107));
  run_dry();
  CHECK(a.done());
  CHECK(c.done());
  CHECK(b.devices[0].receiver.arrivals.size() == 2);
}

TEST_CASE("a RequesterID below two ports is refused") {
  fabric_bench b(shape(2));
  CHECK_THROWS_WITH(b.switches[0]->add_route(1, 0x100, 0x100),
                    "switch0: RequesterID 0x100 below two ports, 0 and 1");
}

TEST_CASE("ports take turns at the wire up") {
  fabric_bench b(shape(3));
  run_until(us(1));
  for (unsigned n = 0; n < 4; ++n) {
    for (unsigned d = 0; d < 3; ++d) b.devices[d].write(d * 0x10000 + n * 0x1000, 256);
  }
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 12);
  for (unsigned i = 0; i < 12; ++i) {
    CHECK(b.tbu.arrivals[i].address >> 16 == (i + 1) % 3);
  }
  CHECK(b.tbu.arrivals[11].at - b.tbu.arrivals[0].at == wire(280) * 11);
}

TEST_CASE("a slow port holds up the answers to the others") {
  auto s = shape(2);
  s.up.lanes = 16;
  s.devices[1].lanes = 16;
  fabric_bench b(s);
  b.tbu.how = manner::on_demand;
  run_until(us(1));
  std::vector<tlm::tlm_generic_payload*> slow;
  const auto& s1 = b.devices[0].read(0x1000, 256);
  const auto& s2 = b.devices[0].read(0x2000, 256);
  const auto& fast = b.devices[1].read(0x3000, 256);
  run_until(us(5));
  b.tbu.answer(*s1.p);
  b.tbu.answer(*s2.p);
  b.tbu.answer(*fast.p, ns(1));
  run_dry();
  const auto quick = s.up;
  const duration first = us(5) + wire(276, quick) + flight + latency;
  CHECK(s1.answered == first + wire(276) + flight);
  CHECK(s2.answered == first + wire(276) * 2 + flight);
  // The head waits for the slow wire; the other goes when it has it.
  CHECK(fast.answered == first + wire(276) + wire(276, quick) + flight);
  CHECK(b.switches[0]->statistics().head_waits.value() == 1);
}

TEST_CASE("completion credits of the wire above a switch hold back what it has no room for") {
  auto s = shape(1);
  s.up.lanes = 16;
  s.up.completion_headers = 1;
  s.up.completion_data = 16;
  fabric_bench b(s);
  b.tbu.how = manner::on_demand;
  run_until(us(1));
  const auto& a = b.devices[0].read(0x1000, 256);
  const auto& c = b.devices[0].read(0x2000, 256);
  run_until(us(5));
  b.tbu.answer(*a.p);
  b.tbu.answer(*c.p);
  run_dry();
  const duration quick = wire(276, s.up);
  const duration left = us(5) + quick + flight + latency + wire(276);
  CHECK(a.answered == left + flight);
  CHECK(c.answered == left + ns(70) + quick + flight + latency + wire(276) + flight);
  CHECK(b.uplinks[0].statistics().down_stalls.value() == 1);
}

TEST_CASE("without credits above, the switch stops reads and lets writes pass") {
  auto s = shape(1);
  s.up.nonposted_headers = 1;
  fabric_bench b(s);
  b.tbu.how = manner::held;
  run_until(us(1));
  const auto& first = b.devices[0].read(0x1000, 64);
  b.devices[0].read(0x2000, 64);
  const auto page = to(0x100, code::page_request);
  auto& m = test::make_message(b.devices[0].engine, page);
  b.devices[0].engine.send(m);
  run_until(us(9));
  CHECK(b.tbu.arrivals.size() == 1);
  CHECK(b.messages.size() == 1);
  CHECK(b.switches[0]->statistics().credit_stops.value() == 1);
  b.tbu.how = manner::at_once;
  b.tbu.answer(*first.p);
  run_dry();
  CHECK(b.tbu.arrivals.size() == 2);
}

TEST_CASE("two levels of switches: each adds its latency, wire and flight") {
  auto s = shape(2);
  s.levels = 2;
  fabric_bench b(s);
  run_until(us(1));
  const auto& r = b.devices[1].read(0x1000, 64);
  run_dry();
  CHECK(b.tbu.arrivals.at(0).at == us(1) + (wire(24) + flight) * 3 + latency * 2);
  CHECK(r.answered == b.tbu.arrivals[0].at + (wire(84) + flight) * 3 + latency * 2);
  duration sum;
  for (const auto& part : *kit::extension_of(*r.p).log) sum += part.length;
  CHECK(sum == r.answered - r.sent);
}

TEST_CASE("a switch grants its buffers to the links below and above it, each in its direction") {
  pcie::switch_params p;
  p.posted_headers = 2;
  p.posted_data = 32;
  p.nonposted_headers = 3;
  p.completion_headers = 4;
  p.completion_data = 64;
  const pcie::link_params plain;
  const auto below = p.below(plain), above = p.above(plain);
  CHECK(below.posted_headers == 2);
  CHECK(below.posted_data == 32);
  CHECK(below.nonposted_headers == 3);
  CHECK(below.completion_headers == plain.completion_headers);
  CHECK(above.posted_headers == plain.posted_headers);
  CHECK(above.down_posted_headers == 2);
  CHECK(above.down_posted_data == 32);
  CHECK(above.completion_headers == 4);
  CHECK(above.completion_data == 64);
}
