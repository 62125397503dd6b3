// What an ATC answers from its entries, what it asks for, and how long each takes.
#include "tlm/device/atc.h"

#include <catch2/catch.hpp>

#include "ats_bench.h"
#include "describe/visitor.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::ps;
using base::us;
using kit::stage;
using test::ats_bench;
using test::run_dry;
using test::run_until;

namespace {

// up + memory + down of the bench's host
constexpr duration dma_time = ns(100 + 80 + 100);
constexpr duration request_time = ns(100 + 50 + 100);
constexpr duration lookup = ns(4);

duration latency(const test::scripted_initiator::request& r) {
  return r.answered - r.sent;
}

duration spent(test::scripted_initiator::request& r, stage s) {
  duration sum;
  for (const auto& segment : *r.ext().log) {
    if (segment.what == s) sum += segment.length;
  }
  return sum;
}

}  // namespace

TEST_CASE("a miss takes lookup, Translation Request and transfer, a hit lookup and transfer") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  auto& miss = b.read(0x5040);
  run_dry();
  auto& hit = b.read(0x5080);
  run_dry();
  CHECK(latency(miss) == lookup + request_time + dma_time);
  CHECK(latency(hit) == lookup + dma_time);
  CHECK(spent(miss, stage::atc_lookup) == lookup);
  CHECK(spent(miss, stage::atc_translation) == request_time);
  CHECK(spent(miss, stage::atc_wait) == ns(0));
  CHECK(spent(hit, stage::atc_translation) == ns(0));
  REQUIRE(b.host.dmas.size() == 2);
  CHECK(b.host.dmas[0].output == 0x80005040);
  CHECK(b.host.dmas[0].address == 0x5040);
  CHECK(b.host.dmas[1].output == 0x80005080);
  CHECK(miss.ext().address == base::iova(0x5040));
  CHECK(miss.p->get_address() == 0x5040);
  CHECK(b.atc.cache_statistics().hits.value() == 1);
  CHECK(b.atc.cache_statistics().misses.value() == 1);
  b.check_drained();
}

TEST_CASE("the stages of a translated request sum to its latency") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.host.interval = ns(7);
  for (unsigned n = 0; n < 5; ++n) b.read(0x5000 + 64 * n);
  run_dry();
  for (auto& r : b.engine.requests) {
    duration sum;
    for (const auto& s : *r.ext().log) sum += s.length;
    CHECK(sum == latency(r));
  }
  b.check_drained();
}

TEST_CASE("without entries every request asks for its translation") {
  device::atc_params p;
  p.entries = p.ways = 0;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  auto& one = b.read(0x5000);
  run_dry();
  auto& two = b.read(0x5000);
  run_dry();
  CHECK(latency(one) == request_time + dma_time);  // no lookup either
  CHECK(latency(two) == request_time + dma_time);
  CHECK(b.stats().asked.value() == 2);
}

TEST_CASE("lookups share the ports there are") {
  device::atc_params p;
  p.ports = 1;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_dry();
  for (unsigned n = 0; n < 3; ++n) b.read(0x5000);
  run_dry();
  for (unsigned n = 0; n < 3; ++n) {
    auto& r = b.engine.requests[1 + n];
    CHECK(latency(r) == (n + 1) * lookup + dma_time);
    CHECK(spent(r, stage::atc_wait) == n * lookup);
  }
}

TEST_CASE("requests to a page that is being asked for wait for that answer") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  auto& one = b.read(0x5000);
  run_until(ns(100));
  auto& two = b.read(0x5fc0);
  run_dry();
  CHECK(b.stats().asked.value() == 1);
  CHECK(b.stats().coalesced.value() == 1);
  CHECK(one.answered == two.answered);
  CHECK(spent(two, stage::atc_wait) == request_time - ns(100));
  b.check_drained();
}

TEST_CASE("requests that do not coalesce ask each for itself") {
  device::atc_params p;
  p.coalesce = false;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  b.read(0x5040);
  run_dry();
  CHECK(b.stats().asked.value() == 2);
  CHECK(b.stats().coalesced.value() == 0);
  b.check_drained();
}

