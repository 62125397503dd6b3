// What happens when one end of a virtqueue does what it must not: a counted error, never a hang.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "ring_bench.h"

using namespace svasim;
using arch::virtqueue_descriptor;
using test::guest_base;
using test::ring_bench;
using test::ring_params;
using virtio::ring_defect;

namespace {

constexpr std::uint16_t next = virtqueue_descriptor::next_flag;
constexpr std::uint16_t writable = virtqueue_descriptor::write_flag;
constexpr std::uint16_t indirect = virtqueue_descriptor::indirect_flag;

// A ring of four that the test fills by hand.
struct bench : ring_bench {
  explicit bench(bool with_indirect = false) : ring_bench(ring_params(4, true, with_indirect)) {}

  void poke(std::uint64_t address, std::uint64_t v, std::uint32_t n) {
    memory.write(base::pa(address + guest_base), &v, n);
  }
  void descriptor_at(std::uint64_t at, std::uint64_t address, std::uint32_t length,
                     std::uint16_t flags, std::uint16_t after = 0) {
    const auto bytes = encode(virtqueue_descriptor{address, length, flags, after});
    memory.write(base::pa(at + guest_base), bytes.data(), bytes.size());
  }
  void descriptor(std::uint16_t i, std::uint64_t address, std::uint32_t length, std::uint16_t flags,
                  std::uint16_t after = 0) {
    descriptor_at(driver.layout().descriptor(i), address, length, flags, after);
  }
  void offer(std::uint16_t head, std::uint16_t index = 0) {
    poke(driver.layout().avail_entry(index), head, 2);
    poke(driver.layout().avail_index(), index + 1u, 2);
  }
  ring_defect defect() {
    CHECK_FALSE(device.pop(host, chain));
    return device.defect();
  }
};

}  // namespace

TEST_CASE("a chain that loops breaks the queue") {
  bench b;
  b.descriptor(0, 0x2000, 4, next, 1);
  b.descriptor(1, 0x2000, 4, next, 0);
  b.offer(0);
  CHECK(b.defect() == ring_defect::loop);
  CHECK(b.device.broken());
  CHECK(b.device.statistics().loops.value() == 1);
  b.host.accesses();
  CHECK_FALSE(b.device.pop(b.host, b.chain));
  CHECK_FALSE(b.device.enable_kicks(b.host));
  CHECK_FALSE(b.device.interrupt_needed(b.host));
  CHECK(b.host.accesses().empty());
  CHECK(b.device.statistics().loops.value() == 1);
  CHECK(std::string(to_string(b.device.defect())) == "chain without end");
}

TEST_CASE("a descriptor that leads to itself is a loop, too") {
  bench b;
  b.descriptor(3, 0x2000, 4, next, 3);
  b.offer(3);
  CHECK(b.defect() == ring_defect::loop);
}

TEST_CASE("indices outside the ring break it: the avail index, a head, a next") {
  SECTION("avail index") {
    bench b;
    b.poke(b.driver.layout().avail_index(), 5, 2);
    CHECK(b.defect() == ring_defect::index);
  }
  SECTION("head") {
    bench b;
    b.offer(4);
    CHECK(b.defect() == ring_defect::index);
  }
  SECTION("next") {
    bench b;
    b.descriptor(0, 0x2000, 4, next, 4);
    b.offer(0);
    CHECK(b.defect() == ring_defect::index);
    CHECK(b.device.statistics().bad_index.value() == 1);
  }
  SECTION("as many as entries is legal") {
    bench b;
    b.descriptor(0, 0x2000, 4, 0);
    b.poke(b.driver.layout().avail_index(), 4, 2);
    CHECK(b.device.pop(b.host, b.chain));
  }
}

TEST_CASE("an empty part, and a readable one behind a writable one, break the queue") {
  SECTION("empty") {
    bench b;
    b.descriptor(0, 0x2000, 0, 0);
    b.offer(0);
    CHECK(b.defect() == ring_defect::descriptor);
  }
  SECTION("order") {
    bench b;
    b.descriptor(0, 0x2000, 4, next | writable, 1);
    b.descriptor(1, 0x2000, 4, 0);
    b.offer(0);
    CHECK(b.defect() == ring_defect::descriptor);
    CHECK(b.device.statistics().bad_descriptor.value() == 1);
  }
}

TEST_CASE("an address outside the guest's memory breaks the queue when it is used") {
  bench b;
  b.descriptor(0, test::guest_size - 8, 16, 0);
  b.offer(0);
  REQUIRE(b.device.pop(b.host, b.chain));
  std::uint8_t bytes[16];
  CHECK(b.device.read(b.host, b.chain, 0, bytes, 8));
  CHECK_FALSE(b.device.read(b.host, b.chain, 0, bytes, 16));
  CHECK(b.device.defect() == ring_defect::outside);
  CHECK(b.device.statistics().outside.value() == 1);
  b.host.accesses();
  b.device.push(b.host, b.chain, 0);
  CHECK(b.host.accesses().empty());
}

TEST_CASE("a part that wraps round the end of the address space breaks the queue") {
  bench b;
  b.descriptor(0, ~std::uint64_t{0}, 2, 0);
  b.offer(0);
  CHECK(b.defect() == ring_defect::outside);
}

