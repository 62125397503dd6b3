// What is bounded in the system-level cache really stops requests, and lets them go on.
#include "cache_bench.h"
#include "tlm/memory/system_level_cache.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::cache_bench;
using test::hit_time;
using test::miss_time;
using test::small_cache;

TEST_CASE("a slice takes one request a cycle") {
  cache_bench b;
  b.read(0);
  b.pause();
  for (unsigned n = 0; n < 10; ++n) CHECK(b.read(0) == hit_time + ns(1) * n);
}

TEST_CASE("slices take requests side by side") {
  auto p = small_cache();
  p.slices = 2;
  cache_bench b(p);
  b.read(0x00);
  b.read(0x40);
  b.pause();
  CHECK(b.read(0x00) == hit_time);
  CHECK(b.read(0x40) == hit_time);
  CHECK(b.read(0x00) == hit_time + ns(1));
}

TEST_CASE("a full input queue stops the next request until a place is free") {
  auto p = small_cache();
  p.input_queue = 1;
  cache_bench b(p);
  b.read(0);
  b.pause();
  const duration start = kit::now();
  CHECK(b.read(0) == hit_time);          // in the slice
  CHECK(b.read(0) == hit_time + ns(1));  // in the queue
  CHECK(b.stats().refused.value() == 0);
  const auto& stopped = b.requester.read(0, 64);
  CHECK_FALSE(stopped.done());
  CHECK(b.stats().refused.value() == 1);
  test::run_dry();
  CHECK(stopped.answered == start + ns(2) + hit_time);
  b.checker.check_drained();
}

TEST_CASE("with one miss entry the second miss goes on when the first is back") {
  auto p = small_cache();
  p.misses = 1;
  cache_bench b(p);
  const duration start = kit::now();
  CHECK(b.read(0x000) == miss_time);
  const auto& second = b.requester.read(0x100, 64);
  CHECK_FALSE(second.done());
  test::run_dry();
  CHECK(second.answered == start + miss_time + miss_time);
  CHECK(b.stats().refused.value() == 1);
  b.pause();
  CHECK(b.read(0x000) == hit_time);
  CHECK(b.read(0x100) == hit_time + ns(1));
}

TEST_CASE("as many misses as entries go on together, one more waits for the first") {
  auto p = small_cache();
  p.misses = 4;
  cache_bench b(p);
  const duration start = kit::now();
  for (std::uint64_t n = 0; n < 4; ++n) CHECK(b.read(n * 64) == miss_time + ns(1) * n);
  const auto& fifth = b.requester.read(4 * 64, 64);
  CHECK_FALSE(fifth.done());
  test::run_dry();
  CHECK(fifth.answered == start + miss_time + miss_time);
}

TEST_CASE("a request that waited has the wait in its log as SLC queue") {
  auto p = small_cache();
  p.misses = 1;
  cache_bench b(p);
  b.read(0x000);
  auto& second = b.requester.read(0x100, 64);
  test::run_dry();
  duration waited;
  for (const auto& s : *second.ext().log) {
    if (s.what == kit::stage::slc_queue) waited += s.length;
  }
  CHECK(waited == miss_time);
}

TEST_CASE("blocking transport takes as long as non-blocking when nothing else is under way") {
  cache_bench b;
  const duration miss = b.read(0x1000);
  b.pause();
  const duration hit = b.read(0x1000);
  duration blocking_miss, blocking_hit;
  sc_core::sc_spawn([&] {
    auto& r = b.requester;
    sc_core::wait(1, sc_core::SC_US);
    blocking_miss = r.blocking(r.make(tlm::TLM_READ_COMMAND, 0x2000, 64));
    sc_core::wait(1, sc_core::SC_US);
    blocking_hit = r.blocking(r.make(tlm::TLM_READ_COMMAND, 0x2000, 64));
  });
  test::run_dry();
  CHECK(blocking_miss == miss);
  CHECK(blocking_hit == hit);
}

TEST_CASE("blocking transport waits for a miss entry like every other request") {
  auto p = small_cache();
  p.misses = 1;
  cache_bench b(p);
  b.read(0x000);
  duration took;
  sc_core::sc_spawn(
      [&] { took = b.requester.blocking(b.requester.make(tlm::TLM_READ_COMMAND, 0x100, 64)); });
  test::run_dry();
  CHECK(took == miss_time + miss_time);
}
