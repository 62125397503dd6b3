// When the engine sends what: modes, tags, splitting, back-pressure of the link.
#include <catch2/catch.hpp>
#include <tuple>

#include "base/rng.h"
#include "engine_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using device::issue_mode;
using test::engine_bench;
using test::run_dry;
using test::run_until;
using manner = test::scripted_target::manner;

namespace {

device::dma_engine_params params(issue_mode mode, std::uint32_t reads = 128,
                                 std::uint32_t writes = 128) {
  device::dma_engine_params p;
  p.mode = mode;
  p.outstanding_reads = reads;
  p.outstanding_writes = writes;
  return p;
}

using piece = std::tuple<std::uint64_t, unsigned>;
std::vector<piece> pieces(const test::scripted_target& link) {
  std::vector<piece> out;
  for (const auto& a : link.arrivals) out.emplace_back(a.address, a.length);
  return out;
}

}  // namespace

TEST_CASE("a read is cut at MRRS and at 4 KiB, counted from its own address") {
  engine_bench b;
  b.feed.add(false, 0x1ff0, 1000);
  run_dry();
  CHECK(pieces(b.link) ==
        std::vector<piece>{piece{0x1ff0, 16}, piece{0x2000, 512}, piece{0x2200, 472}});
  CHECK(b.stats().accesses.value() == 1);
  CHECK(b.stats().issued.value() == 3);
  CHECK(b.stats().bytes.value() == 1000);
}

TEST_CASE("a write is cut at MPS") {
  engine_bench b;
  b.feed.add(true, 0x1010, 600);
  run_dry();
  CHECK(pieces(b.link) ==
        std::vector<piece>{piece{0x1010, 256}, piece{0x1110, 256}, piece{0x1210, 88}});
}

TEST_CASE("the pieces of any access cover it exactly and none crosses 4 KiB or its limit") {
  engine_bench b;
  base::rng random(3);
  for (int n = 0; n < 1000; ++n) {
    b.feed.add(random.chance(1, 2), random.below(1 << 20),
               static_cast<std::uint32_t>(1 + random.below(9000)));
  }
  b.link.latency = ns(100);
  run_dry();
  std::size_t at = 0;
  for (const trace::record& r : b.feed.records) {
    std::uint64_t next = r.address.value();
    const std::uint64_t end = next + r.length;
    while (next < end) {
      REQUIRE(at < b.link.arrivals.size());
      const auto& a = b.link.arrivals[at++];
      REQUIRE(a.address == next);
      REQUIRE(a.write == r.write);
      REQUIRE(a.length <= (r.write ? 256u : 512u));
      REQUIRE(a.address / 4096 == (a.address + a.length - 1) / 4096);
      next += a.length;
    }
    REQUIRE(next == end);
  }
  CHECK(at == b.link.arrivals.size());
}

TEST_CASE("closed mode keeps as many reads under way as there are tags, and not one more") {
  engine_bench b(params(issue_mode::closed, 4));
  b.feed.add_reads(10);
  b.link.how = manner::on_demand;
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 4);
  b.link.answer(*b.link.arrivals[2].p, ns(20));
  run_until(us(2));
  REQUIRE(b.link.arrivals.size() == 5);
  CHECK(b.link.arrivals[4].at == us(1) + ns(20));
  CHECK(b.stats().in_flight.max() == 4);
}

TEST_CASE("reads and writes have tags of their own") {
  engine_bench b(params(issue_mode::closed, 1, 2));
  for (int n = 0; n < 3; ++n) b.feed.add(true, 0x1000, 64);
  b.link.how = manner::on_demand;
  run_until(us(1));
  CHECK(b.link.arrivals.size() == 2);
}

TEST_CASE("a read without a tag stops the accesses behind it: the engine keeps its order") {
  engine_bench b(params(issue_mode::closed, 1, 8));
  b.feed.add(false, 0x1000, 64);
  b.feed.add(false, 0x2000, 64);
  b.feed.add(true, 0x3000, 64);
  b.link.how = manner::on_demand;
  run_until(us(1));
  CHECK(b.link.arrivals.size() == 1);
  b.link.answer(*b.link.arrivals[0].p);
  run_until(us(2));
  REQUIRE(b.link.arrivals.size() == 3);
  CHECK(b.link.arrivals[2].write);
}

TEST_CASE("serial mode has strictly one access under way, with all its requests") {
  engine_bench b(params(issue_mode::serial));
  b.feed.add(false, 0x1000, 1024);
  b.feed.add(false, 0x2000, 64);
  b.link.how = manner::on_demand;
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 2);
  b.link.answer(*b.link.arrivals[1].p);
  run_until(us(2));
  CHECK(b.link.arrivals.size() == 2);
  b.link.answer(*b.link.arrivals[0].p, ns(30));
  run_until(us(3));
  REQUIRE(b.link.arrivals.size() == 3);
  CHECK(b.link.arrivals[2].at == us(2) + ns(30));
}

