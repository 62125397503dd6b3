// The memory that a network controller touches for packets: it fetches receive descriptors in
// bursts, writes a packet into the buffers they name and writes each descriptor back; for a packet
// to send it fetches a descriptor, reads the buffer and writes the descriptor back. A capture holds
// no addresses, so all of them are made up:
//
//   base            receive ring, transmit ring, receive buffers, transmit buffers
//
// Slot n of a ring always has buffer n (recycled, as a driver with a page pool has it). Leaves out:
// interrupts, doorbells, header split, segmentation offload, a device that prefetches across the
// end of the ring.
#pragma once

#include <cstdint>

#include "trace/record.h"
#include "workloads/record_runs.h"

namespace svasim::workloads {

struct nic_layout {
  std::uint64_t base = std::uint64_t{4} << 30;  ///< a multiple of 4 KiB
  std::uint32_t entries = 512;                  ///< of each ring; a multiple of `burst`
  std::uint32_t burst = 4;                      ///< receive descriptors fetched at once
  std::uint64_t buffer = 2048;                  ///< bytes of one

  static constexpr std::uint64_t descriptor = 16;
  static constexpr std::uint64_t page = 4096;
  std::uint64_t ring_size() const { return round_up(entries * descriptor); }
  std::uint64_t buffers_size() const { return round_up(entries * buffer); }
  std::uint64_t span() const { return 2 * (ring_size() + buffers_size()); }
  static constexpr std::uint64_t round_up(std::uint64_t n) { return (n + page - 1) / page * page; }
};

class nic_ring {
 public:
  explicit nic_ring(const nic_layout& layout) : m_layout(layout) {}
  /// A packet of `bytes`, at least 1, at the time and of the stream of `like`. One that is longer
  /// than a buffer takes several descriptors.
  void receive(std::uint64_t bytes, const trace::record& like, record_runs& to);
  void transmit(std::uint64_t bytes, const trace::record& like, record_runs& to);

 private:
  static void add(trace::record like, std::uint64_t address, std::uint64_t bytes, bool write,
                  record_runs& to);

  nic_layout m_layout;
  std::uint32_t m_receive = 0;
  std::uint32_t m_transmit = 0;
};

}  // namespace svasim::workloads
