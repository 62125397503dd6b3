#include "tlm/memory/system_level_cache.h"

#include <algorithm>
#include <cstring>

#include "cache_bench.h"

using namespace svasim;
using base::ns;
using test::cache_bench;
using test::hit_time;
using test::miss_time;
using test::same_set;
using test::small_cache;

TEST_CASE("a miss takes the way to memory and back, a hit the access of the cache") {
  cache_bench b;
  CHECK(b.read(0x1000) == miss_time);
  b.pause();
  CHECK(b.read(0x1000) == hit_time);
  CHECK(b.read(0x1020, 32) == hit_time + ns(1));  // the slice took the one before
  CHECK(b.stats().lookups.value() == 3);
  CHECK(b.stats().hits.value() == 2);
  CHECK(b.stats().misses.value() == 1);
  CHECK(b.stats().fills.value() == 1);
  CHECK(b.memory.arrivals.size() == 1);
}

TEST_CASE("a second access to a line under way waits for it, without going to memory") {
  cache_bench b;
  b.read(0x1000);
  test::run_until(kit::now() + ns(30));
  CHECK(b.read(0x1000) == miss_time - ns(30));
  CHECK(b.memory.arrivals.size() == 1);
  test::run_until(kit::now() + ns(80));
  CHECK(b.read(0x1000) == hit_time);
}

TEST_CASE("a line that only was read leaves without a write-back") {
  cache_bench b;
  b.read(0);
  b.pause();
  b.read(same_set);
  b.pause();
  CHECK(b.stats().evictions.value() == 1);
  CHECK(b.stats().writebacks.value() == 0);
  CHECK(b.read(0) == miss_time);
}

TEST_CASE("a dirty line is written to memory when it leaves, once") {
  cache_bench b;
  CHECK(b.write(0x40) == hit_time);
  b.pause();
  CHECK(b.memory.arrivals.empty());
  b.read(0x40 + same_set);
  b.pause();
  b.read(0x40);
  CHECK(b.stats().writebacks.value() == 1);
  CHECK(b.stats().evictions.value() == 2);
  REQUIRE(b.memory.arrivals.size() == 3);
  const auto written = std::count_if(b.memory.arrivals.begin(), b.memory.arrivals.end(),
                                     [](const auto& a) { return a.write; });
  CHECK(written == 1);
  for (const auto& a : b.memory.arrivals) {
    if (!a.write) continue;
    CHECK(a.address == 0x40);
    CHECK(a.length == 64);
  }
}

TEST_CASE("a line that was read and then written is dirty") {
  cache_bench b;
  b.read(0);
  b.pause();
  b.write(0);
  b.pause();
  b.read(same_set);
  CHECK(b.stats().writebacks.value() == 1);
}

TEST_CASE("without allocation of DMA writes they go to memory and leave no line") {
  auto p = small_cache();
  p.allocate_dma_writes = false;
  cache_bench b(p);
  CHECK(b.write(0x40) == miss_time);
  b.pause();
  CHECK(b.stats().fills.value() == 0);
  REQUIRE(b.memory.arrivals.size() == 1);
  CHECK(b.memory.arrivals[0].write);
  CHECK(b.read(0x40) == miss_time);
  b.pause();
  CHECK(b.write(0x40) == hit_time);  // the line is here now
}

TEST_CASE("writes of the SMMU allocate whatever DMA writes do") {
  auto p = small_cache();
  p.allocate_dma_writes = false;
  cache_bench b(p);
  auto& w = b.requester.make(tlm::TLM_WRITE_COMMAND, 0x40, 32);
  w.ext().kind = kit::traffic::queue;
  b.requester.send(w);
  CHECK(w.answered - kit::now() == hit_time);
  CHECK(b.stats().fills.value() == 1);
}

TEST_CASE("a request of several lines looks each up and asks memory once") {
  cache_bench b;
  CHECK(b.read(0x1000, 256) == miss_time);
  CHECK(b.stats().lookups.value() == 4);
  CHECK(b.stats().misses.value() == 4);
  CHECK(b.stats().fills.value() == 4);
  REQUIRE(b.memory.arrivals.size() == 1);
  CHECK(b.memory.arrivals[0].length == 256);
  b.pause();
  for (unsigned line = 0; line < 4; ++line) {
    CHECK(b.read(0x1000 + line * 64) == hit_time + ns(1) * line);
  }
}

TEST_CASE("a request of several lines fills only those that are missing") {
  cache_bench b;
  b.read(0x1040);
  b.pause();
  CHECK(b.read(0x1000, 128) == miss_time);
  CHECK(b.stats().hits.value() == 1);
  CHECK(b.stats().misses.value() == 2);
  CHECK(b.stats().fills.value() == 2);
}

TEST_CASE("a request counts the lines it touches, not its bytes") {
  cache_bench b;
  b.read(0x103f, 2);
  CHECK(b.stats().lookups.value() == 2);
  b.pause();
  b.read(0x1000, 1);
  CHECK(b.stats().lookups.value() == 3);
  CHECK(b.stats().hits.value() == 1);
}

TEST_CASE("reads of table walks are counted apart") {
  cache_bench b;
  for (int n = 0; n < 2; ++n) {
    auto& r = b.requester.make(tlm::TLM_READ_COMMAND, 0x80, 8);
    r.ext().kind = kit::traffic::table_walk;
    b.requester.send(r);
    b.pause();
  }
  b.read(0x80);
  CHECK(b.stats().walk_reads.value() == 2);
  CHECK(b.stats().walk_hits.value() == 1);
}

TEST_CASE("the bytes of hits and misses, reads and writes are those of memory") {
  cache_bench b;
  b.bytes.write64(base::pa(0x1000), 0x1234);
  auto& miss = b.requester.read(0x1000, 8);
  CHECK(*reinterpret_cast<std::uint64_t*>(miss.p->get_data_ptr()) == 0x1234);
  b.bytes.write64(base::pa(0x1000), 0x5678);
  auto& hit = b.requester.read(0x1000, 8);
  CHECK(*reinterpret_cast<std::uint64_t*>(hit.p->get_data_ptr()) == 0x5678);
  auto& w = b.requester.make(tlm::TLM_WRITE_COMMAND, 0x2000, 8);
  std::memcpy(w.p->get_data_ptr(), "ABCDEFGH", 8);
  b.requester.send(w);
  CHECK(b.bytes.read64(base::pa(0x2000)) == 0x4847464544434241);
}

TEST_CASE("without allocation of DMA reads they leave no line, but find those of others") {
  auto p = small_cache();
  p.allocate_dma_reads = false;
  cache_bench b(p);
  CHECK(b.read(0x40) == miss_time);
  b.pause();
  CHECK(b.read(0x40) == miss_time);
  b.pause();
  CHECK(b.stats().fills.value() == 0);
  auto& walk = b.requester.make(tlm::TLM_READ_COMMAND, 0x40, 8);
  walk.ext().kind = kit::traffic::table_walk;
  b.requester.send(walk);
  b.pause();
  CHECK(b.read(0x40) == hit_time);
}
