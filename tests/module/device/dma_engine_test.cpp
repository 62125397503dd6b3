// What the engine makes of responses: counts, faults, the end, agreement of early and late answers.
#include "tlm/device/dma_engine.h"

#include <catch2/catch.hpp>

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

TEST_CASE("the end is told once, when the last response is there") {
  engine_bench b;
  b.feed.add_reads(3);
  b.link.how = manner::on_demand;
  run_until(us(1));
  CHECK(b.finishes == 0);
  CHECK_FALSE(b.engine.finished());
  for (int n = 0; n < 3; ++n) b.link.answer(*b.link.arrivals[2 - n].p, ns(10));
  run_dry();
  CHECK(b.finishes == 1);
  CHECK(b.finished_at == us(1) + ns(10));
  CHECK(b.engine.finished());
}

TEST_CASE("an empty trace is over at once") {
  engine_bench b;
  run_dry();
  CHECK(b.finishes == 1);
  CHECK(b.finished_at == ns(0));
}

TEST_CASE("everything issued is completed or faulted, and faults move no data") {
  engine_bench b;
  b.feed.add_reads(10);
  b.feed.add(true, 0x9000, 300);
  unsigned n = 0;
  b.link.on_request = [&](auto&) {
    b.link.status = ++n % 3 == 0 ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  run_dry();
  CHECK(b.stats().issued.value() == 12);
  CHECK(b.stats().faulted.value() == 4);
  CHECK(b.stats().completed.value() == 8);
  CHECK(b.stats().bytes.value() == 7 * 64 + 256);
  CHECK(b.stats().in_flight.current() == 0);
  b.checker.check_drained();
}

TEST_CASE("answers at once, announced early and late give the same times") {
  device::dma_engine_params p;
  p.outstanding_reads = 2;
  struct side {
    side(const std::string& name, const device::dma_engine_params& params)
        : engine(name.c_str(), params, {base::bytes(256), base::bytes(512), true}, feed, &root),
          link((name + "_link").c_str()) {
      feed.add_reads(7);
      engine.to_link.bind(link.socket);
      link.latency = ns(100);
    }
    stats::group root{"test"};
    test::scripted_feed feed;
    device::dma_engine engine;
    test::scripted_target link;
  };
  side at_once("at_once", p), early("early", p), late("late", p);
  early.link.how = manner::on_demand;
  late.link.how = manner::late;
  run_until(ns(0));
  for (std::size_t n = 0; n < early.link.arrivals.size(); ++n) {
    const auto arrival = early.link.arrivals[n];
    early.link.answer(*arrival.p, arrival.at + ns(100) - kit::now());
  }
  run_dry();
  for (const side* s : {&at_once, &early, &late}) {
    REQUIRE(s->link.arrivals.size() == 7);
    for (unsigned n = 0; n < 7; ++n) CHECK(s->link.arrivals[n].at == ns(100) * (n / 2));
    CHECK(s->engine.finished());
    CHECK(static_cast<std::uint64_t>(s->engine.statistics().read.whole().sum()) ==
          7 * ns(100).value());
  }
}

TEST_CASE("an access is complete for the feed when its last piece is") {
  engine_bench b({}, true);
  b.feed.add(false, 0x1000, 1024);
  b.feed.add(false, 0x4000, 64);
  b.link.how = manner::on_demand;
  run_until(us(1));
  REQUIRE(b.link.arrivals.size() == 3);
  b.link.answer(*b.link.arrivals[1].p, ns(5));
  b.link.answer(*b.link.arrivals[2].p, ns(6));
  run_until(us(2));
  CHECK(b.feed.completed_lines == std::vector<std::uint64_t>{2});
  b.link.answer(*b.link.arrivals[0].p, ns(7));
  CHECK(b.feed.completed_lines.size() == 1);  // not before its time
  run_until(us(3));
  CHECK(b.feed.completed_lines == std::vector<std::uint64_t>{2, 1});
}

TEST_CASE("a feed that does not ask hears of no completion") {
  engine_bench b;
  b.feed.add_reads(3);
  run_dry();
  CHECK(b.feed.completed_lines.empty());
}

TEST_CASE("a feed that is blocked goes on when it says so") {
  engine_bench b({}, true);
  b.feed.add_reads(4);
  b.feed.blocked_at = 2;
  b.link.how = manner::late;
  b.link.latency = ns(50);
  run_until(us(1));
  CHECK(b.link.arrivals.size() == 2);
  CHECK(b.finishes == 0);
  b.feed.blocked_at = ~std::size_t{0};
  b.feed.wake();
  run_dry();
  REQUIRE(b.link.arrivals.size() == 4);
  CHECK(b.link.arrivals[2].at == us(1));
  CHECK(b.finishes == 1);
}

TEST_CASE("what the trace says of an access is in its requests") {
  engine_bench b;
  auto& r = b.feed.add(false, 0x1f00, 512);
  r.has_ssid = true;
  r.ssid = base::substream_id(77);
  r.sid = base::stream_id(0x308);
  r.has_output = true;
  r.output = 0x80001f00;
  std::vector<kit::dma_extension> seen;
  b.link.on_request = [&](auto& p) { seen.push_back(kit::extension_of(p)); };
  run_dry();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].requester_id == 0x308);
  CHECK(seen[0].has_ssid);
  CHECK(seen[0].ssid == base::substream_id(77));
  CHECK(seen[0].expected_output == 0x80001f00);
  CHECK(seen[1].address == base::iova(0x2000));
  CHECK(seen[1].expected_output == 0x80002000);
  CHECK(seen[1].has_expected);
}

TEST_CASE("an output that is not the trace's is counted, and the first is told") {
  engine_bench b;
  for (unsigned n = 0; n < 3; ++n) {
    auto& r = b.feed.add(false, 0x1000 * n, 64);
    r.has_output = true;
    r.output = 0x80000000 + 0x1000 * n;
  }
  b.link.on_request = [&](auto& p) {
    auto& ext = kit::extension_of(p);
    ext.sid = base::stream_id(0x10);
    const bool first = ext.address == base::iova(0);
    ext.stage1_output = first ? ext.expected_output : 0x70000000;
  };
  run_dry();
  CHECK(b.stats().mismatches.value() == 2);
  CHECK(b.engine.first_mismatch() ==
        "access to IOVA 0x1000 of StreamID 0x10 (line 2): stage-1 output 0x70000000, the trace "
        "says 0x80001000");
}

TEST_CASE("the output of an access that faulted is not compared") {
  engine_bench b;
  auto& r = b.feed.add(false, 0x1000, 64);
  r.has_output = true;
  r.output = 0x80000000;
  b.link.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  run_dry();
  CHECK(b.stats().mismatches.value() == 0);
  CHECK(b.engine.first_mismatch().empty());
}

TEST_CASE("latencies are kept for reads and writes, and stages sum to them") {
  engine_bench b;
  b.feed.add(false, 0x1000, 64);
  b.feed.add(true, 0x2000, 64);
  b.link.on_request = [&](auto& p) { b.link.latency = p.is_write() ? ns(70) : ns(300); };
  run_dry();
  CHECK(b.stats().read.whole().count() == 1);
  CHECK(b.stats().read.whole().max() == ns(300).value());
  CHECK(b.stats().write.whole().max() == ns(70).value());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kit::stage_count; ++i) {
    sum += b.engine.stages().of(static_cast<kit::stage>(i)).sum_ps;
  }
  CHECK(sum == ns(370).value());
}
