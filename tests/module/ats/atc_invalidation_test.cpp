// Invalidate Requests: what they drop, what they wait for, and what they push.
#include <catch2/catch.hpp>

#include "ats_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::ats_bench;
using test::run_dry;
using test::run_until;

namespace {

constexpr duration lookup = ns(4), request_time = ns(250), one_way = ns(100), memory = ns(80);
constexpr duration service = ns(50);

arch::ats_message invalidate(std::uint64_t address, unsigned shift, int pasid = -1) {
  arch::ats_message m;
  m.sid = base::stream_id(0x10);
  m.has_ssid = pasid >= 0;
  m.ssid = base::substream_id(pasid >= 0 ? static_cast<std::uint32_t>(pasid) : 0);
  m.size_shift = static_cast<std::uint8_t>(shift);
  m.address = shift >= 64 ? 0 : address >> shift << shift;
  return m;
}

}  // namespace

TEST_CASE("an invalidation of an idle ATC takes its service time and the way up") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_until(us(1));
  const duration sent = kit::now();
  b.host.invalidate(0x5000, 12, 5);
  run_dry();
  REQUIRE(b.host.completions.size() == 1);
  CHECK(b.host.completions[0].itags == 1u << 5);
  CHECK(b.host.completions[0].sid == base::stream_id(0x10));
  CHECK(b.host.completion_times[0] == sent + service + one_way);
  CHECK(b.atc.cache_statistics().invalidated.value() == 1);
  b.read(0x5000);
  run_dry();
  CHECK(b.stats().asked.value() == 2);
  b.check_drained();
}

TEST_CASE("an invalidation reaches entries that overlap it, of its PASID or of all") {
  ats_bench b;
  b.host.map(0x10000, 0x80010000, 16);
  b.host.map(0x30000, 0x80030000, 12);
  for (const std::uint32_t pasid : {1u, 2u}) {
    b.access(false, 0x10000, pasid);
    b.access(false, 0x30000, pasid);
  }
  run_dry();
  const auto& dropped = b.atc.cache_statistics().invalidated;
  b.host.send(invalidate(0x1f000, 12, 3));
  run_dry();
  CHECK(dropped.value() == 0);
  b.host.send(invalidate(0x1f000, 12, 1));  // a page of a larger entry
  run_dry();
  CHECK(dropped.value() == 1);
  b.host.send(invalidate(0x20000, 16));  // beside them
  run_dry();
  CHECK(dropped.value() == 1);
  b.host.send(invalidate(0, 18));
  run_dry();
  CHECK(dropped.value() == 4);
  b.host.send(invalidate(0, 64));
  run_dry();
  CHECK(b.host.completions.size() == 5);
}

TEST_CASE("an invalidation waits for the data of reads that use what it covers") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.host.map(0x6000, 0x80006000);
  for (const bool early : {true, false}) {
    b.host.early = early;
    b.read(0x5000);
    b.read(0x6000);
    run_until(kit::now() + us(2));
    auto& r = b.read(0x5000);
    run_until(kit::now() + ns(20));
    b.host.invalidate(0x6000);
    b.host.invalidate(0x5000);
    const duration sent = kit::now();
    const std::size_t before = b.host.completions.size();
    run_dry();
    REQUIRE(b.host.completions.size() == before + 2);
    CHECK(b.host.completion_times[before] == sent + service + one_way);
    CHECK(b.host.completion_times[before + 1] == r.answered + one_way);
  }
  b.check_drained();
}

TEST_CASE("an invalidation waits for a read whose data is announced but not there") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_dry();
  auto& r = b.read(0x5000);
  run_until(kit::now() + lookup + one_way + memory + ns(10));  // its data leaves memory
  b.host.invalidate(0x5000);
  run_dry();
  CHECK(b.host.completion_times[0] == r.answered + one_way);
}

