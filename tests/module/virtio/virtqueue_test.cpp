// Both ends of a split virtqueue at work, and what they access.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <deque>

#include "ring_bench.h"

using namespace svasim;
using test::ring_bench;
using test::ring_params;
using lines = std::vector<std::string>;

TEST_CASE("a request of two descriptors costs the accesses of virtio 1.2, end to end") {
  ring_bench b(ring_params(256, true));
  REQUIRE(b.add(7));
  b.driver.publish(b.guest);
  CHECK(b.driver.kick_needed(b.guest));
  CHECK(b.guest.accesses() ==
        lines{"w 10000 16", "w 10010 16", "w 11004 2", "w 11002 2", "r 11a44 2"});

  REQUIRE(b.device.pop(b.host, b.chain));
  std::uint8_t request[36], status[4] = {};
  REQUIRE(b.device.read(b.host, b.chain, 0, request, 36));
  REQUIRE(b.device.write(b.host, b.chain, 0, status, 4));
  b.device.push(b.host, b.chain, 4);
  CHECK(b.device.interrupt_needed(b.host));
  CHECK_FALSE(b.device.enable_kicks(b.host));
  CHECK(b.host.accesses() == lines{"r 80011002 2", "r 80011004 2", "r 80010000 16", "r 80010010 16",
                                   "r 80002000 36", "w 80003000 4", "w 80011244 8", "w 80011242 2",
                                   "r 80011204 2", "w 80011a44 2", "r 80011002 2"});

  const auto used = b.driver.collect(b.guest);
  REQUIRE(used);
  CHECK(used->token == 7);
  CHECK(used->written == 4);
  CHECK(b.guest.accesses() == lines{"r 11242 2", "r 11244 8", "w 11204 2"});
  CHECK(b.driver.free_descriptors() == 256);
}

TEST_CASE("flags cost the same accesses, and none at the ends that stay awake") {
  ring_bench b(ring_params(256, false));
  b.driver.disable_interrupts(b.guest);
  CHECK(b.guest.accesses() == lines{"w 11000 2"});
  REQUIRE(b.add(1));
  b.driver.publish(b.guest);
  CHECK(b.driver.kick_needed(b.guest));
  CHECK(b.guest.accesses().back() == "r 11240 2");
  REQUIRE(b.serve());
  CHECK_FALSE(b.device.interrupt_needed(b.host));
  CHECK(b.host.accesses().back() == "r 80011000 2");
  CHECK(b.driver.collect(b.guest));
  CHECK(b.guest.accesses() == lines{"r 11242 2", "r 11244 8"});
}

TEST_CASE("an indirect chain takes one descriptor of the ring and a table of its own") {
  ring_bench b(ring_params(256, true, true));
  REQUIRE(b.add(7));
  b.driver.publish(b.guest);
  // The tables lie behind the ring, a line each.
  CHECK(b.guest.accesses() ==
        lines{"w 11a80 16", "w 11a90 16", "w 10000 16", "w 11004 2", "w 11002 2"});
  CHECK(b.driver.free_descriptors() == 255);
  REQUIRE(b.device.pop(b.host, b.chain));
  CHECK(b.host.accesses() ==
        lines{"r 80011002 2", "r 80011004 2", "r 80010000 16", "r 80011a80 16", "r 80011a90 16"});
  CHECK(b.chain.parts.size() == 2);
  CHECK(b.chain.readable == 36);
  CHECK(b.chain.writable == 4);
  CHECK(virtio::virtqueue_memory(ring_params(256, true, true)) == 0x1a80 + 256 * 64);
}

TEST_CASE("the bytes of a chain lie part behind part, each cut at its lines") {
  ring_bench b(ring_params(8, true));
  const kit::ring_part parts[] = {{0x2030, 40}, {0x3001, 3}, {0x4000, 2}, {0x5000, 80}};
  REQUIRE(b.driver.add(b.guest, parts, 2, 2, 1));
  b.driver.publish(b.guest);
  REQUIRE(b.device.pop(b.host, b.chain));
  CHECK(b.chain.readable == 43);
  CHECK(b.chain.writable == 82);
  std::uint8_t bytes[82] = {};
  b.host.accesses();
  CHECK(b.device.read(b.host, b.chain, 2, bytes, 41));
  CHECK(b.host.accesses() == lines{"r 80002032 14", "r 80002040 24", "r 80003001 3"});
  CHECK(b.device.write(b.host, b.chain, 1, bytes, 81));
  CHECK(b.host.accesses() == lines{"w 80004001 1", "w 80005000 64", "w 80005040 16"});
  CHECK_FALSE(b.device.read(b.host, b.chain, 0, bytes, 44));
  CHECK_FALSE(b.device.write(b.host, b.chain, 83, bytes, 0));
  CHECK_FALSE(b.device.broken());
}