TEST_CASE("with n Translation Requests under way the next one waits") {
  device::atc_params p;
  p.requests = 2;
  ats_bench b(p);
  for (std::uint64_t a = 0x1000; a <= 0x3000; a += 0x1000) b.host.map(a, 0x80000000 + a);
  for (std::uint64_t a = 0x1000; a <= 0x3000; a += 0x1000) b.read(a);
  run_dry();
  CHECK(latency(b.engine.requests[1]) == lookup + request_time + dma_time);
  CHECK(latency(b.engine.requests[2]) == lookup + 2 * request_time + dma_time);
  CHECK(spent(b.engine.requests[2], stage::atc_wait) == request_time);
  CHECK(b.stats().requests.max() == 2);
  b.check_drained();
}

TEST_CASE("the engine stops when all slots are taken, and goes on when one is free") {
  device::atc_params p;
  p.slots = 3;
  ats_bench b(p);
  for (std::uint64_t n = 0; n < 4; ++n) b.host.map(n << 12, 0x80000000 + (n << 12));
  for (std::uint64_t n = 0; n < 3; ++n) CHECK(b.read(n << 12).accepted == ns(0));
  auto& last = b.read(0x3000);
  CHECK(last.accepted == kit::never);
  run_dry();
  CHECK(last.accepted == lookup + request_time);
  CHECK(latency(last) == 2 * (lookup + request_time) + dma_time);
  CHECK(spent(last, stage::atc_wait) == lookup + request_time);
  CHECK(b.stats().refused.value() == 1);
  CHECK(b.stats().slots.max() == 3);
  b.check_drained();
}

TEST_CASE("hits pass the misses that wait") {
  ats_bench b;
  b.host.map(0x1000, 0x80001000);
  b.host.map(0x2000, 0x80002000);
  b.read(0x1000);
  run_dry();
  auto& miss = b.read(0x2000);
  auto& hit = b.read(0x1000);
  run_dry();
  CHECK(hit.answered + request_time == miss.answered);
}

TEST_CASE("a write asks anew with NW = 0 where it finds a translation for reads") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000, 12, false);
  b.read(0x5000);
  run_dry();
  b.host.map(0x5000, 0x80005000);
  auto& w = b.write(0x5000);
  run_dry();
  REQUIRE(b.host.requests.size() == 2);
  CHECK_FALSE(b.host.requests[0].write);
  CHECK(b.host.requests[1].write);
  CHECK(b.atc.cache_statistics().read_only.value() == 1);
  CHECK(latency(w) == lookup + request_time + dma_time);
  b.read(0x5000);
  b.write(0x5000);
  run_dry();
  CHECK(b.host.requests.size() == 2);
  b.check_drained();
}

TEST_CASE("a write that waits for a read's answer asks on where that was read-only") {
  device::atc_params p;
  p.page_requests.enabled = false;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000, 12, false);
  auto& r = b.read(0x5000);
  auto& w = b.write(0x5000);
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK_FALSE(w.p->is_response_ok());  // the page stays read-only
  REQUIRE(b.host.requests.size() == 2);
  CHECK_FALSE(b.host.requests[0].write);
  CHECK(b.host.requests[1].write);
  CHECK(b.stats().upgrades.value() == 1);
  CHECK(b.stats().failed.value() == 1);
  b.check_drained();
}

TEST_CASE("an entry has the size of the completion, up to the largest") {
  ats_bench b;
  b.host.map(0x10000, 0x80010000, 16);
  b.read(0x13040);
  run_dry();
  b.read(0x1f000);
  run_dry();
  CHECK(b.host.dmas[0].output == 0x80013040);
  CHECK(b.host.dmas[1].output == 0x8001f000);
  CHECK(b.atc.cache_statistics().hits.value() == 1);
  CHECK(b.atc.cache_statistics().narrowed.value() == 0);
}

TEST_CASE("a completion beyond the largest entry is entered in part") {
  device::atc_params p;
  p.largest = base::kib(64);
  ats_bench b(p);
  b.host.map(0x40000000, 0xc0000000, 30);
  b.read(0x40012000);
  run_dry();
  b.read(0x4001f000);  // in the same 64 KiB
  b.read(0x40020000);  // beyond
  run_dry();
  CHECK(b.atc.cache_statistics().hits.value() == 1);
  CHECK(b.atc.cache_statistics().narrowed.value() == 2);
  CHECK(b.host.dmas[2].output == 0xc0020000);
}

