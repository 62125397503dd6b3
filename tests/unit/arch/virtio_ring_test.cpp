// Where the parts of a split virtqueue lie, and when it notifies.
#include "arch/virtio_ring.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim::arch;

TEST_CASE("a descriptor is 16 bytes: address, length, flags, next") {
  virtqueue_descriptor d;
  d.address = 0x1122334455667788;
  d.length = 0x99aabbcc;
  d.flags = virtqueue_descriptor::next_flag | virtqueue_descriptor::write_flag;
  d.next = 0xddee;
  const virtqueue_descriptor_bytes expected = {0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
                                               0xcc, 0xbb, 0xaa, 0x99, 3,    0,    0xee, 0xdd};
  CHECK(encode(d) == expected);
  CHECK(decode_virtqueue_descriptor(expected) == d);
  CHECK(d.has_next());
  CHECK(d.writable());
  CHECK_FALSE(d.indirect());
}

TEST_CASE("the parts of a ring have the sizes of virtio 1.2") {
  using l = virtqueue_layout;
  CHECK(l::descriptors_size(256) == 4096);
  CHECK(l::avail_size(256) == 518);
  CHECK(l::used_size(256) == 2054);
  CHECK(l::size(1) == 128);
  CHECK(l::size(256) == 4096 + 576 + 2112);
  const l ring = l::at(0x10000, 256);
  CHECK(ring.avail == 0x11000);
  CHECK(ring.used == 0x11240);
  CHECK(ring.descriptor(255) == 0x10ff0);
  CHECK(ring.avail_flags() == 0x11000);
  CHECK(ring.avail_index() == 0x11002);
  CHECK(ring.avail_entry(257) == 0x11006);
  CHECK(ring.used_event() == 0x11204);
  CHECK(ring.used_index() == 0x11242);
  CHECK(ring.used_entry(0xffff) == 0x11244 + 255 * 8);
  CHECK(ring.avail_event() == 0x11244 + 256 * 8);
}

TEST_CASE("an event is needed where it lies among what was published, index by index") {
  REQUIRE(rc::check("need_event", [](std::uint16_t event, std::uint16_t before) {
    // Mostly few entries, sometimes as many as a ring can hold.
    const auto n =
        *rc::gen::weightedOneOf<std::uint32_t>({{4, rc::gen::inRange<std::uint32_t>(0, 5)},
                                                {1, rc::gen::inRange<std::uint32_t>(0, 65536)}});
    const auto near = *rc::gen::inRange<int>(-3, 4);
    if (*rc::gen::arbitrary<bool>()) event = static_cast<std::uint16_t>(before + near);
    bool naive = false;
    for (std::uint32_t i = 0; i < n; ++i) naive |= static_cast<std::uint16_t>(before + i) == event;
    return virtqueue_need_event(event, static_cast<std::uint16_t>(before + n), before) == naive;
  }));
}

TEST_CASE("events are told apart across the wrap of the index") {
  CHECK(virtqueue_need_event(0xffff, 1, 0xffff));
  CHECK(virtqueue_need_event(0, 1, 0xffff));
  CHECK_FALSE(virtqueue_need_event(1, 1, 0xffff));
  CHECK_FALSE(virtqueue_need_event(0xfffe, 1, 0xffff));
  CHECK_FALSE(virtqueue_need_event(5, 5, 5));
}