TEST_CASE("a ring takes as many chains as it has descriptors for, not one more") {
  for (const std::uint32_t entries : {2u, 4u, 256u}) {
    for (const bool indirect : {false, true}) {
      CAPTURE(entries, indirect);
      ring_bench b(ring_params(entries, true, indirect));
      const std::uint32_t room = indirect ? entries : entries / 2;
      for (std::uint32_t i = 0; i < room; ++i) REQUIRE(b.add(i));
      CHECK_FALSE(b.add(room));
      CHECK(b.driver.statistics().full.value() == 1);
      b.driver.publish(b.guest);
      REQUIRE(b.serve());
      CHECK(b.driver.collect(b.guest)->token == 0);
      CHECK(b.add(room));
    }
  }
}

TEST_CASE("a ring of one holds no request of two descriptors, but one whose table is its own") {
  ring_bench direct(ring_params(1, true));
  CHECK_FALSE(direct.add(1));
  const kit::ring_part event[] = {{0x2000, 48}};
  CHECK(direct.driver.add(direct.guest, event, 0, 1, 1));
  direct.driver.publish(direct.guest);
  CHECK(direct.serve(48));
  CHECK(direct.driver.collect(direct.guest)->written == 48);

  ring_bench indirect(ring_params(1, true, true));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(indirect.add(5));
    CHECK_FALSE(indirect.add(6));
    indirect.driver.publish(indirect.guest);
    REQUIRE(indirect.serve());
    CHECK(indirect.driver.collect(indirect.guest)->token == 5);
  }
}

TEST_CASE("what is not published is not seen, and what is seen needs one kick") {
  ring_bench b(ring_params(8, true));
  CHECK_FALSE(b.device.enable_kicks(b.host));
  REQUIRE(b.add(1));
  REQUIRE(b.add(2));
  CHECK_FALSE(b.device.pop(b.host, b.chain));
  CHECK_FALSE(b.driver.kick_needed(b.guest));
  b.driver.publish(b.guest);
  CHECK(b.driver.kick_needed(b.guest));
  CHECK_FALSE(b.driver.kick_needed(b.guest));
  CHECK(b.device.pop(b.host, b.chain));
  REQUIRE(b.add(3));
  b.driver.publish(b.guest);
  CHECK_FALSE(b.driver.kick_needed(b.guest));  // the device is awake
  CHECK(b.driver.statistics().kicks.value() == 1);
  CHECK(b.driver.statistics().kicks_suppressed.value() == 1);
}

TEST_CASE("chains may come back in any order, each with its token") {
  ring_bench b(ring_params(8, false));
  for (std::uint64_t i = 0; i < 4; ++i) REQUIRE(b.add(i));
  b.driver.publish(b.guest);
  std::vector<kit::ring_chain> taken(4);
  for (auto& c : taken) REQUIRE(b.device.pop(b.host, c));
  for (const unsigned i : {2u, 0u, 3u, 1u}) b.device.push(b.host, taken[i], i);
  for (const unsigned i : {2u, 0u, 3u, 1u}) {
    const auto used = b.driver.collect(b.guest);
    REQUIRE(used);
    CHECK(used->token == i);
    CHECK(used->written == i);
  }
  CHECK_FALSE(b.driver.collect(b.guest));
  CHECK(b.driver.statistics().polls.value() == 1);
}

TEST_CASE("indices wrap at 65536 without losing a chain, a kick or an interrupt") {
  for (const std::uint32_t entries : {2u, 256u}) {
    ring_bench b(ring_params(entries, true));
    b.guest.noting = b.host.noting = false;
    for (std::uint32_t i = 0; i < 66000; ++i) {
      if (b.device.enable_kicks(b.host)) FAIL("work before it was made");
      if (b.driver.enable_interrupts(b.guest)) FAIL("used before it was made");
      if (!b.add(i)) FAIL("full");
      b.driver.publish(b.guest);
      if (!b.driver.kick_needed(b.guest)) FAIL("no kick at " << i);
      if (!b.serve()) FAIL("lost at " << i);
      if (!b.device.interrupt_needed(b.host)) FAIL("no interrupt at " << i);
      const auto used = b.driver.collect(b.guest);
      if (!used || used->token != i) FAIL("wrong token at " << i);
    }
    CHECK(b.driver.statistics().used.value() == 66000);
  }
}