TEST_CASE("an ATC of two sizes holds others as the smaller one") {
  device::atc_params p;
  p.sizes = device::atc_sizes::two;
  ats_bench b(p);
  b.host.map(0x10000, 0x80010000, 16);
  b.read(0x13040);
  run_dry();
  b.read(0x1f000);
  b.read(0x13000);
  run_dry();
  CHECK(b.atc.cache_statistics().hits.value() == 1);
  CHECK(b.host.dmas[1].output == 0x80013000);
}

TEST_CASE("prefetch asks for the next STUs, and leaves no page request where they are absent") {
  device::atc_params p;
  p.prefetch = 2;
  ats_bench b(p);
  b.host.map(0x5000, 0x80005000);
  b.host.map(0x6000, 0x80006000);
  b.read(0x5000);
  run_dry();
  REQUIRE(b.host.requests.size() == 3);
  CHECK_FALSE(b.host.requests[0].speculative);
  CHECK(b.host.requests[1].address == 0x6000);
  CHECK(b.host.requests[1].speculative);
  CHECK(b.host.requests[2].address == 0x7000);
  CHECK(b.host.page_requests.empty());
  auto& hit = b.read(0x6000);
  run_dry();
  CHECK(latency(hit) == lookup + dma_time);
  CHECK(b.stats().prefetches.value() == 2);
  b.check_drained();
}

namespace {
device::atc_params four() {
  device::atc_params p;
  p.translations_per_request = 4;
  return p;
}
}  // namespace

TEST_CASE("a request for several translations asks for the rest of its block, which then hits") {
  ats_bench b(four());
  for (std::uint64_t at = 0x4000; at <= 0x9000; at += 0x1000) b.host.map(at, 0x80000000 + at);
  b.read(0x5040);
  run_dry();
  REQUIRE(b.host.requests.size() == 1);
  CHECK(b.host.requests[0].address == 0x5000);
  CHECK(b.host.requests[0].translations == 3);  // its block of four ends at 0x7fff
  CHECK(b.cache_fills() == 3);
  for (const std::uint64_t at : {0x6000, 0x7040}) {
    auto& hit = b.read(at);
    run_dry();
    CHECK(latency(hit) == lookup + dma_time);
    CHECK(b.host.dmas.back().output == 0x80000000 + at);
  }
  b.read(0x4000);
  run_dry();
  REQUIRE(b.host.requests.size() == 2);
  CHECK(b.host.requests[1].translations == 1);  // what is behind it is there
  b.check_drained();
}

TEST_CASE("accesses to what a request asks for as well wait for its completion") {
  ats_bench b(four());
  for (std::uint64_t at = 0x4000; at <= 0x7000; at += 0x1000) b.host.map(at, 0x80000000 + at);
  auto& one = b.read(0x4000);
  auto& two = b.write(0x6000);
  auto& three = b.read(0x6040);
  run_dry();
  CHECK(b.host.requests.size() == 1);
  CHECK(one.answered == lookup + request_time + dma_time);
  CHECK(two.answered == one.answered);
  CHECK(three.answered == one.answered);
  b.check_drained();
}

TEST_CASE("what a completion of several translations does not reach is asked for by itself") {
  ats_bench b(four());
  for (const std::uint64_t at : {0x4000, 0x6000, 0x7000}) b.host.map(at, 0x80000000 + at);
  b.read(0x4000);
  auto& behind = b.read(0x6000);
  run_dry();
  REQUIRE(b.host.requests.size() == 2);
  CHECK(b.host.requests[0].translations == 4);
  CHECK(b.host.requests[1].address == 0x6000);
  CHECK(b.host.requests[1].translations == 1);
  CHECK(behind.answered == lookup + 2 * request_time + dma_time);
  CHECK(b.host.page_requests.empty());
  b.check_drained();
}

TEST_CASE("one translation that is larger than the STU serves all that a request asked for") {
  ats_bench b(four());
  b.host.map(0x200000, 0x80000000, 21);
  b.read(0x200000);
  b.read(0x203000);
  run_dry();
  CHECK(b.host.requests.size() == 1);
  CHECK(b.cache_fills() == 1);
  REQUIRE(b.host.dmas.size() == 2);
  CHECK(b.host.dmas[1].output == 0x80003000);
  b.check_drained();
}

