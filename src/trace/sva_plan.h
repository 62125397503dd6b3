// What processes that share their address space with a device do: the plan behind an SVA workload.
// Each process makes buffers, hands them to the device as messages (work descriptors carrying
// virtual addresses and its PASID), and gives them back. No addresses of pages: those come from the
// first touch.
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"

namespace svasim::trace {

enum class message_order : std::uint8_t { sequential, random };
/// When a process gives a buffer back (munmap).
enum class buffer_end : std::uint8_t { keep, each, all_at_end };

/// On which devices of a platform with several.
struct device_choice {
  std::string names;            ///< in order, between commas; empty: all
  std::uint32_t functions = 1;  ///< of each VM, from the devices in turn
  bool given() const { return !names.empty() || functions != 1; }
};

struct sva_plan {
  std::string name;
  std::string question;         ///< that the workload answers, a sentence
  std::uint32_t vms = 1;        ///< each with the same processes; bare metal has them as hosts
  std::uint32_t processes = 1;  ///< of each VM; one PASID each
  std::uint32_t buffers = 1;    ///< of each process, one after the other
  base::byte_size buffer = base::mib(1);
  std::uint32_t messages = 1;                 ///< how often the device goes over a whole buffer
  std::uint32_t queue_depth = 1;              ///< messages of a process under way
  base::byte_size access = base::bytes(512);  ///< length of an access of the device
  message_order order = message_order::sequential;
  std::uint32_t write_percent = 50;   ///< accesses that write, by page: the last of a buffer
  std::uint32_t touched_percent = 0;  ///< pages the CPU wrote before the device does, at random
  std::uint32_t cow_percent = 0;      ///< of the others: there, but read-only until written
  std::uint32_t swapped_percent = 0;  ///< of the others: swapped out
  buffer_end end = buffer_end::each;
  /// While the device works, unmap and touch a part of the buffer again and again: how many pages
  /// at a time; 0: never.
  std::uint32_t storm_pages = 0;
  base::duration storm_interval = base::us(10);
  /// After every so many messages of a process it forks: all its pages become read-only; 0: never.
  std::uint32_t fork_after = 0;
  std::uint64_t seed = 1;
  device_choice devices;

  /// Of a buffer.
  std::uint64_t pages() const { return (buffer.value() + 4095) / 4096; }
  /// Of all processes of all VMs.
  std::uint64_t total_messages() const {
    return std::uint64_t{vms} * processes * buffers * messages;
  }
};

}  // namespace svasim::trace