TEST_CASE("two tasks in one queue are a defect of who calls it") {
  ring_bench b(ring_params(8, true));
  struct intruder final : kit::task {
    explicit intruder(ring_bench& of) : bench(of) {}
    ring_bench& bench;
    std::string called = "intruder";
    const std::string& name() const override { return called; }
    void compute(base::duration) override {}
    std::uint64_t sleep(kit::wakeup&) override { return 0; }
    void read(std::uint64_t, void*, std::uint32_t) override { (void)bench.serve(); }
    void write(std::uint64_t, const void*, std::uint32_t) override { (void)bench.add(1); }
    std::uint32_t read_register(std::uint64_t) override { return 0; }
    void write_register(std::uint64_t, std::uint32_t) override {}
  } other(b);
  const kit::ring_part part[] = {{0x2000, 4}};
  CHECK_THROWS_WITH(b.driver.add(other, part, 1, 0, 1), "driver: two tasks in one virtqueue");
  CHECK_THROWS_WITH(b.device.enable_kicks(other), "device: two tasks in one virtqueue");
}

namespace {

// The driver's and the device's steps in any order, against a naive account of what is where.
struct naive_ring {
  explicit naive_ring(const virtio::virtqueue_params& p) : bench(p) {
    bench.guest.noting = bench.host.noting = false;
  }
  ring_bench bench;
  std::deque<std::uint64_t> added, published, used;
  std::vector<std::pair<kit::ring_chain, std::uint64_t>> held;
  std::uint64_t next = 0;
  bool device_sleeps = true, driver_sleeps = false, good = true;

  void require(bool holds) { good &= holds; }
  void add() {
    if (bench.add(next)) added.push_back(next++);
  }
  void publish() {
    const bool work = !added.empty();
    published.insert(published.end(), added.begin(), added.end());
    added.clear();
    bench.driver.publish(bench.guest);
    const bool kick = bench.driver.kick_needed(bench.guest);
    require(!(device_sleeps && work) || kick);  // nobody sleeps over work
    if (kick) device_sleeps = false;
  }
  void pop() {
    kit::ring_chain c;
    const bool there = bench.device.pop(bench.host, c);
    require(there == !published.empty());
    if (!there) return;
    held.emplace_back(c, published.front());
    published.pop_front();
  }
  void push(std::size_t which) {
    if (held.empty()) return;
    which %= held.size();
    bench.device.push(bench.host, held[which].first, 4);
    used.push_back(held[which].second);
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    const bool interrupt = bench.device.interrupt_needed(bench.host);
    require(!driver_sleeps || interrupt);
    if (interrupt) driver_sleeps = false;
  }
  void collect() {
    const auto u = bench.driver.collect(bench.guest);
    require(u.has_value() == !used.empty());
    if (!u) return;
    require(u->token == used.front());
    used.pop_front();
  }
  void sleep_device() {
    const bool work = bench.device.enable_kicks(bench.host);
    require(work == !published.empty());
    device_sleeps = !work;
  }
  void sleep_driver() {
    const bool work = bench.driver.enable_interrupts(bench.guest);
    require(work == !used.empty());
    driver_sleeps = !work;
  }
  void step(unsigned what) {
    switch (what % 8) {
      case 0:
      case 1:
        return add();
      case 2:
        return publish();
      case 3:
        return pop();
      case 4:
        return push(what / 8);
      case 5:
        return collect();
      case 6:
        return what % 16 < 8 ? sleep_device() : sleep_driver();
      case 7:
        if (what % 16 < 8) {
          bench.device.disable_kicks(bench.host);
          device_sleeps = false;
        } else {
          bench.driver.disable_interrupts(bench.guest);
          driver_sleeps = false;
        }
    }
  }
};

}  // namespace

TEST_CASE("in any order of steps chains keep theirs, and nobody sleeps over work") {
  REQUIRE(rc::check("virtqueue steps", [] {
    const auto entries = std::uint32_t{1} << *rc::gen::inRange(0, 4);
    naive_ring ring(ring_params(entries, *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()));
    const auto steps = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0u, 256u));
    for (const unsigned s : steps) ring.step(s);
    return ring.good && !ring.bench.driver.broken() && !ring.bench.device.broken() &&
           ring.bench.device.statistics().held.current() == ring.held.size() &&
           ring.bench.driver.outstanding() ==
               ring.added.size() + ring.published.size() + ring.held.size() + ring.used.size();
  }));
}