TEST_CASE("a ring that lies outside the guest's memory breaks at the first look") {
  ring_bench b(ring_params(4, true), test::guest_size);
  CHECK_FALSE(b.device.pop(b.host, b.chain));
  CHECK(b.device.defect() == ring_defect::outside);
  CHECK(b.device.statistics().idle.value() == 0);
}

TEST_CASE("a chain offered again before it is back breaks the queue") {
  bench b;
  b.descriptor(0, 0x2000, 4, 0);
  b.offer(0);
  REQUIRE(b.device.pop(b.host, b.chain));
  b.offer(0, 1);
  CHECK(b.defect() == ring_defect::reused);
  CHECK(b.device.statistics().reused.value() == 1);
}

TEST_CASE("an indirect table is refused without the feature, and where it is none") {
  const auto defect = [](bool feature, std::uint32_t length, std::uint16_t flags) {
    bench b(feature);
    b.descriptor_at(0x4000, 0x2000, 4, 0);
    b.descriptor(0, 0x4000, length, flags);
    b.offer(0);
    return b.device.pop(b.host, b.chain) ? ring_defect::none : b.device.defect();
  };
  CHECK(defect(true, 16, indirect) == ring_defect::none);
  CHECK(defect(false, 16, indirect) == ring_defect::descriptor);
  CHECK(defect(true, 0, indirect) == ring_defect::descriptor);
  CHECK(defect(true, 24, indirect) == ring_defect::descriptor);
  CHECK(defect(true, 16, indirect | next) == ring_defect::descriptor);
}

TEST_CASE("an indirect table in an indirect table, or one that loops, breaks the queue") {
  bench nested(true);
  nested.descriptor_at(0x4000, 0x4000, 16, indirect);
  nested.descriptor(0, 0x4000, 16, indirect);
  nested.offer(0);
  CHECK(nested.defect() == ring_defect::descriptor);
  bench loop(true);
  loop.descriptor_at(0x4000, 0x2000, 4, next, 0);
  loop.descriptor(0, 0x4000, 16, indirect);
  loop.offer(0);
  CHECK(loop.defect() == ring_defect::loop);
  CHECK(loop.chain.parts.size() == virtio::device_queue::max_indirect);
}

TEST_CASE("a used entry that names no chain, or more than there are, breaks the driver's end") {
  SECTION("not given") {
    bench b;
    REQUIRE(b.add(1));
    b.poke(b.driver.layout().used_entry(0), 2, 8);
    b.poke(b.driver.layout().used_index(), 1, 2);
    CHECK_FALSE(b.driver.collect(b.guest));
    CHECK(b.driver.broken());
  }
  SECTION("outside the ring") {
    bench b;
    REQUIRE(b.add(1));
    b.poke(b.driver.layout().used_entry(0), 4, 8);
    b.poke(b.driver.layout().used_index(), 1, 2);
    CHECK_FALSE(b.driver.collect(b.guest));
    CHECK(b.driver.broken());
  }
  SECTION("too many") {
    bench b;
    REQUIRE(b.add(1));
    b.poke(b.driver.layout().used_index(), 2, 2);
    CHECK_FALSE(b.driver.collect(b.guest));
    CHECK(b.driver.broken());
    CHECK(b.driver.statistics().errors.value() == 1);
    CHECK_FALSE(b.add(2));
    CHECK_FALSE(b.driver.collect(b.guest));
    CHECK_FALSE(b.driver.enable_interrupts(b.guest));
    CHECK(b.driver.statistics().errors.value() == 1);
  }
}

TEST_CASE("any bytes in the ring end in chains or in one counted error") {
  REQUIRE(rc::check("hostile ring", [] {
    bench b(*rc::gen::arbitrary<bool>());
    b.guest.noting = b.host.noting = false;
    const auto small = rc::gen::inRange<std::uint64_t>(0, 6);
    for (std::uint16_t i = 0; i < 4; ++i) {
      const std::uint64_t address =
          *rc::gen::oneOf(rc::gen::just(std::uint64_t{0x2000}), rc::gen::just(test::ring_at),
                          rc::gen::arbitrary<std::uint64_t>());
      const auto length = static_cast<std::uint32_t>(*rc::gen::oneOf(
          small, rc::gen::just(std::uint64_t{32}), rc::gen::arbitrary<std::uint64_t>()));
      b.descriptor(i, address, length, static_cast<std::uint16_t>(*rc::gen::inRange(0, 8)),
                   static_cast<std::uint16_t>(*small));
      b.poke(b.driver.layout().avail_entry(i), *small, 2);
    }
    b.poke(b.driver.layout().avail_index(), *small, 2);
    std::uint8_t bytes[8] = {};
    unsigned taken = 0;
    for (; taken < 10 && b.device.pop(b.host, b.chain); ++taken) {
      (void)b.device.read(b.host, b.chain, 0, bytes, 8);
      (void)b.device.write(b.host, b.chain, 0, bytes, 1);
      b.device.push(b.host, b.chain, 1);
    }
    const auto& s = b.device.statistics();
    const std::uint64_t errors = s.bad_index.value() + s.loops.value() + s.bad_descriptor.value() +
                                 s.reused.value() + s.outside.value();
    return taken < 10 && errors == (b.device.broken() ? 1 : 0);
  }));
}
