// Translation Requests and messages on a link: bytes, credits, order (pcie-ats-pri.md 1.2, 5.5).
#include "message_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::message_bench;
using test::run_dry;
using test::run_until;
using test::slow_link;
using code = arch::ats_message_code;
using manner = test::scripted_target::manner;

namespace {

constexpr duration flight = ns(100);
constexpr duration credit_return = ns(70);
constexpr duration start = message_bench::start;

test::scripted_initiator::request& translation(message_bench& b, bool write,
                                               std::uint32_t length = 8) {
  auto& r = b.device.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, 0x1000, length);
  r.ext().at = arch::transaction_kind::translation_request;
  b.device.send(r);
  return r;
}

}  // namespace

TEST_CASE("a message up is a header on the wire, whatever its payload, and a PASID four bytes") {
  message_bench b;
  const auto with_pasid = test::message_with(code::page_request, true);
  b.up(b.completion);
  b.up(b.page);
  b.up(with_pasid);
  CHECK(b.arrival(0) == b.wire(24) + flight);
  CHECK(b.arrival(1) == b.wire(24) * 2 + flight);
  CHECK(b.arrival(2) == b.wire(24) * 2 + b.wire(28) + flight);
}

TEST_CASE("a message up takes a posted header and no data credit") {
  auto p = slow_link();
  p.posted_headers = 2;
  p.posted_data = 16;
  message_bench b(p);
  b.device.write(0x1000, 256);
  CHECK(b.up(b.page).accepted == start);
  CHECK(b.up(b.page).accepted == kit::never);
}

TEST_CASE("the answer to a message up costs no wire") {
  message_bench b;
  const auto& m = b.up(b.completion);
  run_until(us(5));
  b.root_complex.answer(*m.p);
  run_dry();
  CHECK(m.answered == us(5) + flight);
  CHECK(b.link.statistics().down_bytes.value() == 0);
}

TEST_CASE("a Translation Request is non-posted, and a header, whether it asks to write or not") {
  auto p = slow_link();
  p.nonposted_headers = 2;
  p.posted_headers = 1;
  message_bench b(p);
  translation(b, false);
  CHECK(translation(b, true).accepted == start);
  CHECK(b.arrival(1) == b.wire(24) * 2 + flight);
  CHECK(b.device.write(0, 64).accepted == start);
  CHECK(translation(b, true).accepted == kit::never);
}

TEST_CASE("the completion of a Translation Request is a header and 8 bytes") {
  message_bench b;
  const auto& r = translation(b, false);
  run_until(us(5));
  b.root_complex.answer(*r.p);
  run_dry();
  CHECK(r.answered == us(5) + b.wire(28) + flight);
}

TEST_CASE("the completion of four translations, asked for with NW = 0, is 52 bytes") {
  message_bench b;
  const auto& r = translation(b, true, 32);
  run_until(us(5));
  b.root_complex.answer(*r.p);
  run_dry();
  CHECK(r.answered == us(5) + b.wire(52) + flight);
}

TEST_CASE("the completion of a Translation Request that is not supported has no entry") {
  message_bench b;
  arch::ats_completion answer;
  answer.status = arch::ats_status::unsupported_request;
  auto& r = translation(b, false);
  r.ext().completion = &answer;
  run_until(us(5));
  b.root_complex.answer(*r.p);
  run_dry();
  CHECK(r.answered == us(5) + b.wire(20) + flight);
}

TEST_CASE("an Invalidate Request is 32 bytes on the wire, a PRG Response 24") {
  message_bench b;
  const auto& first = b.down(b.invalidate);
  run_until(start + b.wire(32));
  CHECK(first.accepted == start + b.wire(32));
  const auto& second = b.down(b.prg);
  run_dry();
  REQUIRE(b.receiver.arrivals.size() == 2);
  CHECK(second.accepted == start + b.wire(32) + b.wire(24));
  CHECK(b.receiver.arrivals[0].at == start + b.wire(32) + flight);
  CHECK(b.receiver.arrivals[1].at == start + b.wire(32) + b.wire(24) + flight);
  CHECK(first.answered == b.receiver.arrivals[0].at);
  CHECK(b.link.statistics().messages_down.value() == 2);
  b.smmu_checker.check_drained();
}

