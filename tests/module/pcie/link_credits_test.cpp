#include <algorithm>

#include "link_bench.h"
#include "tlm/pcie/link.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::link_bench;
using test::run_dry;
using test::run_until;
using test::slow_link;

namespace {

constexpr duration credit_return = ns(70);
constexpr duration flight = ns(100);

pcie::link_params with_credits(std::uint32_t posted, std::uint32_t data, std::uint32_t nonposted) {
  auto p = slow_link();
  p.posted_headers = posted;
  p.posted_data = data;
  p.nonposted_headers = nonposted;
  return p;
}

}  // namespace

TEST_CASE("as many reads as header credits go, one more waits until a credit has returned") {
  link_bench b(with_credits(16, 1024, 3));
  for (unsigned n = 0; n < 3; ++n) CHECK(b.device.read(n * 4096, 64).accepted == link_bench::start);
  const auto& fourth = b.device.read(0x8000, 64);
  CHECK(fourth.accepted == kit::never);
  run_until(us(5));
  CHECK(b.root_complex.arrivals.size() == 3);
  b.root_complex.free_buffer(*b.root_complex.arrivals[1].p);
  run_dry();
  REQUIRE(b.root_complex.arrivals.size() == 4);
  CHECK(b.root_complex.arrivals[3].at == us(5) + credit_return + b.read_wire() + flight);
  CHECK(fourth.accepted == us(5) + credit_return);
  CHECK(b.link.statistics().credit_stalls.value() == 1);
}

TEST_CASE("reads and writes have header credits of their own") {
  link_bench b(with_credits(1, 1024, 1));
  b.device.read(0x1000, 64);
  const auto& w = b.device.write(0x2000, 64);
  CHECK(w.accepted == link_bench::start);
  const auto& second = b.device.write(0x3000, 64);
  CHECK(second.accepted == kit::never);
  run_until(us(5));
  b.root_complex.free_buffer(*b.root_complex.arrivals[0].p);  // of the read: of no use
  run_until(us(6));
  CHECK(second.accepted == kit::never);
  b.root_complex.free_buffer(*w.p);
  run_dry();
  CHECK(second.accepted == us(6) + credit_return);
}

TEST_CASE("data credits of 16 bytes: exactly as many as two writes need stop neither") {
  link_bench b(with_credits(16, 8, 16));
  b.device.write(0x1000, 64);
  CHECK(b.device.write(0x2000, 64).accepted == link_bench::start);
  CHECK(b.link.statistics().credit_stalls.value() == 0);
}

TEST_CASE("one data credit too few stops a write") {
  link_bench b(with_credits(16, 7, 16));
  const auto& first = b.device.write(0x1000, 64);
  const auto& second = b.device.write(0x2000, 64);
  CHECK(second.accepted == kit::never);
  run_until(us(5));
  b.root_complex.free_buffer(*first.p);
  run_dry();
  CHECK(second.accepted == us(5) + credit_return);
}

TEST_CASE("a write of 17 bytes takes two data credits") {
  link_bench b(with_credits(16, 3, 16));
  CHECK(b.device.write(0x1000, 17).accepted != kit::never);
  CHECK(b.device.write(0x2000, 16).accepted != kit::never);
  CHECK(b.device.write(0x3000, 1).accepted == kit::never);
}

TEST_CASE("a write that needs the data of two others waits for the second") {
  link_bench b(with_credits(16, 8, 16));
  const auto& a = b.device.write(0x1000, 64);
  const auto& c = b.device.write(0x2000, 64);
  const auto& large = b.device.write(0x3000, 128);
  run_until(us(5));
  b.root_complex.free_buffer(*a.p);
  run_until(us(6));
  CHECK(large.accepted == kit::never);
  b.root_complex.free_buffer(*c.p);
  run_dry();
  CHECK(large.accepted == us(6) + credit_return);
  CHECK(b.root_complex.arrivals[2].at == us(6) + credit_return + b.write_wire(128) + flight);
}

TEST_CASE("credits that returned before they are needed stall nobody") {
  link_bench b(with_credits(16, 1024, 1));
  const auto& first = b.device.read(0x1000, 64);
  run_until(us(5));
  b.root_complex.free_buffer(*first.p);
  run_until(us(6));
  CHECK(b.device.read(0x2000, 64).accepted == us(6));
  CHECK(b.link.statistics().credit_stalls.value() == 0);
}

TEST_CASE("a credit on its way back delays the TLP until it is there") {
  link_bench b(with_credits(16, 1024, 1));
  const auto& first = b.device.read(0x1000, 64);
  run_until(us(5));
  b.root_complex.free_buffer(*first.p);
  run_until(us(5) + ns(30));
  CHECK(b.device.read(0x2000, 64).accepted == us(5) + credit_return);
  CHECK(b.root_complex.arrivals[1].at == us(5) + credit_return + b.read_wire() + flight);
  CHECK(b.link.statistics().credit_stalls.value() == 1);
}

TEST_CASE("credits circulate: with n of them every TLP gets through in order") {
  link_bench b(with_credits(2, 8, 2));
  b.root_complex.how = test::scripted_target::manner::on_demand;
  std::size_t freed = 0;
  for (unsigned n = 0; n < 200; ++n) {
    if (n % 2 == 0) {
      b.device.read(n * 4096, 64);
    } else {
      b.device.write(n * 4096, 64);
    }
    // The receiver frees its oldest buffer now and then, and whenever the device is stopped.
    while (b.device.requests.back().accepted == kit::never || n % 5 == 0) {
      REQUIRE(freed < b.root_complex.arrivals.size());
      run_until(std::max(kit::now(), b.root_complex.arrivals[freed].at) + ns(100));
      b.root_complex.free_buffer(*b.root_complex.arrivals[freed++].p);
      if (n % 5 == 0 && b.device.requests.back().accepted != kit::never) break;
    }
    run_until(std::max(kit::now(), b.device.requests.back().accepted));
  }
  REQUIRE(b.root_complex.arrivals.size() == 200);
  for (unsigned n = 0; n < 200; ++n) CHECK(b.root_complex.arrivals[n].address == n * 4096);
  CHECK(b.link.statistics().credit_stalls.value() > 0);
}