TEST_CASE("an invalidation overtaken by several translations lets only those it covers be asked") {
  ats_bench b(four());
  for (std::uint64_t at = 0x4000; at <= 0x7000; at += 0x1000) b.host.map(at, 0x80000000 + at);
  b.read(0x4000);
  b.read(0x5000);
  b.read(0x6000);
  run_until(lookup + ns(160));  // translated, and on its way down
  b.host.invalidate(0x5000);
  b.host.map(0x5000, 0x90000000);
  run_dry();
  REQUIRE(b.host.requests.size() == 2);
  CHECK(b.host.requests[1].address == 0x5000);
  CHECK(b.stats().stale.value() == 1);
  CHECK(b.host.dmas.back().output == 0x90000000);
  CHECK(b.host.completions.size() == 1);
  b.check_drained();
}

TEST_CASE("pages that are absent behind the first are requested as without several translations") {
  ats_bench b(four());
  b.host.on_page_request = [&](const arch::page_request& r) {
    b.host.map(r.address, 0x80000000 + r.address);
    if (r.last) b.host.respond(r.prg_index);
  };
  b.read(0x4000);
  b.read(0x6000);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 2);
  CHECK(b.host.page_requests[0].address == 0x4000);
  CHECK(b.host.page_requests[1].address == 0x6000);
  CHECK(b.stats().resolved.value() == 2);
  b.check_drained();
}

TEST_CASE("PASIDs and privilege are kept apart") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.access(false, 0x5000, 1);
  run_dry();
  b.access(false, 0x5000, 2);
  run_dry();
  b.access(false, 0x5000);
  run_dry();
  CHECK(b.stats().asked.value() == 3);
  b.access(false, 0x5000, 1);
  run_dry();
  CHECK(b.stats().asked.value() == 3);
}

TEST_CASE("UR and CA fail the requests that wait") {
  ats_bench b;
  b.host.status = arch::ats_status::unsupported_request;
  auto& ur = b.read(0x5000);
  run_dry();
  b.host.status = arch::ats_status::completer_abort;
  auto& ca = b.read(0x5000);
  run_dry();
  CHECK(ur.p->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(latency(ur) == lookup + request_time);
  CHECK(ca.p->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(b.stats().unsupported.value() == 1);
  CHECK(b.stats().aborted.value() == 1);
  CHECK(b.host.page_requests.empty());
  b.check_drained();
}

TEST_CASE("requests leave at the pace of the link, and wait while it takes none") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.read(0x5000);
  run_dry();
  b.host.interval = ns(10);
  for (unsigned n = 0; n < 3; ++n) b.read(0x5000);
  run_dry();
  for (unsigned n = 0; n < 3; ++n) {
    CHECK(latency(b.engine.requests[1 + n]) == lookup + n * ns(10) + dma_time);
  }
  b.host.closed = true;
  auto& held = b.read(0x5000);
  run_until(us(10));
  b.host.open();
  run_dry();
  CHECK(held.answered == us(10) + dma_time);
  b.check_drained();
}

TEST_CASE("what is posted passes a read that the link holds, and reads pass nothing") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000);
  b.write(0x5000);
  run_until(us(1));
  b.host.order.clear();
  b.host.closed_to_reads = true;
  b.read(0x5000);
  run_until(us(2));
  b.read(0x5040);
  b.write(0x5080);
  b.host.invalidate(0x9000);
  run_until(us(3));
  CHECK(b.host.order == std::vector<std::uint64_t>{0x80005080, ~std::uint64_t{0}});
  b.host.open();
  run_dry();
  CHECK(b.host.order.size() == 4);
  b.host.order.clear();
  b.host.closed = true;
  b.write(0x5000);
  run_until(kit::now() + us(1));
  b.read(0x5000);
  run_until(kit::now() + us(1));
  CHECK(b.host.order.empty());
  b.host.open();
  run_dry();
  CHECK(b.host.order == std::vector<std::uint64_t>{0x80005000, 0x80005000});
  b.check_drained();
}