TEST_CASE("a packet in serial mode is under way together, and the next waits for all of it") {
  device::dma_engine_params p = params(issue_mode::serial);
  p.packet = 3;
  engine_bench b(p);
  b.feed.add_reads(5);
  b.link.how = manner::on_demand;
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 3);
  b.link.answer(*b.link.arrivals[2].p);
  b.link.answer(*b.link.arrivals[0].p);
  run_until(us(2));
  REQUIRE(b.link.arrivals.size() == 3);
  b.link.answer(*b.link.arrivals[1].p, ns(30));
  run_until(us(3));
  REQUIRE(b.link.arrivals.size() == 5);
  CHECK(b.link.arrivals[3].at == us(2) + ns(30));
  CHECK(b.stats().in_flight.max() == 3);
}

TEST_CASE("a packet stays one where its first access is answered before its last is made") {
  device::dma_engine_params p = params(issue_mode::serial);
  p.packet = 2;
  p.issue_interval = ns(100);
  engine_bench b(p);
  b.feed.add_reads(3);
  b.link.latency = ns(10);
  run_until(ns(50));
  CHECK(b.link.arrivals.size() == 1);  // answered, and the packet is not full
  run_until(ns(150));
  REQUIRE(b.link.arrivals.size() == 2);
  b.link.how = manner::on_demand;
  run_dry();
  REQUIRE(b.link.arrivals.size() == 3);
  CHECK(b.link.arrivals[2].at == ns(200));
}

TEST_CASE("open mode issues at the time of the trace") {
  engine_bench b(params(issue_mode::open));
  b.feed.add(false, 0x1000, 64, ns(0));
  b.feed.add(false, 0x2000, 64, ns(700));
  b.feed.add(true, 0x3000, 64, ns(700));
  b.feed.add(false, 0x4000, 64, us(9));
  run_dry();
  REQUIRE(b.link.arrivals.size() == 4);
  CHECK(b.link.arrivals[0].at == ns(0));
  CHECK(b.link.arrivals[1].at == ns(700));
  CHECK(b.link.arrivals[2].at == ns(700));
  CHECK(b.link.arrivals[3].at == us(9));
}

TEST_CASE("open mode stretches and squeezes the time of the trace") {
  auto p = params(issue_mode::open);
  p.time_scale_ppm = 250000;
  engine_bench b(p);
  b.feed.add(false, 0x1000, 64, ns(100));
  b.feed.add(false, 0x2000, 64, us(4));
  run_dry();
  REQUIRE(b.link.arrivals.size() == 2);
  CHECK(b.link.arrivals[0].at == ns(25));
  CHECK(b.link.arrivals[1].at == us(1));
}

TEST_CASE("open mode that runs out of tags falls behind, and the wait counts as latency") {
  engine_bench b(params(issue_mode::open, 1));
  b.feed.add(false, 0x1000, 64, ns(0));
  b.feed.add(false, 0x2000, 64, ns(10));
  b.link.how = manner::late;
  b.link.latency = ns(100);
  run_dry();
  REQUIRE(b.link.arrivals.size() == 2);
  CHECK(b.link.arrivals[1].at == ns(100));
  CHECK(b.stats().read.whole().max() == ns(190).value());
  CHECK(b.engine.stages().of(kit::stage::device_issue).sum_ps > 0);
}

TEST_CASE("two requests are at least the issue interval apart") {
  auto p = params(issue_mode::closed);
  p.issue_interval = ns(4);
  engine_bench b(p);
  b.feed.add_reads(5);
  run_dry();
  REQUIRE(b.link.arrivals.size() == 5);
  for (unsigned n = 0; n < 5; ++n) CHECK(b.link.arrivals[n].at == ns(4) * n);
}

TEST_CASE("while the link does not take a request nothing follows, then all goes on in order") {
  engine_bench b;
  b.feed.add_reads(4);
  b.link.how = manner::held;
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 1);
  b.link.how = manner::on_demand;
  b.link.accept(*b.link.arrivals[0].p);
  run_until(us(2));
  REQUIRE(b.link.arrivals.size() == 4);
  CHECK(b.link.arrivals[1].at == us(1));
  CHECK(b.link.arrivals[3].address == 3 * 4096);
}

TEST_CASE("a response while the link is busy is handled at its time, and sends nothing") {
  engine_bench b(params(issue_mode::closed, 2));
  b.feed.add_reads(3);
  unsigned seen = 0;
  b.link.how = manner::on_demand;
  b.link.on_request = [&](auto&) {
    if (++seen == 1) b.link.how = manner::held;  // the second is held
  };
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 2);
  b.link.answer(*b.link.arrivals[0].p, ns(50));
  run_until(us(2));
  CHECK(b.stats().completed.value() == 1);
  CHECK(b.link.arrivals.size() == 2);
  b.link.accept(*b.link.arrivals[1].p);
  run_until(us(3));
  CHECK(b.link.arrivals.size() == 3);
}