TEST_CASE("an invalidation does not wait for writes, and stays behind them") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.write(0x5000);
  run_dry();
  b.host.order.clear();
  b.host.interval = ns(100);  // writes queue up at the link
  for (unsigned n = 0; n < 3; ++n) b.write(0x5000 + 64 * n);
  const duration sent = kit::now();
  b.host.invalidate(0x5000);
  run_dry();
  CHECK(b.host.order ==
        std::vector<std::uint64_t>{0x80005000, 0x80005040, 0x80005080, ~std::uint64_t{0}});
  CHECK(b.host.completion_times[0] == sent + lookup + ns(300) + one_way);
}

TEST_CASE("an ATC that drains writes completes an invalidation when memory has them") {
  device::atc_params p;
  p.drain_writes = true;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  b.write(0x5000);
  run_dry();
  auto& w = b.write(0x5000);
  run_until(kit::now() + ns(20));
  b.host.invalidate(0x5000);
  run_dry();
  CHECK(b.host.completion_times[0] == w.answered + one_way);
}

TEST_CASE("an answer that an invalidation overtook is asked for anew") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  auto& r = b.read(0x5000);
  run_until(lookup + one_way + ns(50));  // walked, on its way down
  b.host.map(0x5000, 0x90005000);
  b.host.invalidate(0x5000);
  run_dry();
  CHECK(b.stats().stale.value() == 1);
  REQUIRE(b.host.dmas.size() == 1);
  CHECK(b.host.dmas[0].output == 0x90005000);
  CHECK(r.answered == lookup + 2 * request_time + ns(280));
  b.check_drained();
}

TEST_CASE("an answer whose range holds an invalidated neighbour is asked for anew") {
  ats_bench b;
  b.host.map(0x200000, 0x80200000, 21);
  b.read(0x200000);
  run_until(lookup + one_way + ns(50));
  b.host.invalidate(0x3ff000);
  run_dry();
  CHECK(b.stats().stale.value() == 1);
  b.check_drained();
}

TEST_CASE("with n Invalidate Requests not served the link holds the next") {
  device::atc_params p;
  p.invalidate_queue = 3;
  ats_bench b(p);
  for (std::uint8_t n = 0; n < 3; ++n) b.host.invalidate(0x1000, 12, n);
  CHECK(b.host.held == 0);
  b.host.invalidate(0x1000, 12, 20);
  CHECK(b.host.held == 1);
  CHECK(b.stats().queue.current() == 3);
  run_dry();
  CHECK(b.host.accepted == 4);
  REQUIRE(b.host.completions.size() == 4);
  // The held one came in when the first was served, and the service never paused.
  for (std::uint32_t n = 0; n < 4; ++n) {
    CHECK(b.host.completion_times[n] == (n + 1) * service + one_way);
  }
  CHECK(b.host.completions[3].itags == 1u << 20);
  CHECK(b.stats().queue.max() == 3);
  b.check_drained();
}

TEST_CASE("a message that is not for a device is dropped and counted") {
  ats_bench b;
  arch::ats_message m;
  m.code = arch::ats_message_code::page_request;
  b.host.send(m);
  run_dry();
  CHECK(b.stats().unknown.value() == 1);
}

TEST_CASE("a broken device acknowledges an invalidation and uses the translation all the same") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_dry();
  b.atc.keep_invalidated();
  b.host.invalidate(0x5000);
  run_dry();
  CHECK(b.host.completions.size() == 1);
  b.read(0x5000);
  run_dry();
  CHECK(b.stats().asked.value() == 1);
}

TEST_CASE("an invalidation that waits for a read does not keep the next one out") {
  device::atc_params p;
  p.invalidate_queue = 1;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_until(us(1));
  b.host.memory = us(10);
  auto& slow = b.read(0x5000);
  run_until(us(2));
  for (std::uint8_t n = 0; n < 3; ++n) b.host.invalidate(0x5000 + n * 0x1000u, 12, n);
  run_until(us(4));
  CHECK(b.host.accepted == 3);
  CHECK(b.host.completions.size() == 2);  // those that nothing uses
  run_dry();
  CHECK(b.host.completion_times[2] == slow.answered + one_way);
  b.check_drained();
}
