// A split virtqueue in memory (virtio 1.2 section 2.7): where its parts lie, a descriptor, and the
// test that suppresses notifications. Little-endian.
//
// Left out: packed rings, VIRTIO_F_IN_ORDER, VIRTIO_F_NOTIFY_ON_EMPTY.
#pragma once

#include <array>
#include <cstdint>

namespace svasim::arch {

/// Largest number of entries; always a power of two.
constexpr std::uint32_t virtqueue_max_entries = 32768;

struct virtqueue_descriptor {
  static constexpr std::uint16_t next_flag = 1;
  static constexpr std::uint16_t write_flag = 2;     ///< the device writes it
  static constexpr std::uint16_t indirect_flag = 4;  ///< `address` holds a table of descriptors
  static constexpr std::uint32_t bytes = 16;

  std::uint64_t address = 0;
  std::uint32_t length = 0;
  std::uint16_t flags = 0;
  std::uint16_t next = 0;

  bool has_next() const { return (flags & next_flag) != 0; }
  bool writable() const { return (flags & write_flag) != 0; }
  bool indirect() const { return (flags & indirect_flag) != 0; }
  friend bool operator==(const virtqueue_descriptor& a, const virtqueue_descriptor& b) {
    return a.address == b.address && a.length == b.length && a.flags == b.flags && a.next == b.next;
  }
};
using virtqueue_descriptor_bytes = std::array<std::uint8_t, virtqueue_descriptor::bytes>;
virtqueue_descriptor_bytes encode(const virtqueue_descriptor& d);
virtqueue_descriptor decode_virtqueue_descriptor(const virtqueue_descriptor_bytes& bytes);

/// avail.flags bit 0 and used.flags bit 0, without EVENT_IDX.
constexpr std::uint16_t virtqueue_no_interrupt = 1;
constexpr std::uint16_t virtqueue_no_notify = 1;

/// Guest-physical addresses of the three parts and of what is in them.
struct virtqueue_layout {
  std::uint32_t entries = 0;
  std::uint64_t descriptors = 0;  ///< 16-byte aligned
  std::uint64_t avail = 0;        ///< 2-byte aligned; the driver writes it
  std::uint64_t used = 0;         ///< 4-byte aligned; the device writes it

  static constexpr std::uint64_t descriptors_size(std::uint32_t n) { return std::uint64_t{16} * n; }
  static constexpr std::uint64_t avail_size(std::uint32_t n) { return 6 + std::uint64_t{2} * n; }
  static constexpr std::uint64_t used_size(std::uint32_t n) { return 6 + std::uint64_t{8} * n; }
  /// The parts in one piece that begins at `base`, which is 64-byte aligned: descriptors, avail
  /// and, on a line of its own, used.
  static virtqueue_layout at(std::uint64_t base, std::uint32_t entries);
  /// The bytes of such a piece.
  static std::uint64_t size(std::uint32_t entries);

  std::uint64_t descriptor(std::uint32_t i) const { return descriptors + std::uint64_t{16} * i; }
  std::uint64_t avail_flags() const { return avail; }
  std::uint64_t avail_index() const { return avail + 2; }
  std::uint64_t avail_entry(std::uint16_t index) const { return avail + 4 + 2 * slot(index); }
  std::uint64_t used_event() const { return avail + 4 + std::uint64_t{2} * entries; }
  std::uint64_t used_flags() const { return used; }
  std::uint64_t used_index() const { return used + 2; }
  std::uint64_t used_entry(std::uint16_t index) const { return used + 4 + 8 * slot(index); }
  std::uint64_t avail_event() const { return used + 4 + std::uint64_t{8} * entries; }

 private:
  std::uint64_t slot(std::uint16_t index) const { return index & (entries - 1); }
};

/// EVENT_IDX: has a producer that published [before, after) to notify a consumer that asked to hear
/// of `event`? All modulo 2^16.
constexpr bool virtqueue_need_event(std::uint16_t event, std::uint16_t after,
                                    std::uint16_t before) {
  return static_cast<std::uint16_t>(after - event - 1) < static_cast<std::uint16_t>(after - before);
}

}  // namespace svasim::arch