TEST_CASE("a message keeps its place among the completions") {
  message_bench b;
  const auto& r1 = b.device.read(0x1000, 64);
  const auto& r2 = b.device.read(0x2000, 64);
  run_until(us(5));
  b.root_complex.answer(*r1.p);
  b.down(b.invalidate, ns(1));
  b.root_complex.answer(*r2.p, ns(2));
  run_dry();
  const duration first = us(5) + b.wire(84) + flight;
  CHECK(r1.answered == first);
  CHECK(b.receiver.arrivals.at(0).at == first + b.wire(32));
  CHECK(r2.answered == first + b.wire(32) + b.wire(84));
}

TEST_CASE("a message the device does not take stops the completions behind it, not those before") {
  message_bench b;
  b.receiver.how = manner::held;
  const auto& r1 = b.device.read(0x1000, 64);
  const auto& r2 = b.device.read(0x2000, 64);
  run_until(us(5));
  b.root_complex.answer(*r1.p);
  const auto& m = b.down(b.invalidate, ns(1));
  b.root_complex.answer(*r2.p, ns(2));
  run_until(us(9));
  CHECK(r1.done());
  CHECK_FALSE(r2.done());
  CHECK_FALSE(m.done());
  b.receiver.accept(*m.p);
  run_dry();
  CHECK(m.answered == us(9));
  CHECK(r2.answered == us(9));
  CHECK(b.link.statistics().refused.value() == 1);
}

TEST_CASE("a device that takes no messages gets as many as it gave credits, completions stop too") {
  auto p = slow_link();
  p.down_posted_headers = 3;
  message_bench b(p);
  b.receiver.how = manner::held;
  const auto& r = b.device.read(0x1000, 64);
  for (unsigned n = 0; n < 3; ++n) {
    CHECK(b.down(b.prg).accepted == kit::never);  // until it is on the wire
    run_until(us(2 + n));
    CHECK(b.from_smmu.requests[n].accepted != kit::never);
  }
  const auto& fourth = b.down(b.prg);
  b.root_complex.answer(*r.p, ns(1));
  run_until(us(9));
  CHECK(fourth.accepted == kit::never);
  CHECK(b.link.statistics().messages_down.value() == 3);
  b.receiver.accept(*b.from_smmu.requests[0].p);
  run_until(us(10));
  CHECK(fourth.accepted == us(9) + credit_return + b.wire(24));
  CHECK(b.link.statistics().down_stalls.value() == 1);
  CHECK_FALSE(r.done());
  b.receiver.how = manner::at_once;
  b.receiver.accept(*b.from_smmu.requests[1].p);
  run_dry();
  CHECK(r.answered == us(10));
  CHECK(b.from_smmu.order.size() == 4);
}

TEST_CASE("messages down take data credits for their body") {
  auto p = slow_link();
  p.down_posted_data = 1;
  message_bench b(p);
  b.receiver.how = manner::held;
  b.down(b.invalidate);
  run_until(us(2));
  b.down(b.prg);  // has none
  run_until(us(3));
  CHECK(b.from_smmu.requests[1].accepted != kit::never);
  b.down(b.invalidate);
  run_until(us(4));
  CHECK(b.from_smmu.requests[2].accepted == kit::never);
}

TEST_CASE("what is posted passes a read that waits for credits") {
  auto p = slow_link();
  p.nonposted_headers = 1;
  message_bench b(p);
  const auto& first = b.device.read(0x1000, 64);
  const auto& stopped = b.device.read(0x2000, 64);
  CHECK(stopped.accepted == kit::never);
  CHECK(b.device.write(0x3000, 64).accepted == start);
  CHECK(b.up(b.completion).accepted == start);
  CHECK(b.root_complex.arrivals.size() == 3);
  run_until(us(5));
  b.root_complex.free_buffer(*first.p);
  run_dry();
  CHECK(stopped.accepted == us(5) + credit_return);
}

TEST_CASE("a read does not pass what is posted and waits for credits") {
  auto p = slow_link();
  p.posted_headers = 1;
  message_bench b(p);
  const auto& first = b.device.write(0x1000, 64);
  const auto& stopped = b.device.write(0x2000, 64);
  const auto& read = b.device.read(0x3000, 64);
  CHECK(stopped.accepted == kit::never);
  CHECK(read.accepted == kit::never);
  run_until(us(5));
  b.root_complex.free_buffer(*first.p);
  run_dry();
  REQUIRE(b.root_complex.arrivals.size() == 3);
  CHECK(stopped.accepted == us(5) + credit_return);
  CHECK(b.root_complex.arrivals[1].p == stopped.p);
  CHECK(b.root_complex.arrivals[2].at ==
        us(5) + credit_return + b.write_wire(64) + b.read_wire() + flight);
}
